"""`aws s3` with multipart objects: uploads, streams, downloads in ranges, server-side copies."""

import secrets

import pytest

from support.programs.aws import Aws
from support.programs.program import MIB, holds, holds_sealed, names_in, sse_c

# The default of the CLI: parts of 8 MiB for objects above 8 MiB.
SIZE = 20 * MIB + 7
SMALL_PARTS = "    multipart_threshold = 5MB\n    multipart_chunksize = 5MB\n    max_concurrent_requests = 4\n"


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


@pytest.fixture
def aws_small_parts(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home", SMALL_PARTS)


def of_parts(s3, bucket, name, parts, size, key=None):
    """Asserts the number of parts of an object, and that no upload is left unfinished."""
    more = sse_c(key) if key else {}
    first = s3.head_object(Bucket=bucket, Key=name, PartNumber=1, **more)
    assert first["PartsCount"] == parts and first["ContentLength"] < size
    head = s3.head_object(Bucket=bucket, Key=name, **more)
    assert head["ContentLength"] == size and head["ETag"].endswith(f'-{parts}"')
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_the_default_parts(aws, s3, bucket):
    content = aws.place.file("up", SIZE)
    aws.s3("cp", "up", f"{aws.url}/big", "--sse", "AES256")
    of_parts(s3, bucket, "big", 3, SIZE)
    holds(s3, bucket, "big", content)
    aws.s3("cp", f"{aws.url}/big", "down")
    assert (aws.place / "down").read_bytes() == content


def test_the_default_parts_with_a_customer_key(aws, s3, bucket, customer_key):
    key = aws.key("customer.key", customer_key)
    content = aws.place.file("up", SIZE)
    aws.s3("cp", "up", f"{aws.url}/big", *key)
    of_parts(s3, bucket, "big", 3, SIZE, customer_key)
    holds_sealed(s3, bucket, "big", content, customer_key)
    aws.s3("cp", f"{aws.url}/big", "down", *key)
    assert (aws.place / "down").read_bytes() == content
    aws.fails("(404)", "s3", "cp", f"{aws.url}/big", "other")
    aws.fails("(403)", "s3", "cp", f"{aws.url}/big", "other", *aws.key("wrong.key", secrets.token_bytes(32)))
    assert not (aws.place / "other").exists()


def test_many_small_parts(aws_small_parts, s3, bucket, customer_key):
    aws, size = aws_small_parts, 45 * MIB
    key = aws.key("customer.key", customer_key)
    content = aws.place.file("up", size)
    aws.s3("mv", "up", f"{aws.url}/big", *key)
    assert not (aws.place / "up").exists()
    of_parts(s3, bucket, "big", 9, size, customer_key)
    holds_sealed(s3, bucket, "big", content, customer_key)
    aws.s3("mv", f"{aws.url}/big", "down", *key)
    assert (aws.place / "down").read_bytes() == content and names_in(s3, bucket) == []


def test_streams(aws_small_parts, s3, bucket, customer_key):
    aws, size = aws_small_parts, 11 * MIB
    key = aws.key("customer.key", customer_key)
    content = secrets.token_bytes(size)
    aws.s3("cp", "-", f"{aws.url}/stream", *key, stdin=content)
    of_parts(s3, bucket, "stream", 3, size, customer_key)
    assert aws.place.run("aws", "s3", "cp", f"{aws.url}/stream", "-", *key) == content


def test_a_file_of_exactly_some_parts(aws_small_parts, s3, bucket):
    content = aws_small_parts.place.file("up", 10 * MIB)
    aws_small_parts.s3("cp", "up", f"{aws_small_parts.url}/big")
    of_parts(s3, bucket, "big", 2, 10 * MIB)
    holds(s3, bucket, "big", content)


def test_a_copy_in_parts(aws_small_parts, s3, bucket, customer_key):
    """UploadPartCopy: from one customer key to another, to the store's keys, and back."""
    aws, size = aws_small_parts, 12 * MIB
    new = secrets.token_bytes(32)
    content = secrets.token_bytes(size)
    s3.put_object(Bucket=bucket, Key="old", Body=content, **sse_c(customer_key))
    from_old = aws.source_key("old.key", customer_key)

    aws.s3("cp", f"{aws.url}/old", f"{aws.url}/new", *from_old, *aws.key("new.key", new))
    of_parts(s3, bucket, "new", 3, size, new)
    holds_sealed(s3, bucket, "new", content, new)
    aws.s3("mv", f"{aws.url}/new", f"{aws.url}/plain", *aws.source_key("new.key", new))
    of_parts(s3, bucket, "plain", 3, size)
    holds(s3, bucket, "plain", content)
    aws.s3("cp", f"{aws.url}/plain", f"{aws.url}/again", *aws.key("new.key", new))
    holds_sealed(s3, bucket, "again", content, new)

    aws.fails("(404)", "s3", "cp", f"{aws.url}/old", f"{aws.url}/x")
    aws.fails("(403)", "s3", "cp", f"{aws.url}/old", f"{aws.url}/x", *aws.source_key("new.key", new))
    assert names_in(s3, bucket) == ["again", "old", "plain"]


def test_a_large_sync(aws_small_parts, s3, bucket, customer_key):
    aws = aws_small_parts
    key = aws.key("customer.key", customer_key)
    tree = {
        name: aws.place.file(f"up/{name}", size) for name, size in {"a": 6 * MIB, "dir/b": 11 * MIB, "c": 9}.items()
    }
    aws.s3("sync", "up", aws.url, *key)
    assert names_in(s3, bucket) == ["a", "c", "dir/b"]
    for name, content in tree.items():
        holds_sealed(s3, bucket, name, content, customer_key)
    assert aws.s3("sync", "up", aws.url, *key) == ""
    aws.s3("sync", aws.url, "down", *key)
    assert aws.place.tree("down") == tree
