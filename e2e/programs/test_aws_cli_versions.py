"""`aws s3api`: versions."""

import secrets

import pytest

from support.programs.aws import Aws
from support.programs.program import holds_sealed


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


def test_versions(aws, s3, bucket, customer_key):
    """Versions keep the key with which they were stored."""
    aws.api("put-bucket-versioning", "--versioning-configuration", "Status=Enabled")
    assert aws.api("get-bucket-versioning") == {"Status": "Enabled"}
    old_key, new_key = aws.api_key("old.key", customer_key), aws.api_key("new.key", new := secrets.token_bytes(32))
    old, latest = aws.place.file("old", 1000), aws.place.file("new", 2000)
    first = aws.api("put-object", "--key", "k", "--body", "old", *old_key)["VersionId"]
    second = aws.api("put-object", "--key", "k", "--body", "new", *new_key)["VersionId"]
    holds_sealed(s3, bucket, "k", latest, new)
    holds_sealed(s3, bucket, "k", old, customer_key, VersionId=first)

    marker = aws.api("delete-object", "--key", "k")
    assert marker["DeleteMarker"] is True
    aws.fails("(404)", "s3api", "head-object", "--bucket", bucket, "--key", "k", *new_key)
    listed = aws.api("list-object-versions")
    assert [entry["VersionId"] for entry in listed["Versions"]] == [second, first]
    assert [entry["VersionId"] for entry in listed["DeleteMarkers"]] == [marker["VersionId"]]
    assert aws.s3("ls", aws.url) == ""

    aws.api("get-object", "--key", "k", "--version-id", first, "down", *old_key)
    assert (aws.place / "down").read_bytes() == old
    source = ["--copy-source", f"{bucket}/k?versionId={first}"]
    source += [option.replace("--sse-", "--copy-source-sse-") for option in old_key]
    copied = aws.api("copy-object", "--key", "k", *source, *new_key)
    assert copied["CopySourceVersionId"] == first
    holds_sealed(s3, bucket, "k", old, new)

    aws.api("delete-object", "--key", "k", "--version-id", copied["VersionId"])
    aws.api("delete-object", "--key", "k", "--version-id", marker["VersionId"])
    holds_sealed(s3, bucket, "k", latest, new)
    aws.fails("(BucketNotEmpty)", "s3", "rb", "--force", aws.url)
