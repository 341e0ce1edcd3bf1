"""Damage of the store's files: nothing that was acknowledged is lost without a refusal, and a refusal changes nothing."""

import datetime
import json
import shutil
import subprocess
import time

import pytest

from support.raw import path_of, sse_c, wait_until
from support.server import BINARY, environment, run
from support.wire import Wire

KEY = bytes(range(32))
SMALL, LARGE = b"small content of an object", bytes(200_000)


class Filled:
    """A stopped server with objects: small ones in rows, large ones in blobs, overwritten and deleted ones."""

    def __init__(self, server):
        self.server = server
        self.store = server.data_dir / "store"
        self.expected = {}
        wire = Wire(server)
        assert wire("PUT", "/vault").status == 200
        for n in range(60):
            body = LARGE if n % 6 == 0 else SMALL + str(n).encode()
            self.put(wire, f"k{n}", body, sse_c(KEY) if n % 4 == 0 else {})
        for n in range(0, 60, 5):
            self.put(wire, f"k{n}", b"NEW" + str(n).encode(), {})
        for n in range(0, 60, 7):
            assert wire("DELETE", path_of("vault", f"k{n}")).status == 204
            del self.expected[f"k{n}"]
        wire.close()
        assert server.stop() == 0

    def put(self, wire, key, body, headers):
        assert wire("PUT", path_of("vault", key), body=body, headers=headers).status == 200
        self.expected[key] = (body, headers)

    def found(self):
        """Returns the keys of the objects that are served as they were acknowledged."""
        wire = Wire(self.server)
        answers = {
            key: wire("GET", path_of("vault", key), headers=headers) for key, (_, headers) in self.expected.items()
        }
        wire.close()
        return {key for key, answer in answers.items() if (answer.status, answer.body) == (200, self.expected[key][0])}

    def is_complete(self):
        """Compares every object, and the listing, with what was acknowledged."""
        assert self.found() == set(self.expected)
        listed = self.server.s3().list_objects_v2(Bucket="vault").get("Contents", [])
        assert {entry["Key"] for entry in listed} == set(self.expected)

    def files(self):
        found = sorted(path for path in self.store.rglob("*") if path.is_file() and path.name != "lock")
        return {path.relative_to(self.store): path.read_bytes() for path in found}

    def run(self, *arguments):
        return run(*arguments, "--data-dir", self.server.data_dir, cwd=self.server.place)

    def serve(self):
        """Runs a server that ends by itself."""
        return subprocess.run(
            [BINARY, "serve", "--data-dir", str(self.server.data_dir)]
            + ["--https-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"],
            cwd=self.server.place,
            env=environment(),
            capture_output=True,
            timeout=60,
        )

    def snapshot(self):
        """Writes a snapshot of the running server. Returns its directory."""
        snapshot = self.server.place / "snapshot"
        done = self.run("snapshot", snapshot)
        assert done.returncode == 0, done.stderr
        return snapshot

    def is_verified(self):
        checked = self.run("verify")
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def is_refused(self):
        """Starts the server, which must refuse. Returns its message."""
        before = self.files()
        done = self.serve()
        assert done.returncode != 0, "the server started"
        assert self.run("verify").returncode != 0, "verify found nothing"
        assert self.files() == before, "a refusal changed the store"
        return done.stderr.decode()

    def audited(self):
        """Returns the lines of uses of keys in the audit log."""
        lines = "".join(path.read_text() for path in sorted((self.server.data_dir / "audit").glob("audit-*.jsonl")))
        return [line for line in lines.splitlines() if '"mode"' in line]

    def segment(self):
        """Returns the segment of the commit log with the most bytes in use."""
        return max((self.store / "log").iterdir(), key=lambda path: used(path.read_bytes()))

    def damage(self, place):
        """Changes a byte of the log. Returns its segment and the content before."""
        segment = self.segment()
        whole = segment.read_bytes()
        at = int(used(whole) * place)
        segment.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        return segment, whole


def used(content):
    return len(content.rstrip(b"\0"))


@pytest.fixture
def filled(start_server):
    return Filled(start_server())


@pytest.mark.parametrize("place", [0.05, 0.5, 0.95])
def test_a_damaged_byte_of_the_log(filled, place):
    segment, whole = filled.damage(place)
    message = filled.is_refused()
    assert "the commit log" in message and segment.name in message and "at byte" in message, message
    segment.write_bytes(whole)
    filled.server.start()
    filled.is_complete()


