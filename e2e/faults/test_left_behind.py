"""Uploads and copies on the disk: they survive restarts, share data, and leave nothing after deletion."""

import random

import pytest

from support.raw import Connection, head_of, path_of, sse_c, wait_until
from support.versions import put, set_versioning
from support.wire import COPY_SOURCE, LEAST_PART, Upload, Wire, of_source, opens_only_with

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
FIRST = random.Random(20).randbytes(LEAST_PART)
MIDDLE = random.Random(21).randbytes(200_000)


class Disk:
    """A server for one test with a bucket, and the files of its blobs."""

    def __init__(self, server):
        self.server, self.wire = server, Wire(server)
        server.s3().create_bucket(Bucket="bucket")

    def restart(self, kill):
        if kill:
            self.server.kill()
        else:
            assert self.server.stop() == 0
        self.wire.close()
        self.server.start()

    def comes_to(self, blobs):
        """Waits for the collector, which runs in the background."""
        assert wait_until(lambda: len(self.server.blobs()) == blobs, 15), f"{len(self.server.blobs())}, not {blobs}"


@pytest.fixture
def disk(start_server):
    disk = Disk(start_server())
    yield disk
    disk.wire.close()


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_an_upload_continues_after_a_restart(disk, kill):
    upload = Upload(disk.wire, "bucket", "k", {"x-amz-meta-a": "b", **sse_c(ONE)})
    upload.part(1, FIRST, sse_c(ONE))
    upload.part(2, b"never used", sse_c(ONE))
    disk.restart(kill)
    assert upload.numbers() == [1, 2]
    upload.part(1, b"", sse_c(TWO)).is_error(400, "InvalidRequest")
    upload.part(2, b"second", sse_c(ONE))
    disk.restart(kill)
    assert upload.complete().status == 200
    disk.restart(kill)
    response = opens_only_with(disk.wire, upload.path, FIRST + b"second", ONE, other=TWO)
    assert response.headers["x-amz-meta-a"] == "b"
    assert upload.complete().status == 200, "a request repeated after a restart must return the same response"
    disk.comes_to(2)


def test_unused_parts_are_deleted(disk):
    """Parts that are replaced, unused, aborted, refused or cut off: only the parts of the object stay."""
    wire = disk.wire
    upload = Upload(wire, "bucket", "k")
    for _ in range(3):
        upload.part(1, FIRST)
    disk.comes_to(1)
    upload.part(2, MIDDLE, {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}).is_error(400, "BadDigest")
    upload.part(2, MIDDLE, sse_c(ONE)).is_error(400, "InvalidRequest")
    upload.copy_part(2, "/bucket/missing").is_error(404, "NoSuchKey")
    with Connection(disk.server) as connection:
        query = f"partNumber=2&uploadId={upload.id}"
        pairs = head_of(disk.server, "PUT", upload.path, query=query, length=10_000_000, host=connection.host)
        connection.head("PUT", upload.path, query, pairs)
        connection.body(bytes(5_000_000))
    disk.comes_to(1)
    upload.part(3, MIDDLE)
    upload.part(4, MIDDLE)
    assert upload.complete([(1, upload.parts[1]), (4, upload.parts[4])]).status == 200
    disk.comes_to(2)
    given_up = Upload(wire, "bucket", "k")
    given_up.part(1, FIRST)
    given_up.part(2, MIDDLE)
    disk.comes_to(4)
    assert given_up.abort().status == 204
    disk.comes_to(2)
    opens_only_with(wire, upload.path, FIRST + MIDDLE)
    wire("DELETE", upload.path)
    disk.comes_to(0)


def test_an_upload_is_deleted_with_its_bucket(disk):
    upload = Upload(disk.wire, "bucket", "k")
    upload.part(1, FIRST)
    disk.comes_to(1)
    assert disk.wire("DELETE", "/bucket").status == 204
    disk.comes_to(0)


def test_copies_onto_themselves_move_no_data(disk):
    """The content stays in one file, however often its key is changed."""
    wire, path = disk.wire, path_of("bucket", "k")
    wire("PUT", path, body=MIDDLE, headers=sse_c(ONE))
    (blob,) = disk.server.blobs()
    content = blob.read_bytes()
    for old, new in [(ONE, TWO), (TWO, None), (None, ONE)]:
        requested = sse_c(new) if new else {"x-amz-server-side-encryption": "AES256"}
        given = of_source(sse_c(old)) if old else {}
        assert wire("PUT", path, headers={COPY_SOURCE: path, **given, **requested}).status == 200
        assert disk.server.blobs() == {blob} and blob.read_bytes() == content
        opens_only_with(wire, path, MIDDLE, new, other=b"?" * 32)
    wire("DELETE", path)
    disk.comes_to(0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_versions_that_share_their_content(disk, order):
    """It is kept until the last of them is deleted, across restarts."""
    wire, path = disk.wire, path_of("bucket", "k")
    set_versioning(wire, "bucket", "Enabled")
    held = [(put(wire, path, MIDDLE, sse_c(ONE)), ONE)]
    for old, new in [(ONE, TWO), (TWO, None)]:
        requested = sse_c(new) if new else {"x-amz-server-side-encryption": "AES256"}
        response = wire("PUT", path, headers={COPY_SOURCE: path, **of_source(sse_c(old)), **requested})
        held.append((response.headers["x-amz-version-id"], new))
    disk.comes_to(1)
    left = set(range(3))
    for gone in order:
        assert wire("DELETE", path, query=f"versionId={held[gone][0]}").status == 204
        left.discard(gone)
        disk.restart(kill=gone == 1)
        for number in left:
            id, key = held[number]
            opens_only_with(wire, path, MIDDLE, key, query=f"versionId={id}", other=b"?" * 32)
    disk.comes_to(0)


def test_copies_to_other_keys_are_independent(disk):
    wire, path = disk.wire, path_of("bucket", "k")
    wire("PUT", path, body=MIDDLE)
    for name in ["one", "two"]:
        assert wire("PUT", path_of("bucket", name), headers={COPY_SOURCE: path}).status == 200
    disk.comes_to(3)
    wire("DELETE", path)
    disk.comes_to(2)
    wire("PUT", path_of("bucket", "new"), headers={COPY_SOURCE: "/bucket/one", "If-Match": '"x"'})
    wire("PUT", path_of("bucket", "two"), headers={COPY_SOURCE: "/bucket/one", "If-None-Match": "*"})
    disk.restart(kill=True)
    disk.comes_to(2)
    for name in ["one", "two"]:
        opens_only_with(wire, path_of("bucket", name), MIDDLE)


@pytest.mark.parametrize("round", range(3))
def test_killed_while_parts_are_uploaded(disk, round):
    """Acknowledged parts exist; others leave nothing."""
    upload = Upload(disk.wire, "bucket", "k", sse_c(ONE))
    for number in range(1, 3 + round):
        assert upload.part(number, FIRST, sse_c(ONE)).status == 200
    with Connection(disk.server) as connection:
        query = f"partNumber=9&uploadId={upload.id}"
        pairs = head_of(
            disk.server, "PUT", upload.path, query=query, headers=sse_c(ONE), length=50_000_000, host=connection.host
        )
        connection.head("PUT", upload.path, query, pairs)
        connection.body(bytes(20_000_000))
        disk.restart(kill=True)
    assert upload.numbers() == list(range(1, 3 + round))
    disk.comes_to(2 + round)
    assert upload.complete().status == 200
    opens_only_with(disk.wire, upload.path, FIRST * (2 + round), ONE)
