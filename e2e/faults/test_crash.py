"""The server is crashed in the middle of its work, again and again: what it acknowledged is whole, and nothing else is.

CRASH_ROUNDS, CRASH_SEED and CRASH_DISTANCE make it as long as one likes, see CONTRIBUTING.md.
"""

import os
import time

import pytest

from support.crashes import disks, failpoints
from support.crashes.rounds import each_step, each_step_of_a_first_start, killed_before_a_cut, rounds, without_syncs
from support.raw import Connection, head_of, path_of, send

# Rounds for each kind of disk.
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "50"))
SEED = os.environ.get("CRASH_SEED", "1")
# Distance between the steps that are tried one after another. 1: all, in every way.
DISTANCE = int(os.environ.get("CRASH_DISTANCE", "47"))


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return failpoints.library(tmp_path_factory.mktemp("failpoints"))


@pytest.fixture
def disk(request):
    """Creates disks. kept: nothing is lost but the process; the others lose what was not synced."""
    kind = request.param
    if reason := disks.refusal(kind):
        pytest.skip(f"no {kind} disk that can be cut: {reason}")
    return lambda place: disks.create(kind, place, f"{SEED} {place.name}")


def test_a_disk_that_loses_what_was_not_synced(tmp_path):
    """The file system in memory keeps what was synced, and no more than was written."""
    if reason := disks.refusal("lossy"):
        pytest.skip(reason)
    disk = disks.create("lossy", tmp_path, SEED)
    try:
        (disk.path / "folder").mkdir()
        sync(disk.path)
        for name in "ab":
            (disk.path / "folder" / name).write_bytes(b"1" * 10_000)
            sync(disk.path / "folder" / name)
        sync(disk.path / "folder")
        for n in range(20):
            # Neither the name nor the content is synced; then the content; then both.
            (disk.path / f"unsynced{n}").write_bytes(b"2" * 10_000)
            (disk.path / f"nameless{n}").write_bytes(b"3" * 10_000)
            sync(disk.path / f"nameless{n}")
            with (disk.path / "folder" / "a").open("r+b") as file:
                file.write(b"4" * 10_000)
            (disk.path / "folder" / "b").rename(disk.path / "b")
            disk.cut()
            with pytest.raises(OSError, match="Input/output error"):
                os.listdir(disk.path)
            disk.restore()
            kept = {path.name: path.read_bytes() for path in disk.path.rglob("*") if path.is_file()}
            assert kept.keys() >= {"a", "b"} and set(kept["a"]) <= set(b"14") and len(kept["a"]) == 10_000
            assert kept["b"] == b"1" * 10_000
            assert set(kept.get(f"unsynced{n}", b"")) <= set(b"\x002")
            assert kept.get(f"nameless{n}", b"3" * 10_000) == b"3" * 10_000
            if (disk.path / "b").exists():
                (disk.path / "b").rename(disk.path / "folder" / "b")
            sync(disk.path / "folder")
    finally:
        disk.remove()


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@pytest.mark.timeout(60 + 20 * ROUNDS)
@pytest.mark.parametrize("disk", ["kept", "ext4", "xfs", "lossy"], indirect=True)
def test_under_load(disk, tmp_path, library, request):
    """Clients of all kinds, and a crash at a random time or step, or after a failed call."""
    figures = rounds(disk, tmp_path, library, ROUNDS, SEED)
    print(figures.line(request.node.name))
    assert figures["answers"] > 0


@pytest.mark.parametrize("disk", ["ext4", "xfs", "lossy"], indirect=True)
def test_a_server_that_does_not_sync_is_noticed(disk, tmp_path, library):
    """The checks notice a loss on each kind of disk."""
    with pytest.raises(AssertionError):
        without_syncs(disk, tmp_path, library, 20, SEED)


@pytest.mark.parametrize("disk", ["lossy"], indirect=True)
def test_a_process_that_was_killed_before_a_power_cut(disk, tmp_path, library):
    """The start after the kill reads a group of the log that was never synced, and goes on after it."""
    killed_before_a_cut(disk, tmp_path, library)


@pytest.mark.timeout(200_000 // DISTANCE)
@pytest.mark.parametrize("disk", ["lossy"], indirect=True)
def test_each_step(disk, tmp_path, library, request):
    """One client that does everything once, and a crash or a failed call at each step that changes a file."""
    figures = each_step(disk, tmp_path, library, 1, DISTANCE)
    print(figures.line(request.node.name))
    assert figures["answers"] > 0


@pytest.mark.timeout(100_000 // DISTANCE)
@pytest.mark.parametrize("disk", ["lossy"], indirect=True)
def test_each_step_of_a_first_start(disk, tmp_path, library, request):
    """A first start that was broken off leaves nothing that keeps the next one from being the first."""
    figures = each_step_of_a_first_start(disk, tmp_path, library, 1, DISTANCE)
    print(figures.line(request.node.name))


def test_killed_during_a_large_upload(start_server):
    """Nothing of an unacknowledged object is left after the next start, and the old object is whole."""
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    path, old = path_of("bucket", "k"), b"old" * 100_000
    assert send(server, "PUT", path, body=old).status == 200
    blobs = server.blobs()
    with Connection(server) as connection:
        head = head_of(server, "PUT", path, length=50_000_000, host=connection.host)
        connection.head("PUT", path, "", head)
        for _ in range(10):
            connection.body(bytes(1_000_000))
        deadline = time.monotonic() + 20
        while server.blobs() == blobs and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.blobs() != blobs, "the upload never reached the disk"
        server.kill()
    server.start()
    assert server.blobs() == blobs
    assert send(server, "GET", path).body == old
