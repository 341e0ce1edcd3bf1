"""rclone and the versions of objects."""

import base64
import re
import time

from support.programs.rclone import Rclone


def test_versions(server, s3, bucket, tmp_path, customer_key):
    rclone = Rclone(server, bucket, tmp_path / "home")
    key = {"sse_customer_algorithm": "AES256", "sse_customer_key_base64": base64.b64encode(customer_key).decode()}
    remote = rclone.remote("remote", **key)
    rclone("backend", "versioning", remote, "Enabled")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    old = rclone.place.file("up/k.txt", 100)
    rclone("copy", "up", remote)
    # rclone distinguishes versions by the second of their time.
    time.sleep(1)
    new = rclone.place.file("up/k.txt", 200)
    rclone("copy", "up", remote)
    rclone("delete", remote)
    assert rclone("lsf", remote) == b""
    names = rclone("lsf", "--s3-versions", remote).decode().splitlines()
    assert len(names) == 2 and all(re.fullmatch(r"k-v[\d-]+\.txt", name) for name in names)
    found = [rclone("cat", "--s3-versions", f"{remote}/{name}") for name in names]
    assert sorted(found, key=len) == [old, new]
    rclone("backend", "cleanup-hidden", remote)
    listed = s3.list_object_versions(Bucket=bucket)
    assert "Versions" not in listed and "DeleteMarkers" not in listed
