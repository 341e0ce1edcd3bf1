"""rclone with multipart objects and server-side copies."""

import base64
import hashlib
import re
import secrets

import pytest

from support.programs.program import MIB, holds, holds_sealed, names_in
from support.programs.rclone import Rclone

PARTS = ["--s3-chunk-size", "5Mi", "--s3-upload-cutoff", "5Mi", "--s3-copy-cutoff", "5Mi"]
HOW = ["default", "sse-c"]


@pytest.fixture
def rclone(server, bucket, tmp_path):
    return Rclone(server, bucket, tmp_path / "home")


def sealed(key):
    return {"sse_customer_algorithm": "AES256", "sse_customer_key_base64": base64.b64encode(key).decode()}


@pytest.fixture
def settings(customer_key):
    return {"default": {"server_side_encryption": "AES256"}, "sse-c": sealed(customer_key)}


@pytest.fixture
def check(s3, bucket, customer_key):
    """Checks an object and its number of parts."""

    def check(how, name, content, parts=None):
        args = (customer_key,) if how == "sse-c" else ()
        got = (holds_sealed if args else holds)(s3, bucket, name, content, *args)
        assert re.fullmatch(r'"[0-9a-f]{32}(-\d+)?"', got["ETag"])
        assert got["ETag"].strip('"')[33:] == (str(parts) if parts else "")

    return check


@pytest.mark.parametrize("how", HOW)
def test_a_file_in_parts_and_its_copies(rclone, s3, bucket, settings, check, how):
    remote = rclone.remote("remote", **settings[how])
    content = rclone.place.file("up/big", 20 * MIB + 7)
    rclone("copy", "up", remote, *PARTS)
    check(how, "big", content, 5)
    # rclone keeps the MD5 of large files in their metadata.
    rclone("check", "up", remote)
    rclone("check", "--download", "up", remote)
    rclone("copyto", "--multi-thread-cutoff", "5Mi", "--multi-thread-streams", "3", f"{remote}/big", "down")
    assert (rclone.place / "down").read_bytes() == content

    # UploadPartCopy
    rclone("copyto", f"{remote}/big", f"{remote}/dir/copy", *PARTS)
    check(how, "dir/copy", content, 5)
    rclone("check", "--download", "up", f"{remote}/dir", "--include", "nothing")
    rclone("moveto", f"{remote}/dir/copy", f"{remote}/moved", *PARTS)
    check(how, "moved", content, 5)
    # CopyObject
    rclone("moveto", f"{remote}/moved", f"{remote}/whole")
    check(how, "whole", content)
    assert names_in(s3, bucket) == ["big", "whole"]
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_parts_without_the_key_or_with_another(rclone, bucket, settings):
    content = rclone.place.file("up/big", 6 * MIB)
    rclone("copy", "up", rclone.remote("right", **settings["sse-c"]), *PARTS)
    for name, given, text in [
        ("without", {}, "InvalidRequest"),
        ("other", sealed(secrets.token_bytes(32)), "AccessDenied"),
    ]:
        rclone.fails(text, "copy", rclone.remote(name, **given), "down")
        assert rclone.place.tree("down") == {}
        for options in [], PARTS:
            rclone.fails("", "copy", f"{name}:{bucket}", f"{name}:{bucket}/copies", *options)
    rclone("copy", f"right:{bucket}", "down")
    assert rclone.place.tree("down") == {"big": content}, "nothing else was created"


@pytest.mark.parametrize("how", HOW)
def test_small_copies_and_moves(rclone, s3, bucket, settings, check, how):
    remote = rclone.remote("remote", **settings[how])
    tree = {name: rclone.place.file(f"up/{name}", size) for name, size in {"a b.txt": 0, "dir/ü+%.txt": 70_000}.items()}
    rclone("copy", "up", f"{remote}/from")
    rclone("copy", f"{remote}/from", f"{remote}/to")
    for name, content in tree.items():
        check(how, f"to/{name}", content)
    rclone("move", f"{remote}/to", f"{remote}/moved")
    rclone("check", "--download", "up", f"{remote}/moved")
    assert names_in(s3, bucket) == sorted([f"{top}/{name}" for top in ("from", "moved") for name in tree])
    rclone("moveto", f"{remote}/moved/a b.txt", f"{remote}/new name")
    check(how, "new name", b"")


def test_copies_to_another_bucket_and_another_key(rclone, s3, bucket_name, settings, customer_key):
    """Between remotes with different keys the bytes go through rclone, because it cannot send both keys to the server."""
    other = f"{bucket_name}-other"
    s3.create_bucket(Bucket=other)
    content = rclone.place.file("up/k", 100_000)
    source = rclone.remote("source", **settings["sse-c"])
    rclone("copy", "up", source)
    rclone("copy", source, f"source:{other}")
    holds_sealed(s3, other, "k", content, customer_key)
    new = secrets.token_bytes(32)
    rclone.remote("target", **sealed(new))
    rclone("copy", source, f"target:{other}/new")
    holds_sealed(s3, other, "new/k", content, new)
    rclone.remote("plain")
    rclone("copy", source, f"plain:{other}/plain")
    holds(s3, other, "plain/k", content)


@pytest.mark.parametrize("how", HOW)
def test_times_of_existing_objects(rclone, s3, bucket, settings, check, how):
    """rclone changes the time of an object by copying it onto itself with other metadata."""
    remote = rclone.remote("remote", **settings[how])
    content = rclone.place.file("up/k", 70_000)
    rclone("copy", "up", remote)
    rclone("touch", "--timestamp", "2001-02-03T04:05:06", f"{remote}/k")
    check(how, "k", content)
    assert rclone("lsf", "--format", "t", "--use-server-modtime=false", f"{remote}/k").startswith(
        b"2001-02-03 04:05:06"
    )


def test_streams_in_parts(rclone, bucket, settings, check):
    remote = rclone.remote("remote", **settings["sse-c"])
    content = secrets.token_bytes(11 * MIB)
    rclone("rcat", f"{remote}/stream", *PARTS, stdin=content)
    check("sse-c", "stream", content, 3)


def test_the_md5_of_a_file_in_parts(rclone, settings):
    remote = rclone.remote("remote")
    content = rclone.place.file("up/big", 6 * MIB)
    rclone("copy", "up", remote, *PARTS)
    assert rclone("md5sum", remote).decode() == f"{hashlib.md5(content).hexdigest()}  big\n"


def test_interrupted_uploads(rclone, s3, bucket):
    remote = rclone.remote("remote")
    s3.create_multipart_upload(Bucket=bucket, Key="k")
    assert b'"Key": "k"' in rclone("backend", "list-multipart-uploads", remote)
    rclone("backend", "cleanup", "-o", "max-age=1ns", remote)
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
