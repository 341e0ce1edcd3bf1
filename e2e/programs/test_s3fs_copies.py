"""s3fs: server-side copies (rename, chmod, changes in large files) and multipart uploads."""

import base64
import os
import secrets

import pytest

from support.programs.program import MIB, holds, holds_sealed, names_in
from support.programs.s3fs import S3fs

# Files of 10 MiB and more are uploaded in parts, and copied in parts of 5 MiB.
PARTS = ["multipart_size=5", "multipart_threshold=10"]
PARTS_OF_COPIES = ["multipart_copy_size=5", "singlepart_copy_limit=10"]


@pytest.fixture
def s3fs(server, bucket, tmp_path):
    return S3fs(server, bucket, tmp_path / "home")


def key_option(s3fs, key):
    """Writes a customer key to a file and returns the option for it."""
    path = s3fs.place / "keys"
    path.touch(0o600)
    path.write_bytes(base64.b64encode(key))
    return f"use_sse=custom:{path}"


@pytest.fixture(params=["default", "sse-c"])
def options(request, s3fs, customer_key):
    if request.param == "default":
        return []
    return [key_option(s3fs, customer_key)]


@pytest.fixture
def check(s3, bucket, options, customer_key):
    def check(name, content):
        if options:
            return holds_sealed(s3, bucket, name, content, customer_key)
        return holds(s3, bucket, name, content)

    return check


def test_renaming_and_changing_modes(s3fs, s3, bucket, options, check):
    content = secrets.token_bytes(70_000)
    with s3fs.mounted(*options) as top:
        (top / "dir").mkdir()
        (top / "dir/ü+").write_bytes(content)
        (top / "dir/ü+").rename(top / "b c")
        (top / "b c").chmod(0o640)
        os.utime(top / "b c", (1_000_000_000, 1_000_000_000))
        (top / "dir/other").write_bytes(b"other")
        (top / "dir").rename(top / "moved")
    assert names_in(s3, bucket) == ["b c", "moved/", "moved/other"]
    check("b c", content)
    check("moved/other", b"other")
    with s3fs.mounted(*options) as top:
        status = (top / "b c").stat()
        assert status.st_mode & 0o777 == 0o640 and status.st_mtime == 1_000_000_000
        assert (top / "b c").read_bytes() == content and (top / "moved/other").read_bytes() == b"other"


def test_a_large_file(s3fs, s3, bucket, options, check):
    size = 22 * MIB
    content = bytearray(secrets.token_bytes(size))
    # With a customer key s3fs 1.90 cannot upload in parts: it begins the upload without the key.
    options = [*options, "nomultipart"] if options else PARTS
    with s3fs.mounted(*options) as top:
        (top / "big").write_bytes(content)
    assert ("-" in check("big", bytes(content))["ETag"]) == (options == PARTS)

    with s3fs.mounted(*options) as top:
        assert (top / "big").read_bytes() == content
        # Only changed parts are sent, the others are copied.
        with (top / "big").open("r+b") as file:
            file.seek(12 * MIB)
            file.write(b"changed")
        content[12 * MIB : 12 * MIB + 7] = b"changed"
    with s3fs.mounted(*options, *PARTS_OF_COPIES) as top:
        (top / "big").rename(top / "renamed")
    assert names_in(s3, bucket) == ["renamed"]
    assert ("-" in check("renamed", bytes(content))["ETag"]) == (options == PARTS)
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_parts_with_a_key_in_an_upload_without_one(s3fs, s3, bucket, customer_key):
    """s3fs 1.90 does this with a customer key and without nomultipart; it must not create an object."""
    option = key_option(s3fs, customer_key)
    with s3fs.mounted(option, *PARTS, "retries=2") as top, pytest.raises(OSError):
        (top / "big").write_bytes(bytes(22 * MIB))
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        assert entry["Size"] == 0
