"""`aws s3` as in docs/recipes/aws-cli.md, with single-part objects."""

import re
import secrets
import ssl
import urllib.request

import pytest

from support.programs.aws import Aws
from support.programs.program import Place, holds, holds_sealed, names_in, sse_c
from support.programs.recipe import CONTENT, Recipe

FILES = {"a.txt": 1, "b.log": 0, "dir/c.txt": 70_000, "dir/sub/d ü.txt": 300_000}


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


@pytest.fixture
def key(aws, customer_key):
    """Returns the options for a customer key."""
    return aws.key("customer.key", customer_key)


def test_the_recipe(server, s3, bucket_name, tmp_path):
    recipe = Recipe("aws-cli", server, bucket_name)
    place = Place(tmp_path / "home")
    printed = recipe.follow(place, recipe.commands[0])
    assert (place / "copy.txt").read_bytes() == CONTENT
    assert re.search(r" 16 plan.txt$", printed, re.M)
    url = re.search(r"^https://.*$", printed, re.M)[0]
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=server.ca_file)) as response:
        assert response.read() == CONTENT

    (place / "copy.txt").unlink()
    place.variables["AWS_PROFILE"] = "strongroom"
    recipe.follow(place, *recipe.commands[1:])
    assert (place / "copy.txt").read_bytes() == CONTENT
    holds_sealed(s3, bucket_name, "sealed.txt", CONTENT, (place / "customer.key").read_bytes())


def test_a_file_there_and_back(aws, s3, bucket):
    content = aws.place.file("up file", 1_000_000)
    aws.s3("cp", "up file", f"{aws.url}/dir/a käse", "--sse", "AES256")
    holds(s3, bucket, "dir/a käse", content)
    aws.s3("cp", f"{aws.url}/dir/a käse", "down")
    assert (aws.place / "down").read_bytes() == content


def test_a_file_there_and_back_with_a_customer_key(aws, s3, bucket, key, customer_key):
    content = aws.place.file("up file", 1_000_000)
    aws.s3("cp", "up file", f"{aws.url}/dir/a käse", *key)
    holds_sealed(s3, bucket, "dir/a käse", content, customer_key)
    aws.s3("cp", f"{aws.url}/dir/a käse", "down", *key)
    assert (aws.place / "down").read_bytes() == content


def test_a_download_without_the_key_or_with_another(aws, s3, bucket, customer_key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **sse_c(customer_key))
    wrong = aws.key("wrong.key", secrets.token_bytes(32))
    aws.fails("(404)", "s3", "cp", f"{aws.url}/k", "down")
    aws.fails("(403)", "s3", "mv", f"{aws.url}/k", "down", *wrong)
    assert not (aws.place / "down").exists() and names_in(s3, bucket) == ["k"]


def test_streams(aws, s3, bucket, key, customer_key):
    content = secrets.token_bytes(3_000_000)
    aws.s3("cp", "-", f"{aws.url}/stream", *key, stdin=content)
    holds_sealed(s3, bucket, "stream", content, customer_key)
    back = aws.place.run("aws", "s3", "cp", f"{aws.url}/stream", "-", *key)
    assert back == content


def test_sync(aws, s3, bucket, key, customer_key):
    tree = {name: aws.place.file(f"up/{name}", size) for name, size in FILES.items()}
    done = aws.s3("sync", "up", f"{aws.url}/top", *key)
    assert done.count("upload: ") == len(FILES)
    assert names_in(s3, bucket) == sorted(f"top/{name}" for name in FILES)
    for name, content in tree.items():
        holds_sealed(s3, bucket, f"top/{name}", content, customer_key)
    assert aws.s3("sync", "up", f"{aws.url}/top", *key) == "", "nothing changed"

    aws.s3("sync", f"{aws.url}/top", "down", *key)
    assert aws.place.tree("down") == tree

    del tree["b.log"]
    (aws.place / "up/b.log").unlink()
    tree["a.txt"] = aws.place.file("up/a.txt", 2)
    done = aws.s3("sync", "--delete", "up", f"{aws.url}/top", *key)
    assert sorted(re.findall(r"^(\w+): ", done.replace("\r", "\n"), re.M)) == ["delete", "upload"]
    holds_sealed(s3, bucket, "top/a.txt", tree["a.txt"], customer_key)
    aws.s3("sync", "--delete", f"{aws.url}/top", "down", *key)
    assert aws.place.tree("down") == tree


def test_mv(aws, s3, bucket, key, customer_key):
    content = aws.place.file("up", 100_000)
    aws.s3("mv", "up", f"{aws.url}/k", *key)
    assert not (aws.place / "up").exists()
    holds_sealed(s3, bucket, "k", content, customer_key)
    aws.s3("mv", f"{aws.url}/k", "down", *key)
    assert (aws.place / "down").read_bytes() == content and names_in(s3, bucket) == []


def test_ls_in_pages(aws, s3, bucket):
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"dir/{number}", Body=b"x" * number)
    s3.put_object(Bucket=bucket, Key="top")
    assert re.findall(r"(?:PRE )?\S+$", aws.s3("ls", aws.url), re.M) == ["PRE dir/", "top"]
    listed = aws.s3("ls", "--recursive", "--summarize", "--page-size", "2", aws.url)
    assert re.findall(r" (\d+ \S+)$", listed, re.M)[:6] == [f"{n} dir/{n}" for n in range(5)] + ["0 top"]
    assert re.search(r"Total Objects: 6\n +Total Size: 10\n", listed)
    assert bucket in aws.s3("ls")
    assert aws.fails("", "s3", "ls", f"{aws.url}/missing").returncode == 1


def test_rm_and_rb(aws, s3, bucket):
    for name in ["dir/a.txt", "dir/b.log", "dir/c.txt", "other"]:
        s3.put_object(Bucket=bucket, Key=name)
    aws.s3("rm", "--recursive", f"{aws.url}/dir", "--exclude", "*.log")
    assert names_in(s3, bucket) == ["dir/b.log", "other"]
    aws.s3("rm", f"{aws.url}/other")
    assert names_in(s3, bucket) == ["dir/b.log"]
    aws.fails("(BucketNotEmpty)", "s3", "rb", aws.url)
    aws.s3("rb", "--force", aws.url)
    assert bucket not in [known["Name"] for known in s3.list_buckets()["Buckets"]]


def test_mb(aws, s3, bucket_name):
    aws.s3("mb", f"s3://{bucket_name}")
    assert s3.head_bucket(Bucket=bucket_name)
    aws.fails("(InvalidBucketName)", "s3", "mb", "s3://No")
