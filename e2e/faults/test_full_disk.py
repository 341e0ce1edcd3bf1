"""A full disk, and blobs that lost their rows."""

import os
import random
import shutil

import pytest

from support.raw import Connection, head_of, path_of, sse_c, wait_until
from support.server import run
from support.wire import Upload, Wire, content_md5

BODY = random.Random(1).randbytes(300_000)
# Larger than any disk that runs the tests.
ALL = ("--store-reserve-mib", "1048576")


def size_of(directory):
    return sum(path.lstat().st_blocks for path in directory.rglob("*")) * 512


@pytest.fixture
def full(start_server):
    """A server whose disk became full, with what was stored before."""
    server = start_server()
    wire = Wire(server)
    wire("PUT", "/bucket")
    for key in "ab":
        assert wire("PUT", path_of("bucket", key), body=BODY).status == 200
    server.upload = Upload(wire, "bucket", "upload")
    server.upload.part(1, BODY)
    server.abandoned = Upload(wire, "bucket", "abandoned")
    server.abandoned.part(1, BODY)
    wire.close()
    assert server.stop() == 0
    server.flags += ALL
    server.start()
    yield server


def test_a_full_disk_refuses_content_and_nothing_else(full):
    wire = Wire(full)
    before = size_of(full.data_dir / "store")
    body = random.Random(2).randbytes(8 << 20)
    for number in range(10):
        response = wire(
            "PUT", path_of("bucket", f"new{number}"), body=body, headers=sse_c(bytes(32)) if number % 2 else {}
        )
        response.is_error(507, "InsufficientStorage")
        assert response.headers["retry-after"] == "60"
    wire("PUT", path_of("bucket", "small"), body=b"small").is_error(507, "InsufficientStorage")
    copy = {"x-amz-copy-source": "/bucket/a"}
    wire("PUT", path_of("bucket", "copy"), headers=copy).is_error(507, "InsufficientStorage")
    full.upload.wire = full.abandoned.wire = wire
    full.upload.part(2, BODY).is_error(507, "InsufficientStorage")
    assert size_of(full.data_dir / "store") - before < 1 << 20, "a refused upload left something on the disk"
    assert full.log().count('alarm="store"') == 1, "an alarm for each refused upload"

    # Reading, deleting and changes of rows go on.
    assert wire("GET", path_of("bucket", "a")).body == BODY
    assert full.upload.complete([(1, full.upload.parts[1])]).status == 200
    assert full.abandoned.abort().status == 204
    assert (
        wire(
            "PUT",
            path_of("bucket", "a"),
            headers={**copy, "x-amz-storage-class": "STANDARD", "x-amz-metadata-directive": "REPLACE"},
        ).status
        == 200
    )
    for key in ["a", "upload"]:
        assert wire("DELETE", path_of("bucket", key)).status == 204
    document = b"<Delete><Object><Key>b</Key></Object></Delete>"
    assert wire("POST", "/bucket", query="delete=", body=document, headers=content_md5(document)).status == 200
    assert wire("DELETE", "/bucket").status == 204
    wire.close()
    assert wait_until(lambda: not full.blobs(), 15)


def test_an_upload_is_refused_before_its_body(full):
    path = path_of("bucket", "new")
    with Connection(full) as connection:
        pairs = head_of(full, "PUT", path, length=5 << 30, host=connection.host)
        connection.head("PUT", path, "", [*pairs, ("Expect", "100-continue")])
        # Not a byte of the body was sent.
        connection.response("PUT").is_error(507, "InsufficientStorage")


def put_back(state, store):
    """Replaces everything in a store but its blobs."""
    for part in ["log", "index", "keys", "mark", "tables"]:
        place = store / part
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        if (state / part).is_dir():
            shutil.copytree(state / part, place)
        elif (state / part).exists():
            shutil.copy2(state / part, place)


def test_blobs_that_lost_their_rows_are_set_aside_and_come_back(start_server, tmp_path):
    """Everything but the blobs is put back in an older state, as by a restored backup."""
    server = start_server()
    wire = Wire(server)
    wire("PUT", "/bucket")
    wire("PUT", path_of("bucket", "first"), body=BODY)
    wire.close()
    assert server.stop() == 0
    store, older, newer = server.data_dir / "store", tmp_path / "older", tmp_path / "newer"
    shutil.copytree(store, older)

    server.start()
    wire = Wire(server)
    bodies = {f"k{n}": random.Random(n).randbytes(200_000 + n * 500_000) for n in range(5)}
    for key, body in bodies.items():
        assert wire("PUT", path_of("bucket", key), body=body).status == 200
    wire.close()
    assert server.stop() == 0
    shutil.copytree(store, newer)
    put_back(older, store)

    server.flags.append("--accept-lost-rows")
    server.start()
    server.flags.remove("--accept-lost-rows")
    assert wait_until(lambda: len(server.blobs()) == 1, 15)
    assert "set aside blobs that no row refers to" in server.log()
    listed = run("lost", "list", "--data-dir", server.data_dir, cwd=tmp_path).stdout.decode()
    assert listed.splitlines()[-1].startswith("5 blobs set aside, "), listed
    assert server.stop() == 0

    # The newer state is found again.
    put_back(newer, store)
    restored = run("lost", "restore", "--all", "--data-dir", server.data_dir, cwd=tmp_path)
    assert restored.returncode == 0 and b"5 blobs restored" in restored.stdout, restored
    server.start()
    wire = Wire(server)
    for key, body in bodies.items():
        assert wire("GET", path_of("bucket", key)).body == body
    wire.close()
    assert len(server.blobs()) == 6
    assert not (server.data_dir / "store" / "lost").exists()


def test_lost_blobs_are_deleted_one_by_one_and_by_age(start_server, tmp_path):
    server = start_server()
    wire = Wire(server)
    wire("PUT", "/bucket")
    wire("PUT", path_of("bucket", "kept"), body=BODY)
    wire.close()
    assert server.stop() == 0
    [kept] = server.blobs()
    orphans = [kept.with_name(f"{kept.name[:2]}{n:030x}") for n in range(3)]
    for orphan in orphans:
        shutil.copy(kept, orphan)
    server.start()
    lost = server.data_dir / "store" / "lost"
    assert wait_until(lambda: lost.exists() and len(list(lost.glob("*/*"))) == 3, 15)
    files = sorted(lost.glob("*/*"))
    assert all(file.read_bytes() == kept.read_bytes() for file in files)
    one = f"{files[0].parent.name}/{files[0].name}"
    run("lost", "delete", one, "--data-dir", server.data_dir, cwd=tmp_path).check_returncode()
    assert run("lost", "delete", one, "--data-dir", server.data_dir, cwd=tmp_path).returncode != 0
    assert run("lost", "delete", "--data-dir", server.data_dir, cwd=tmp_path).returncode == 2, "which ones?"
    month_ago = files[1].stat().st_mtime - 31 * 86_400
    os.utime(files[1], (month_ago, month_ago))
    assert server.stop() == 0
    server.start()
    assert wait_until(lambda: sorted(lost.glob("*/*")) == files[2:], 15)
    assert server.blobs() == {kept}
