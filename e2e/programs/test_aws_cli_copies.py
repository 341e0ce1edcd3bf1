"""`aws s3` between buckets: server-side copies and moves, with keys of all kinds."""

import secrets

import pytest

from support.programs.aws import Aws
from support.programs.program import holds, holds_sealed, names_in, sse_c
from support.programs.recipe import Recipe


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


@pytest.fixture
def other(s3, bucket):
    """A second bucket."""
    s3.create_bucket(Bucket=f"{bucket}-other")
    return f"{bucket}-other"


def test_the_recipe_for_a_new_key(server, s3, bucket, tmp_path):
    aws = Aws(server, bucket, tmp_path / "home")
    (aws.place / "customer.key").write_bytes(old := secrets.token_bytes(32))
    s3.put_object(Bucket=bucket, Key="sealed.txt", Body=b"data", **sse_c(old))
    recipe = Recipe("aws-cli", server, bucket)
    recipe.follow(aws.place, recipe.named["new-key"])
    holds_sealed(s3, bucket, "sealed.txt", b"data", (aws.place / "new.key").read_bytes())


def test_from_any_encryption_to_any(aws, s3, bucket, other, customer_key):
    new = secrets.token_bytes(32)
    content = secrets.token_bytes(70_000)
    s3.put_object(Bucket=bucket, Key="plain", Body=content, ContentType="text/x-own", Metadata={"a": "b"})
    s3.put_object(Bucket=bucket, Key="sealed ü", Body=content, Metadata={"a": "b"}, **sse_c(customer_key))
    from_key, to_key = aws.source_key("old.key", customer_key), aws.key("new.key", new)
    target = f"s3://{other}"

    aws.s3("cp", f"{aws.url}/plain", f"{target}/1")
    got = holds(s3, other, "1", content)
    assert got["ContentType"] == "text/x-own" and got["Metadata"] == {"a": "b"}
    aws.s3(
        "cp", f"{aws.url}/plain", f"{target}/2", *to_key, "--content-type", "text/y", "--metadata-directive", "REPLACE"
    )
    got = holds_sealed(s3, other, "2", content, new)
    assert got["ContentType"] == "text/y" and got["Metadata"] == {}
    aws.s3("cp", f"{aws.url}/sealed ü", f"{target}/3 ü", *from_key, "--sse", "AES256")
    assert holds(s3, other, "3 ü", content)["Metadata"] == {"a": "b"}
    aws.s3("cp", f"{aws.url}/sealed ü", f"{target}/4", *from_key, *to_key)
    holds_sealed(s3, other, "4", content, new)

    aws.fails("(404)", "s3", "cp", f"{aws.url}/sealed ü", f"{target}/x")
    aws.fails("(403)", "s3", "cp", f"{aws.url}/sealed ü", f"{target}/x", *aws.source_key("new.key", new))
    assert names_in(s3, other) == ["1", "2", "3 ü", "4"]
    assert names_in(s3, bucket) == ["plain", "sealed ü"]


def test_copies_without_a_head_request(aws, s3, bucket, customer_key):
    """`aws s3 cp --recursive` sends no HEAD first, so the copy itself must be refused."""
    s3.put_object(Bucket=bucket, Key="a/k", Body=b"data", **sse_c(customer_key))
    command = ["s3", "cp", "--recursive", f"{aws.url}/a", f"{aws.url}/b"]
    aws.fails("(InvalidRequest) when calling the CopyObject operation", *command)
    wrong = aws.source_key("wrong.key", secrets.token_bytes(32))
    aws.fails("(AccessDenied) when calling the CopyObject operation", *command, *wrong)
    assert names_in(s3, bucket) == ["a/k"]
    aws.s3(*command[1:], *aws.source_key("right.key", customer_key))
    holds(s3, bucket, "b/k", b"data")


def test_sync_of_buckets(aws, s3, bucket, other, customer_key):
    for name in ["a", "dir/b"]:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode(), **sse_c(customer_key))
    s3.put_object(Bucket=other, Key="left over", Body=b"")
    keys = [*aws.source_key("key", customer_key), *aws.key("key", customer_key)]
    aws.s3("sync", "--delete", aws.url, f"s3://{other}", *keys)
    assert names_in(s3, other) == ["a", "dir/b"]
    for name in ["a", "dir/b"]:
        holds_sealed(s3, other, name, name.encode(), customer_key)
    assert aws.s3("sync", "--delete", aws.url, f"s3://{other}", *keys) == ""


def test_mv_of_buckets(aws, s3, bucket, other, customer_key):
    for name in ["a", "dir/b"]:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode(), **sse_c(customer_key))
    aws.fails("", "s3", "mv", "--recursive", aws.url, f"s3://{other}")
    assert names_in(s3, bucket) == ["a", "dir/b"] and names_in(s3, other) == []
    keys = [*aws.source_key("key", customer_key), *aws.key("key", customer_key)]
    aws.s3("mv", "--recursive", aws.url, f"s3://{other}", *keys)
    assert names_in(s3, bucket) == [] and names_in(s3, other) == ["a", "dir/b"]
    holds_sealed(s3, other, "dir/b", b"dir/b", customer_key)