def test_a_log_that_was_cut(filled):
    segment = filled.segment()
    whole = segment.read_bytes()
    segment.write_bytes(whole[: used(whole) // 2])
    assert "the mark names commit" in filled.is_refused()


@pytest.mark.parametrize("part", ["log", "index", "mark", "keys", "format", "blobs"])
def test_a_part_that_is_missing(filled, part):
    place = filled.store / part
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()
    assert filled.is_refused()


def test_an_emptied_log(filled):
    for segment in (filled.store / "log").iterdir():
        segment.unlink()
    assert "there is no segment" in filled.is_refused()


def index_of(store):
    """Returns paths of the files that decide which rows there are."""
    return [store / name for name in ("index", "log", "mark", "tables") if (store / name).exists()]


def roll_back(filled, body):
    """Writes 20 more objects, and then puts the older index back. Returns the number of the last commit before that."""
    server, old = filled.server, filled.server.place / "old"
    old.mkdir()
    for part in index_of(filled.store):
        (shutil.copytree if part.is_dir() else shutil.copy)(part, old / part.name)
    server.start()
    wire = Wire(server)
    for n in range(20):
        assert wire("PUT", path_of("vault", f"later{n}"), body=body).status == 200
    wire.close()
    commit = filled.run("status", "--head").stdout.split()[1]
    assert server.stop() == 0
    for part in index_of(filled.store):
        shutil.rmtree(part) if part.is_dir() else part.unlink()
    for part in old.iterdir():
        part.rename(filled.store / part.name)
    return int(commit)


def test_the_audit_log_notes_the_last_commit(filled):
    """An older state of index, log and mark together is found as long as the audit log is not older too."""
    server = filled.server
    commit = roll_back(filled, SMALL)
    for done in (filled.run("verify"), filled.serve()):
        message = (done.stderr + done.stdout).decode()
        assert done.returncode != 0 and "rolled back" in message and "--accept-lost-rows" in message, message
        noted = [int(word.strip(",")) for word in message.split() if word.strip(",").isdigit()]
        assert noted and max(noted) >= commit, message
    server.flags.append("--accept-lost-rows")
    server.start()
    filled.is_complete()
    assert server.stop() == 0
    server.flags.remove("--accept-lost-rows")
    server.start()
    filled.is_complete()
    checked = filled.run("verify")
    assert checked.returncode == 0, checked


def test_without_an_audit_log_an_older_state_is_not_found(filled):
    """As documented: only a head noted elsewhere shows it."""
    roll_back(filled, SMALL)
    shutil.rmtree(filled.server.data_dir / "audit")
    filled.server.start()
    filled.is_complete()


def test_an_older_index_under_newer_blobs(filled):
    """More blobs without a row than a crash leaves: the server ends, and moves none of them before it is accepted."""
    server = filled.server
    roll_back(filled, LARGE)
    # The audit log would notice it too.
    shutil.rmtree(server.data_dir / "audit")
    blobs = sorted((filled.store / "blobs").rglob("*"))
    for _ in range(2):
        checked = filled.run("verify")
        assert checked.returncode != 0 and b"blobs have no row in the index" in checked.stdout, checked
        done = filled.serve()
        assert done.returncode != 0, "the server went on"
        message = done.stderr.decode()
        assert "20 blobs have no row in the index" in message and "--accept-lost-rows" in message, message
        assert sorted((filled.store / "blobs").rglob("*")) == blobs and not (filled.store / "lost").exists()
    server.flags.append("--accept-lost-rows")
    server.start()
    for _ in range(100):
        if filled.run("lost", "list").stdout.count(b"/") >= 20:
            break
        time.sleep(0.1)
    filled.is_complete()
    assert server.stop() == 0
    server.flags.remove("--accept-lost-rows")
    server.start()
    filled.is_complete()


def test_a_snapshot_brings_everything_back(filled):
    """In every mode, after the whole store was lost; what was written after the snapshot is not in it."""
    server = filled.server
    server.start()
    snapshot = filled.snapshot()
    wire = Wire(server)
    assert wire("PUT", path_of("vault", "later"), body=b"x").status == 200
    wire.close()
    store, commit, chain = filled.run("status", "--head").stdout.split()
    assert server.stop() == 0
    shutil.rmtree(filled.store)
    before = len(filled.audited())
    done = filled.run("restore", snapshot)
    assert done.returncode == 0, done.stderr
    uses = [json.loads(line) for line in filled.audited()[before:]]
    assert [(use["mode"], use["result"]) for use in uses] == [("store", "ok")], uses
    server.start()
    filled.is_complete()
    filled.is_verified()
    now = filled.run("status", "--head").stdout.split()
    assert now[0] == store and now[2] != chain and int(commit) > 100, (now, commit)


def test_a_bucket_shredded_after_a_snapshot_stays_shredded(filled):
    server = filled.server
    server.start()
    snapshot = filled.snapshot()
    shred = filled.run("bucket", "shred", "vault", "--yes-shred", "vault")
    assert shred.returncode == 0, shred.stderr
    assert server.stop() == 0
    old = filled.store.rename(server.data_dir / "store.old")
    done = filled.run("restore", snapshot, "--keys-of", old)
    assert done.returncode == 0, done.stderr
    server.start()
    assert filled.found() == set()


def test_unseal_names_what_is_missing(filled):
    filled.damage(0.5)
    before = filled.files()
    listed = filled.run("unseal", "list", "vault")
    assert listed.returncode == 1, listed
    assert b"objects may be missing or outdated" in listed.stderr and b"are missing before byte" in listed.stderr
    assert len(listed.stdout.splitlines()) >= len(filled.expected) - 1
    assert filled.files() == before


def test_keys_that_were_rolled_after_a_snapshot(filled):
    """The snapshot's rows name envelopes that today's key files no longer have."""
    server = filled.server
    server.start()
    snapshot = filled.snapshot()
    for command in [["keys", "roll"], ["bucket", "rewrap-keys"]]:
        done = filled.run(*command)
        assert done.returncode == 0, done.stderr
    assert server.stop() == 0
    old = filled.store.rename(server.data_dir / "store.old")
    done = filled.run("restore", snapshot, "--keys-of", old)
    assert done.returncode == 0, done.stderr
    server.start()
    filled.is_complete()


def test_a_damaged_store_is_repaired(filled):
    filled.damage(0.5)
    server = filled.server
    out = server.data_dir / "store.repaired"
    before = filled.files()
    done = filled.run("repair", "--out", out)
    assert done.returncode == 0, done.stderr
    assert b"LOST" in done.stdout and b"are missing before byte" in done.stdout, done.stdout
    assert filled.files() == before
    shutil.rmtree(filled.store)
    out.rename(filled.store)
    server.start()
    assert len(filled.found()) >= len(filled.expected) - 1


def test_a_state_of_the_past(start_server):
    """Objects that were deleted and overwritten since are as they were at a time."""
    filled = Filled(start_server("--store-history-days", "7"))
    server = filled.server
    server.start()
    snapshot = filled.snapshot()
    wire = Wire(server)
    filled.put(wire, "k1", LARGE + b"after the snapshot", sse_c(KEY))
    wire.close()
    then = time.time()
    time.sleep(1.1)
    wire = Wire(server)
    for key in filled.expected:
        assert wire("DELETE", path_of("vault", key)).status == 204
    for n in range(20):
        assert wire("PUT", path_of("vault", f"new{n}"), body=LARGE).status == 200
    wire.close()
    assert wait_until(lambda: any((filled.store / "history").glob("*-*/*/*")))
    assert b"History      every state since commit" in filled.run("status").stdout
    assert server.stop() == 0
    old = filled.store.rename(server.data_dir / "store.old")
    until = datetime.datetime.fromtimestamp(int(then), datetime.UTC).isoformat()
    done = filled.run("restore", snapshot, "--log-of", old, "--until", until)
    assert done.returncode == 0, done.stderr
    server.start()
    filled.is_complete()
    filled.is_verified()


def test_a_lost_index_is_rebuilt(filled):
    server = filled.server
    server.start()
    snapshot = filled.snapshot()
    wire = Wire(server)
    filled.put(wire, "later", LARGE, sse_c(KEY))
    wire.close()
    assert server.stop() == 0
    shutil.rmtree(filled.store / "index")
    assert filled.is_refused()
    before = filled.files()
    out = server.data_dir / "store.rebuilt"
    done = filled.run("index", "rebuild", "--snapshot", snapshot, "--out", out)
    assert done.returncode == 0, done.stderr
    assert filled.files() == before
    shutil.rmtree(filled.store)
    out.rename(filled.store)
    server.start()
    filled.is_complete()
    filled.is_verified()


def test_a_log_that_does_not_reach_back_to_a_snapshot(filled):
    server = filled.server
    server.start()
    snapshot = filled.snapshot()
    # Each start begins a segment, and several are soon made part of the index.
    for n in range(7):
        wire = Wire(server)
        filled.put(wire, f"later{n}", SMALL, {})
        wire.close()
        assert server.stop() == 0
        server.start()
    assert wait_until(lambda: len(list((filled.store / "log").iterdir())) < 5)
    assert server.stop() == 0
    out = server.data_dir / "store.rebuilt"
    done = filled.run("index", "rebuild", "--snapshot", snapshot, "--out", out)
    assert done.returncode != 0 and b"are in no segment of its log any more" in done.stderr, done.stderr
    assert not out.exists()


def test_a_store_without_its_format_file_is_repaired(filled):
    (filled.store / "format").unlink()
    assert filled.is_refused()
    out = filled.server.data_dir / "store.repaired"
    done = filled.run("repair", "--out", out)
    assert done.returncode == 0 and b"taken from the log" in done.stdout, done
    shutil.rmtree(filled.store)
    out.rename(filled.store)
    filled.server.start()
    filled.is_complete()
