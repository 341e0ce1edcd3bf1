"""rclone as in docs/recipes/rclone.md, with single-part objects."""

import base64
import hashlib
import secrets

import pytest

from support.programs.program import Place, holds, holds_sealed, names_in, sse_c
from support.programs.rclone import Rclone
from support.programs.recipe import CONTENT, Recipe

# rclone accepts a raw key only if it can be written in its configuration.
KEY = secrets.token_hex(16)
AES256 = {"sse_customer_algorithm": "AES256"}
KEY_BASE64 = base64.b64encode(KEY.encode()).decode()
KEY_MD5 = base64.b64encode(hashlib.md5(KEY.encode()).digest()).decode()
SETTINGS = {
    "default": {},
    "sse": {"server_side_encryption": "AES256"},
    "key": {**AES256, "sse_customer_key": KEY},
    "base64": {**AES256, "sse_customer_key_base64": KEY_BASE64},
    "md5": {**AES256, "sse_customer_key": KEY, "sse_customer_key_md5": KEY_MD5},
    "minio": {"provider": "Minio", **AES256, "sse_customer_key_base64": KEY_BASE64},
}
FILES = {"a.txt": 1, "b.log": 0, "dir/c.txt": 70_000, "dir/sub/d ü+%&=.txt": 300_000}


@pytest.fixture
def rclone(server, bucket, tmp_path):
    return Rclone(server, bucket, tmp_path / "home")


def test_the_recipe(server, s3, bucket_name, tmp_path):
    place = Place(tmp_path / "home")
    recipe = Recipe("rclone", server, bucket_name)
    printed = recipe.follow(place)
    # The order of the first two is random.
    assert sorted(printed.splitlines()[:2]) == ["dir/", "dir/plan.txt"]
    assert printed.split("\n", 2)[2].startswith(CONTENT.decode())
    assert (place / "copy.txt").read_bytes() == CONTENT
    holds(s3, bucket_name, "dir/plan.txt", CONTENT)
    holds_sealed(s3, bucket_name, "sealed/plan.txt", CONTENT, (place / "customer.key").read_bytes())


@pytest.mark.parametrize("how", SETTINGS)
def test_a_tree_there_and_back(rclone, s3, bucket, how):
    remote = rclone.remote("remote", **SETTINGS[how])
    tree = {name: rclone.place.file(f"up/{name}", size) for name, size in FILES.items()}
    rclone("copy", "up", f"{remote}/top")
    assert names_in(s3, bucket) == sorted(f"top/{name}" for name in FILES)
    for name, content in tree.items():
        if how in ("default", "sse"):
            holds(s3, bucket, f"top/{name}", content)
        else:
            holds_sealed(s3, bucket, f"top/{name}", content, KEY.encode())

    listed = rclone("lsf", "--recursive", "--files-only", "--format", "sp", f"{remote}/top").decode()
    assert sorted(listed.splitlines()) == sorted(f"{size};{name}" for name, size in FILES.items())
    rclone("check", "up", f"{remote}/top")
    rclone("check", "--download", "up", f"{remote}/top")
    assert rclone("cat", f"{remote}/top/dir/c.txt") == tree["dir/c.txt"]
    assert rclone("cat", "--offset", "100", "--count", "7", f"{remote}/top/dir/c.txt") == tree["dir/c.txt"][100:107]
    rclone("copy", f"{remote}/top", "down")
    assert rclone.place.tree("down") == tree

    changed = tree["dir/c.txt"] = rclone.place.file("up/dir/c.txt", 70_000)
    rclone.fails("1 differences found", "check", "--download", "up", f"{remote}/top")
    rclone("copy", "up", f"{remote}/top")
    assert rclone("cat", f"{remote}/top/dir/c.txt") == changed


def test_the_md5_of_objects_without_customer_keys(rclone, bucket):
    remote = rclone.remote("remote")
    content = rclone.place.file("up/k", 100_000)
    rclone("copy", "up", remote)
    assert rclone("md5sum", remote).decode() == f"{hashlib.md5(content).hexdigest()}  k\n"
    rclone.place.file("up/k", 100_000)
    rclone.fails("md5 differ", "check", "up", remote)


def test_without_the_key_or_with_another(rclone, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **sse_c(KEY.encode()))
    right = rclone.remote("right", **SETTINGS["base64"])
    assert rclone("cat", f"{right}/k") == b"data"
    for name, settings, text in [
        ("without", {}, "InvalidRequest"),
        ("other", {**AES256, "sse_customer_key": secrets.token_hex(16)}, "AccessDenied"),
        ("odd", {**SETTINGS["key"], "sse_customer_key_md5": KEY_MD5.swapcase()}, "InvalidArgument"),
        ("short", {**AES256, "sse_customer_key": KEY[1:]}, "AccessDenied"),
    ]:
        remote = rclone.remote(name, **settings)
        rclone.fails(text, "copy", remote, "down")
        assert rclone.place.tree("down") == {}, name
    for name in ["odd", "short"]:
        rclone.place.file("up", 10)
        rclone.fails("InvalidArgument", "copyto", "up", f"{name}:{bucket}/new")
    assert names_in(s3, bucket) == ["k"]


@pytest.mark.parametrize("how", ["default", "base64"])
def test_sync_in_both_directions(rclone, s3, bucket, how):
    remote = rclone.remote("remote", **SETTINGS[how])
    for name, size in FILES.items():
        rclone.place.file(f"up/{name}", size)
    rclone("sync", "up", remote)
    (rclone.place / "up/b.log").unlink()
    rclone.place.file("up/a.txt", 2)
    rclone("sync", "up", remote)
    assert names_in(s3, bucket) == sorted(rclone.place.tree("up"))
    rclone.place.file("down/old", 10)
    rclone("sync", remote, "down")
    assert rclone.place.tree("down") == rclone.place.tree("up")
    for name in ["a.txt", "dir/c.txt"]:
        before, after = ((rclone.place / side / name).stat().st_mtime_ns for side in ("up", "down"))
        assert before == after, "the times of files are restored"


def test_streams(rclone, s3, bucket):
    remote = rclone.remote("remote", **SETTINGS["base64"])
    content = secrets.token_bytes(50_000)
    rclone("rcat", f"{remote}/stream", stdin=content)
    holds_sealed(s3, bucket, "stream", content, KEY.encode())


def test_delete_and_purge(rclone, s3, bucket):
    remote = rclone.remote("remote")
    for name in ["a/1", "a/2.log", "b/c/3", "top"]:
        s3.put_object(Bucket=bucket, Key=name)
    rclone("delete", f"{remote}/a", "--include", "*.log")
    assert names_in(s3, bucket) == ["a/1", "b/c/3", "top"]
    rclone("deletefile", f"{remote}/top")
    rclone("purge", f"{remote}/b")
    assert names_in(s3, bucket) == ["a/1"]
    rclone.fails("BucketNotEmpty", "rmdir", remote)
    rclone("purge", remote)
    assert f"{bucket}/" not in rclone("lsf", "remote:").decode().splitlines()


def test_more_objects_than_a_page_of_a_listing(rclone, s3, bucket):
    remote = rclone.remote("remote", list_chunk=3)
    names = [f"dir/{number} ü%\n" for number in range(10)]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name)
    # Line feeds are shown as their symbol.
    listed = rclone("lsf", "--recursive", "--files-only", remote).decode().splitlines()
    assert listed == [name.replace("\n", "␊") for name in names]
