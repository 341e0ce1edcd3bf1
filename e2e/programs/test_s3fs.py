"""s3fs as in docs/recipes/s3fs.md: a bucket as a file system, with single-part objects."""

import base64
import secrets

import pytest

from support.programs.program import Place, holds, holds_sealed, names_in, sse_c
from support.programs.recipe import CONTENT, Recipe
from support.programs.s3fs import S3fs, need_fuse, unmount


@pytest.fixture
def s3fs(server, bucket, tmp_path):
    return S3fs(server, bucket, tmp_path / "home")


def key_option(s3fs, key, name="keys"):
    """Writes a customer key to a file and returns the option for it."""
    path = s3fs.place / name
    path.touch(0o600)
    path.write_bytes(base64.b64encode(key))
    return f"use_sse=custom:{path}"


def test_the_recipe(server, s3, bucket, tmp_path):
    need_fuse()
    place = Place(tmp_path / "home")
    try:
        printed = Recipe("s3fs", server, bucket).follow(place)
    finally:
        unmount(place / "mnt")
    assert printed.startswith(CONTENT.decode()) and printed.endswith(CONTENT.decode())
    holds(s3, bucket, "plan.txt", CONTENT)
    holds_sealed(s3, bucket, "sealed.txt", CONTENT, (place / "customer.key").read_bytes())


@pytest.mark.parametrize("how", ["default", "sse", "sse-c"])
def test_files_and_folders(s3fs, s3, bucket, customer_key, how):
    options = {"default": [], "sse": ["use_sse"], "sse-c": [key_option(s3fs, customer_key)]}[how]
    content = secrets.token_bytes(300_000)
    with s3fs.mounted(*options) as top:
        (top / "dir/sub ü").mkdir(parents=True)
        (top / "dir/sub ü/a b+%").write_bytes(content)
        (top / "empty").touch()
        (top / "dir/log").write_bytes(content[:1000])
        with (top / "dir/log").open("ab") as log:
            log.write(content[1000:2000])
        (top / "dir/old").write_bytes(b"old")
        (top / "dir/old").unlink()
    assert names_in(s3, bucket) == ["dir/", "dir/log", "dir/sub ü/", "dir/sub ü/a b+%", "empty"]
    for name, expected in {"dir/sub ü/a b+%": content, "dir/log": content[:2000], "empty": b""}.items():
        if how == "sse-c":
            holds_sealed(s3, bucket, name, expected, customer_key)
        else:
            holds(s3, bucket, name, expected)

    with s3fs.mounted(*options) as top:
        assert sorted(path.name for path in top.iterdir()) == ["dir", "empty"]
        file = top / "dir/sub ü/a b+%"
        assert file.stat().st_size == 300_000 and file.read_bytes() == content
        with file.open("rb") as opened:
            opened.seek(100_000)
            assert opened.read(7) == content[100_000:100_007]
        (top / "dir/log").unlink()
    assert names_in(s3, bucket) == ["dir/", "dir/sub ü/", "dir/sub ü/a b+%", "empty"]


def test_without_the_key_or_with_another(s3fs, s3, bucket, customer_key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **sse_c(customer_key))
    other = key_option(s3fs, secrets.token_bytes(32))
    for options in [], [other]:
        with s3fs.mounted(*options) as top:
            try:
                found = (top / "k").read_bytes()
            except OSError:
                continue
            assert found == b"", "s3fs shows an unreadable object as an empty file"
    with s3fs.mounted(key_option(s3fs, customer_key)) as top:
        assert (top / "k").read_bytes() == b"secret"


def test_wrong_credentials(s3fs, server):
    (s3fs.place / ".passwd-s3fs").write_text(f"{server.access_key}:{'x' * 40}\n")
    with pytest.raises(AssertionError), s3fs.mounted("dbglevel=err"):
        pass
    assert "SignatureDoesNotMatch" in (s3fs.place / "s3fs.log").read_text()
