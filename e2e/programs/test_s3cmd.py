"""s3cmd as in docs/recipes/s3cmd.md, with single-part objects."""

import re
import ssl
import urllib.error
import urllib.request

import pytest

from support.programs.program import Place, holds, names_in, sse_c
from support.programs.recipe import CONTENT, Recipe
from support.programs.s3cmd import S3cmd

FILES = {"a.txt": 1, "b.log": 0, "dir/c.txt": 70_000, "dir/sub/d ü+%&=.txt": 300_000}


@pytest.fixture
def s3cmd(server, bucket, tmp_path):
    return S3cmd(server, bucket, tmp_path / "home")


def test_the_recipe(server, s3, bucket_name, tmp_path):
    place = Place(tmp_path / "home")
    printed = Recipe("s3cmd", server, bucket_name).follow(place)
    assert (place / "copy.txt").read_bytes() == CONTENT
    assert re.search(rf" 16 +s3://{bucket_name}/plan.txt$", printed, re.M)
    assert re.search(r"^ +File size: 16$", printed, re.M) and re.search(r"^ +SSE: +AES256$", printed, re.M)
    holds(s3, bucket_name, "plan.txt", CONTENT)


@pytest.mark.parametrize("requested", [[], ["--server-side-encryption"]], ids=["default", "requested"])
def test_a_file_there_and_back(s3cmd, s3, bucket, requested):
    content = s3cmd.place.file("up", 1_000_000)
    s3cmd("put", *requested, "--add-header", "Cache-Control: no-store", "up", f"{s3cmd.url}/dir/käse +.txt")
    assert holds(s3, bucket, "dir/käse +.txt", content)["CacheControl"] == "no-store"
    s3cmd("get", f"{s3cmd.url}/dir/käse +.txt", "down")
    assert (s3cmd.place / "down").read_bytes() == content
    (s3cmd.place / "down").write_bytes(content[:400_000])
    s3cmd("get", "--continue", f"{s3cmd.url}/dir/käse +.txt", "down")
    assert (s3cmd.place / "down").read_bytes() == content
    s3cmd("del", f"{s3cmd.url}/dir/käse +.txt")
    assert names_in(s3, bucket) == []


def test_sync(s3cmd, s3, bucket):
    tree = {name: s3cmd.place.file(f"up/{name}", size) for name, size in FILES.items()}
    s3cmd("sync", "up/", f"{s3cmd.url}/top/")
    assert names_in(s3, bucket) == sorted(f"top/{name}" for name in FILES)
    for name, content in tree.items():
        holds(s3, bucket, f"top/{name}", content)
    assert "upload:" not in s3cmd("sync", "up/", f"{s3cmd.url}/top/")

    (s3cmd.place / "up/b.log").unlink()
    del tree["b.log"]
    tree["a.txt"] = s3cmd.place.file("up/a.txt", 1)
    tree["dir/c.txt"] = s3cmd.place.file("up/dir/c.txt", 70_000)
    done = s3cmd("sync", "--delete-removed", "up/", f"{s3cmd.url}/top/")
    assert "delete:" in done and done.count("upload:") == 2, "files of equal size are compared by MD5"
    s3cmd("sync", f"{s3cmd.url}/top/", "down/")
    assert s3cmd.place.tree("down") == tree
    assert "download:" not in s3cmd("sync", f"{s3cmd.url}/top/", "down/")


def test_listings(s3cmd, s3, bucket):
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"dir/{number}", Body=b"x" * number)
    s3.put_object(Bucket=bucket, Key="top", Body=b"abc")
    assert re.findall(r"(?:DIR|\d) +(s3:\S+)$", s3cmd("ls", s3cmd.url), re.M) == [
        f"{s3cmd.url}/{n}" for n in ("dir/", "top")
    ]
    assert len(s3cmd("ls", "--recursive", s3cmd.url).splitlines()) == 4
    assert re.search(rf"^ *6 +4 objects {s3cmd.url}/$", s3cmd("du", s3cmd.url), re.M)
    assert f"{s3cmd.url}\n" in s3cmd("ls")
    assert "Location:  us-east-1" in s3cmd("info", s3cmd.url)


def test_del_and_rb(s3cmd, s3, bucket):
    for name in ["dir/a", "dir/b.log", "other"]:
        s3.put_object(Bucket=bucket, Key=name)
    s3cmd("del", "--recursive", f"{s3cmd.url}/dir", "--exclude", "*.log")
    assert names_in(s3, bucket) == ["dir/b.log", "other"]
    s3cmd.fails("BucketNotEmpty", "rb", s3cmd.url)
    s3cmd("rb", "--recursive", "--force", s3cmd.url)
    assert bucket not in [known["Name"] for known in s3.list_buckets()["Buckets"]]


def test_objects_with_customer_keys_cannot_be_read(s3cmd, s3, bucket, customer_key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **sse_c(customer_key))
    s3cmd.fails("", "get", f"{s3cmd.url}/k", "down")
    assert not (s3cmd.place / "down").exists() or b"data" not in (s3cmd.place / "down").read_bytes()
    assert names_in(s3, bucket) == ["k"]


def test_signed_urls_with_signature_version_2_are_refused(server, s3cmd, s3, bucket):
    """`s3cmd signurl` knows only signature version 2, which is refused."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    url = s3cmd("signurl", f"{s3cmd.url}/k", "+600").strip().replace("http://", "https://")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url, context=ssl.create_default_context(cafile=server.ca_file))
    assert error.value.code == 400 and b"<Code>InvalidRequest</Code>" in error.value.read()
