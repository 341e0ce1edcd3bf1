"""s3cmd: multipart uploads and server-side copies."""

import re
import secrets

import pytest

from support.programs.program import MIB, holds, names_in
from support.programs.s3cmd import S3cmd


@pytest.fixture
def s3cmd(server, bucket, tmp_path):
    return S3cmd(server, bucket, tmp_path / "home")


def parts_of(got):
    return int(re.fullmatch(r'"[0-9a-f]{32}-(\d+)"', got["ETag"])[1])


@pytest.mark.parametrize("options, parts", [([], 2), (["--multipart-chunk-size-mb=5"], 5)])
def test_a_large_file(s3cmd, s3, bucket, options, parts):
    content = s3cmd.place.file("up", 20 * MIB + 7)
    s3cmd("put", *options, "up", f"{s3cmd.url}/big")
    assert parts_of(holds(s3, bucket, "big", content)) == parts
    s3cmd("get", f"{s3cmd.url}/big", "down")
    assert (s3cmd.place / "down").read_bytes() == content
    # s3cmd reads the MD5 from the metadata that it wrote.
    assert "upload:" not in s3cmd("sync", "up", f"{s3cmd.url}/big")


def test_a_stream(s3cmd, s3, bucket):
    content = secrets.token_bytes(6 * MIB)
    s3cmd("put", "--multipart-chunk-size-mb=5", "-", f"{s3cmd.url}/stream", stdin=content)
    assert parts_of(holds(s3, bucket, "stream", content)) == 2


def test_an_interrupted_upload_is_resumed(s3cmd, s3, bucket):
    content = s3cmd.place.file("up", 12 * MIB)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=content[: 5 * MIB])
    assert upload in s3cmd("multipart", s3cmd.url)
    assert re.search(rf"\t1\t\S+\t{5 * MIB}", s3cmd("listmp", f"{s3cmd.url}/big", upload))
    done = s3cmd("put", "--multipart-chunk-size-mb=5", "--continue-put", "up", f"{s3cmd.url}/big")
    assert "part 1 of 3" not in done
    assert parts_of(holds(s3, bucket, "big", content)) == 3
    upload = s3.create_multipart_upload(Bucket=bucket, Key="other")["UploadId"]
    s3cmd("abortmp", f"{s3cmd.url}/other", upload)
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_copies_and_moves(s3cmd, s3, bucket):
    content = secrets.token_bytes(70_000)
    s3.put_object(Bucket=bucket, Key="dir/käse +", Body=content, ContentType="text/x-own", Metadata={"a": "b"})
    s3cmd("cp", f"{s3cmd.url}/dir/käse +", f"{s3cmd.url}/copy +")
    got = holds(s3, bucket, "copy +", content)
    assert got["ContentType"] == "text/x-own" and got["Metadata"] == {"a": "b"}
    s3cmd("mv", "--server-side-encryption", f"{s3cmd.url}/copy +", f"{s3cmd.url}/moved")
    holds(s3, bucket, "moved", content)
    s3cmd("modify", "--add-header", "x-amz-meta-c:d", "--mime-type", "text/y", f"{s3cmd.url}/moved")
    got = holds(s3, bucket, "moved", content)
    assert got["ContentType"] == "text/y" and got["Metadata"]["c"] == "d" and got["Metadata"]["a"] == "b"
    assert names_in(s3, bucket) == ["dir/käse +", "moved"]


def test_a_copy_in_parts(s3cmd, s3, bucket):
    settings = s3cmd.place / ".s3cfg"
    settings.write_text(settings.read_text() + "multipart_copy_chunk_size_mb = 5\n")
    content = secrets.token_bytes(12 * MIB)
    s3.put_object(Bucket=bucket, Key="big", Body=content, ContentType="text/x-own", Metadata={"a": "b"})
    s3cmd("cp", f"{s3cmd.url}/big", f"{s3cmd.url}/copy")
    got = holds(s3, bucket, "copy", content)
    assert parts_of(got) == 3 and got["ContentType"] == "text/x-own" and got["Metadata"] == {"a": "b"}


def test_a_sync_of_buckets(s3cmd, s3, bucket):
    s3.create_bucket(Bucket=f"{bucket}-other")
    for name in ["a", "dir/b"]:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
    s3.put_object(Bucket=f"{bucket}-other", Key="old")
    s3cmd("sync", "--delete-removed", f"{s3cmd.url}/", f"{s3cmd.url}-other/")
    assert names_in(s3, f"{bucket}-other") == ["a", "dir/b"]
    holds(s3, f"{bucket}-other", "dir/b", b"dir/b")
