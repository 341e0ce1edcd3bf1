"""Commands on the store itself, with a running server and without one: what they do, tell, and leave in the audit log."""

import base64
import contextlib
import csv
import io
import json
import os
import pty
import re
import secrets
import signal
import socket
import subprocess
import tomllib

import pytest

from audit_log import lines
from raw import path_of, send, sse_c, wait_until
from server import BINARY, environment, run

DATA = secrets.token_bytes(200_000)
KEY = secrets.token_bytes(32)
OPERATOR = f"operator:{os.geteuid()}"


class Store:
    """A store with a server, which is told to end before a command where the command is to do without."""

    def __init__(self, server, is_running):
        self.server, self.is_running = server, is_running

    def command(self, *arguments, stdin=b""):
        """Runs a command beside the server, or while it is stopped."""
        if not self.is_running:
            assert self.server.stop() == 0
        done = run(*arguments, "--data-dir", self.server.data_dir, cwd=self.server.place, stdin=stdin)
        if not self.is_running:
            self.server.start()
        return done

    def done(self, *arguments, **more):
        done = self.command(*arguments, **more)
        assert done.returncode == 0, done
        return done.stdout.decode()

    def refused(self, *arguments, **more):
        done = self.command(*arguments, **more)
        assert done.returncode == 1, done
        return done.stderr.decode()

    @property
    def s3(self):
        return self.server.s3()

    def noted(self, operation):
        """What the audit log has of a command, after the server has ended."""
        assert self.server.stop() == 0
        found = [line for line in lines(self.server.data_dir / "audit") if line.get("operation") == operation]
        assert all(line["who"] == OPERATOR and "address" not in line for line in found)
        self.server.start()
        # Who comes to a bucket first opens its key too.
        return [line for line in found if (line["use"], line["mode"]) != ("unwrap", "bucket")]


@pytest.fixture(params=["running", "stopped"])
def store(start_server, request):
    return Store(start_server(), request.param == "running")


def put_all(store):
    """Objects in every mode, small ones and ones with files of their own, one in two versions."""
    store.s3.create_bucket(Bucket="vault")
    store.s3.put_bucket_versioning(Bucket="vault", VersioningConfiguration={"Status": "Enabled"})
    store.s3.create_bucket(Bucket="empty")
    for key, headers in [
        ("own", {}),
        ("own", {}),
        ("customer", sse_c(KEY)),
        ("kms", {"x-amz-server-side-encryption": "aws:kms"}),
    ]:
        for size, name in [(10, "small"), (len(DATA), "large")]:
            path = path_of("vault", f"{key}/{name}")
            assert send(store.server, "PUT", path, headers=headers, body=DATA[:size]).status == 200


def test_report(store):
    put_all(store)
    told = json.loads(store.done("report", "keys", "--json"))
    assert told["damaged"] == 0
    usage = {entry["mode"]: entry for entry in told["usage"]}
    assert {mode: (entry["versions"], entry["bytes"]) for mode, entry in usage.items()} == {
        "SSE-S3": (4, 2 * (len(DATA) + 10)),
        "SSE-C": (2, len(DATA) + 10),
        "SSE-KMS": (2, len(DATA) + 10),
    }
    assert usage["SSE-C"]["key_id"] == usage["SSE-C"]["key_version"] == ""
    assert usage["SSE-KMS"]["key_id"] == store.s3.head_object(Bucket="vault", Key="kms/small")["SSEKMSKeyId"]
    assert all(entry["bucket"] == "vault" for entry in told["usage"])
    rows = list(csv.DictReader(io.StringIO(store.done("report", "keys", "--csv"), newline="")))
    numbers = [{**row, **{name: int(row[name]) for name in ["versions", "uploads", "bytes"]}} for row in rows]
    assert numbers == told["usage"]
    table = store.done("report", "keys").splitlines()
    assert table[0].split() == ["BUCKET", "MODE", "KEY", "KEY", "VERSION", "VERSIONS", "UPLOADS", "BYTES"]
    assert [row.split()[:2] for row in table[1:-1]] == [["vault", entry["mode"]] for entry in told["usage"]]
    assert table[-1].split()[:2] == ["all", "8"]


def test_verify(store):
    put_all(store)
    told = store.done("verify")
    assert "Opened       6 versions" in told and "Sealed       2 versions" in told and "Damaged      0" in told
    assert "Opened       2 versions" in store.done("verify", "--bucket", "vault", "--prefix", "kms/", "--rate", "100")
    assert "there is no bucket nowhere" in store.refused("verify", "--bucket", "nowhere")
    noted = store.noted("verify")
    assert {line["use"] for line in noted} == {"unwrap"} and len(noted) == 6 + 2


@pytest.mark.parametrize("key", ["own", "customer", "kms"])
def test_verify_finds_damage(store, key):
    put_all(store)
    before = store.server.blobs()
    headers = {"own": {}, "customer": sse_c(KEY), "kms": {"x-amz-server-side-encryption": "aws:kms"}}[key]
    assert send(store.server, "PUT", path_of("vault", "victim"), headers=headers, body=DATA).status == 200
    (victim,) = store.server.blobs() - before
    with victim.open("r+b") as blob:
        blob.seek(100_000)
        byte = blob.read(1)
        blob.seek(100_000)
        blob.write(bytes([byte[0] ^ 1]))
    done = store.command("verify")
    assert done.returncode == 1 and b"damage was found in 1 version\n" in done.stderr, done
    damaged = [line for line in done.stdout.decode().splitlines() if line.startswith("DAMAGED")]
    assert len(damaged) == 1 and "vault/victim" in damaged[0], done


def test_verify_finds_exchanged_content_of_customers(store):
    """Each file is whole, and its checksum in it is right."""
    put_all(store)
    before = store.server.blobs()
    for key in ["one", "two"]:
        assert send(store.server, "PUT", path_of("vault", key), headers=sse_c(KEY), body=DATA).status == 200
    one, two = store.server.blobs() - before
    here, there = one.read_bytes(), two.read_bytes()
    one.write_bytes(there)
    two.write_bytes(here)
    done = store.command("verify")
    assert done.returncode == 1 and b"damage was found in 2 versions" in done.stderr, done
    assert {word in done.stdout for word in [b"vault/one", b"vault/two"]} == {True}


def test_rewrap(store):
    put_all(store)
    s3 = store.s3
    versions = [entry["VersionId"] for entry in s3.list_object_versions(Bucket="vault")["Versions"]]
    told = store.done("rewrap", "--bucket", "vault", "--from", "sse-s3", "--to", "sse-kms:default")
    assert told.startswith("Looked at 8 versions, wrapped 4 anew."), told
    again = store.done("rewrap", "--bucket", "vault", "--from", "sse-s3", "--to", "sse-kms:default")
    assert "wrapped 0 anew" in again
    s3 = store.s3
    assert [entry["VersionId"] for entry in s3.list_object_versions(Bucket="vault")["Versions"]] == versions
    assert s3.head_object(Bucket="vault", Key="own/large")["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(Bucket="vault", Key="own/large")["Body"].read() == DATA
    to_s3 = ["rewrap", "--bucket", "vault", "--prefix", "own/", "--from", "sse-kms", "--to", "sse-s3"]
    assert "Looked at 4 versions, wrapped 4 anew." in store.done(*to_s3, "--rate", "1000")
    s3 = store.s3
    assert s3.head_object(Bucket="vault", Key="own/large")["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket="vault", Key="kms/large")["ServerSideEncryption"] == "aws:kms"
    noted = store.noted("rewrap")
    assert [line["use"] for line in noted].count("rewrap") == 8


def test_rewrap_under_a_new_version_of_a_key(store):
    put_all(store)
    store.done("keys", "roll", "default")
    same = ["rewrap", "--bucket", "vault", "--from", "sse-kms:default", "--to", "sse-kms:default"]

    def wrapped_anew():
        told = store.done(*same)
        return int(told.split("wrapped ")[1].split(" anew")[0])

    # A running server takes the new version up within seconds.
    counts = []
    assert wait_until(lambda: counts.append(wrapped_anew()) or sum(counts) == 2, 15), counts
    assert wrapped_anew() == 0
    told = json.loads(store.done("report", "keys", "--json"))
    assert [entry["key_version"] for entry in told["usage"] if entry["mode"] == "SSE-KMS"] == ["2"]


def test_rewrap_says_what_is_wrong(store):
    store.s3.create_bucket(Bucket="vault")
    store.s3.put_object(Bucket="vault", Key="k", Body=DATA)
    both = ["rewrap", "--bucket", "vault", "--from", "sse-s3", "--to"]
    assert "no-such-key" in store.refused(*both, "sse-kms:no-such-key")
    assert "there is nothing to do" in store.refused(*both, "sse-s3")
    other = ["rewrap", "--bucket", "nowhere", "--from", "sse-s3", "--to", "sse-kms"]
    assert "there is no bucket nowhere" in store.refused(*other)
    wrong = run(*both, "sse-c", cwd=store.server.place)
    assert wrong.returncode == 2 and b"sse-kms:KEY" in wrong.stderr


def test_shred(store):
    put_all(store)
    blobs = store.server.blobs()
    assert blobs
    refusal = store.refused("bucket", "shred", "vault", stdin=b"vault\n")
    assert "--yes-shred vault" in refusal
    assert "nothing was done" in store.refused("bucket", "shred", "vault", "--yes-shred", "vaults")
    assert store.s3.get_object(Bucket="vault", Key="own/large")["Body"].read() == DATA
    assert "The bucket vault is gone" in store.done("bucket", "shred", "vault", "--yes-shred", "vault")
    assert [bucket["Name"] for bucket in store.s3.list_buckets()["Buckets"]] == ["empty"]
    assert wait_until(lambda: not blobs & store.server.blobs()), "the bytes were not removed"
    assert "there is no bucket vault" in store.refused("bucket", "shred", "vault", "--yes-shred", "vault")
    (noted,) = store.noted("bucket shred")
    assert (noted["use"], noted["bucket"], noted["mode"], noted["result"]) == ("shred", "vault", "bucket", "ok")


def test_shred_under_object_lock(store):
    store.s3.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
    store.s3.put_object(Bucket="kept", Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
    assert "--with-locked" in store.refused("bucket", "shred", "kept", "--yes-shred", "kept")
    assert store.s3.head_object(Bucket="kept", Key="k")
    store.done("bucket", "shred", "kept", "--yes-shred", "kept", "--with-locked")
    assert store.s3.list_buckets()["Buckets"] == []


def test_keys_of_buckets_are_wrapped_anew(store):
    put_all(store)
    before = {entry["key_version"] for entry in json.loads(store.done("report", "keys", "--json"))["usage"]}
    assert "strongroom bucket rewrap-keys" in store.done("keys", "roll")
    told = store.done("bucket", "rewrap-keys")
    # Two buckets, the store's own key, the root credentials'.
    assert told.startswith("4 keys are under the master key m-") and "4 were wrapped anew" in told, told
    assert "0 were wrapped anew" in store.done("bucket", "rewrap-keys")
    usage = json.loads(store.done("report", "keys", "--json"))["usage"]
    (after,) = {entry["key_version"] for entry in usage if entry["mode"] == "SSE-S3"}
    assert after in told and after not in before
    assert store.s3.get_object(Bucket="vault", Key="own/large")["Body"].read() == DATA
    noted = store.noted("bucket rewrap-keys")
    assert [(line["use"], line["key_id"]) for line in noted] == [("roll", after)] * 4
    assert {(line["mode"], line.get("bucket")) for line in noted} == {
        ("store", None),
        ("bucket", "vault"),
        ("bucket", "empty"),
        ("credentials", None),
    }


def test_root_credentials_are_wrapped_anew(store):
    """Of the old master key nothing is left in their file, and they are what they were."""
    file = store.server.data_dir / "root-credentials.toml"

    def current():
        (found,) = [key for key, state in masters(store).items() if state == "current"]
        return found.encode()

    def wrapper():
        return base64.b64decode(tomllib.loads(file.read_text())["key"])

    old = current()
    assert old in wrapper()
    before = tomllib.loads(file.read_text())
    store.done("keys", "roll")
    assert old in wrapper()
    store.done("bucket", "rewrap-keys")
    assert old not in wrapper() and current() in wrapper()
    after = tomllib.loads(file.read_text())
    assert {**after, "key": ""} == {**before, "key": ""} and file.stat().st_mode & 0o777 == 0o600
    text = file.read_text()
    store.done("bucket", "rewrap-keys")
    assert file.read_text() == text
    assert store.s3.list_buckets()["Buckets"] == []
    store.server.stop()
    store.server.start()
    assert store.s3.list_buckets()["Buckets"] == []
    shown = run("credentials", "show", "--data-dir", store.server.data_dir, cwd=store.server.place)
    assert store.server.secret.encode() in shown.stdout
    assert "credentials were replaced" not in store.server.log()


def masters(store):
    """Ids of the master keys, the oldest first, with their states."""
    told = json.loads(store.done("keys", "list", "--json"))
    return {key["id"]: key["state"] for key in told["master"]}


def test_a_master_key_is_deleted_when_nothing_is_wrapped_by_it(store):
    put_all(store)
    (old,) = masters(store)
    delete = ["keys", "delete", old, "--yes-delete", old]
    assert "no retired master key" in store.refused(*delete)
    store.done("keys", "roll")
    assert "no retired master key" in store.refused(*delete)
    store.done("keys", "retire", old)
    assert "still wraps 4 of the keys" in store.refused(*delete)
    credentials = store.server.data_dir / "root-credentials.toml"
    under_old = credentials.read_bytes()
    store.done("bucket", "rewrap-keys")
    assert f"--yes-delete {old}" in store.refused("keys", "delete", old, stdin=f"{old}\n".encode())
    assert "nothing was done" in store.refused("keys", "delete", old, "--yes-delete", "m-0")
    under_new = credentials.read_bytes()
    credentials.write_bytes(under_old)
    assert "still wraps 1 of the keys" in store.refused(*delete)
    credentials.write_bytes(under_new)
    assert list(masters(store).values()) == ["retired", "current"]
    assert "still hold it" in store.done(*delete)
    assert list(masters(store).values()) == ["current"] and old not in masters(store)
    assert "holds no key" in store.refused(*delete)
    assert "no retired master key" in store.refused("keys", "delete", "default", "--yes-delete", "default")
    (noted,) = store.noted("keys delete")
    assert (noted["use"], noted["mode"], noted["key_id"], noted["result"]) == ("delete", "master", old, "ok")
    for key, headers in [("own/large", {}), ("kms/large", {}), ("customer/large", sse_c(KEY))]:
        assert send(store.server, "GET", path_of("vault", key), headers=headers).body == DATA


def test_a_server_that_holds_newer_keys_deletes_none_from_an_older_keyring(start_server):
    store = Store(start_server(), is_running=True)
    (old,) = masters(store)
    store.done("keys", "roll")
    store.done("bucket", "rewrap-keys")
    store.done("keys", "retire", old)
    file = store.server.data_dir / "keyring.toml"
    older = file.read_bytes()
    store.done("keys", "roll", "default")
    # It takes the newest up at once.
    store.done("bucket", "rewrap-keys")
    file.write_bytes(older)
    assert "put back the newest file" in store.refused("keys", "delete", old, "--yes-delete", old)
    assert file.read_bytes() == older


def test_at_a_terminal_the_id_of_a_master_key_is_asked_for(store):
    (old,) = masters(store)
    store.done("keys", "roll")
    store.done("bucket", "rewrap-keys")
    store.done("keys", "retire", old)
    if not store.is_running:
        store.server.stop()
    for typed, code in [("yes", 1), (old, 0)]:
        terminal = Terminal(store.server, "keys", "delete", old)
        terminal.read_until(b"Type the id of the master key")
        terminal.type(f"{typed}\n".encode())
        assert terminal.finish()[0] == code, terminal.shown


def test_uses_of_the_root_credentials_are_noted(start_server):
    server = start_server()
    assert server.stop() == 0
    server.start()
    master = json.loads(run("keys", "list", "--json", "--data-dir", server.data_dir, cwd=server.place).stdout)
    assert server.stop() == 0
    noted = [line for line in lines(server.data_dir / "audit") if line.get("mode") == "credentials"]
    assert [(line["who"], line["use"], line["key_id"], line["result"]) for line in noted] == [
        ("server", use, master["master"][0]["id"], "ok") for use in ["wrap", "unwrap"]
    ]


def test_purge(store):
    put_all(store)
    assert "are forgotten" in store.done("kms", "purge-cache")
    assert store.s3.get_object(Bucket="vault", Key="kms/large")["Body"].read() == DATA


def begin(server, *arguments, **more):
    return subprocess.Popen(
        [BINARY, *arguments, "--data-dir", str(server.data_dir)],
        cwd=server.place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


@contextlib.contextmanager
def slow_check(store):
    """A check that takes minutes, and has begun."""
    store.s3.create_bucket(Bucket="vault")
    for number in range(10):
        store.s3.put_object(Bucket="vault", Key=f"k{number}", Body=DATA * 30)
    if not store.is_running:
        store.server.stop()
    process = begin(store.server, "verify", "--rate", "1")
    try:
        if store.is_running:
            assert wait_until(lambda: "a command begins" in store.server.log())
        else:
            log = store.server.data_dir / "audit" / "audit-00000000000000000001.jsonl"
            assert wait_until(lambda: b'"operation":"verify"' in log.read_bytes())
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_it_can_be_broken_off(store):
    with slow_check(store) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1 and b"broken off" in said, said
    if store.is_running:
        assert wait_until(lambda: "a command was broken off" in store.server.log())
    else:
        store.server.start()
    assert b"Damaged      0" in run("verify", "--data-dir", store.server.data_dir, cwd=store.server.place).stdout
    assert store.server.stop() == 0
    lines(store.server.data_dir / "audit")


def test_a_killed_command_leaves_the_store_as_it_was(store):
    with slow_check(store) as process:
        process.kill()
        process.wait(10)
    if store.is_running:
        assert wait_until(lambda: "a command was broken off" in store.server.log())
    else:
        store.server.start()
    assert store.s3.get_object(Bucket="vault", Key="k0")["Body"].read() == DATA * 30


def test_a_server_that_ends_takes_its_commands_with_it(start_server):
    store = Store(start_server(), is_running=True)
    with slow_check(store) as process:
        assert store.server.stop() == 0
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1 and b"the server ended before this was done" in said, said
    assert not (store.server.data_dir / "admin.sock").exists()


def test_what_a_killed_server_left_is_in_nobodys_way(start_server):
    server = start_server()
    server.s3().create_bucket(Bucket="vault")
    server.kill()
    assert (server.data_dir / "admin.sock").exists()
    told = run("report", "keys", "--json", "--data-dir", server.data_dir, cwd=server.place)
    assert json.loads(told.stdout)["usage"] == [], told
    server.start()
    told = run("report", "keys", "--json", "--data-dir", server.data_dir, cwd=server.place)
    assert told.returncode == 0, told


def test_without_a_store_nothing_is_made(tmp_path):
    nothing = run("verify", "--data-dir", tmp_path / "nowhere", cwd=tmp_path)
    assert nothing.returncode == 1 and b"there is no store in" in nothing.stderr, nothing
    assert not (tmp_path / "nowhere").exists()


def test_without_the_keyring(start_server):
    server = start_server()
    server.stop()
    (server.data_dir / "keyring.toml").rename(server.data_dir / "elsewhere.toml")
    nothing = run("verify", "--data-dir", server.data_dir, cwd=server.place)
    assert nothing.returncode == 1 and b"the keyring" in nothing.stderr and b"is not there" in nothing.stderr, nothing


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_nobody_else_is_listened_to(start_server, tmp_path):
    server = start_server()
    path = server.data_dir / "admin.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    # Even if the modes let them in.
    for place in [path, *path.parents]:
        if place.owner() == "root" and place.stat().st_mode & 0o005 != 0o005:
            place.chmod(0o777 if place == path else 0o755)
    ask = ["curl", "--silent", "--http0.9", "--unix-socket", str(path), "http://localhost/"]
    answers = []

    def is_refused():
        answers.append(subprocess.run(ask, user=65534, capture_output=True, timeout=20, cwd="/"))
        return b"of its own user and of root only" in answers[-1].stdout

    # Where the server has answered and hung up before curl looks, curl takes it for one that cannot be reached.
    assert wait_until(is_refused), answers
    assert "a command of another user was refused" in server.log()


def test_a_command_of_another_version_is_told_so(start_server):
    server = start_server()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        here = os.getcwd()
        os.chdir(server.data_dir)
        try:
            client.connect("admin.sock")
        finally:
            os.chdir(here)
        client.sendall(json.dumps({"protocol": 999, "job": {"name": "purge-cache"}}).encode() + b"\n")
        told = json.loads(client.makefile().readline())
    assert told["event"] == "failed" and "does not understand this command (999)" in told["message"]


class Terminal:
    """A terminal that a command runs at."""

    def __init__(self, server, *arguments):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [BINARY, *arguments, "--data-dir", str(server.data_dir)],
            cwd=server.place, env=environment(), stdin=slave, stdout=subprocess.PIPE, stderr=slave,
        )  # fmt: skip
        os.close(slave)
        self.shown = b""

    def type(self, text):
        os.write(self.master, text)

    def read_until(self, text):
        while text not in self.shown:
            self.shown += os.read(self.master, 10_000)

    def finish(self):
        answer = self.process.stdout.read()
        code = self.process.wait(30)
        with contextlib.suppress(OSError):
            while piece := os.read(self.master, 10_000):
                self.shown += piece
        os.close(self.master)
        return code, answer


def test_at_a_terminal_the_name_is_asked_for(store):
    store.s3.create_bucket(Bucket="vault")
    if not store.is_running:
        store.server.stop()
    for typed, code in [(b"yes\n", 1), (b"vault\n", 0)]:
        terminal = Terminal(store.server, "bucket", "shred", "vault")
        terminal.read_until(b"Type the name of the bucket")
        terminal.type(typed)
        assert terminal.finish()[0] == code, terminal.shown


def test_at_a_terminal_progress_is_one_line(start_server):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="vault")
    for number in range(4):
        s3.put_object(Bucket="vault", Key=f"k{number}", Body=DATA)
    terminal = Terminal(server, "verify", "--rate", "2")
    code, answer = terminal.finish()
    assert code == 0 and b"Opened       4 versions" in answer
    assert re.search(rb"\r\x1b\[K[123] versions?, ", terminal.shown), terminal.shown
    assert terminal.shown.endswith(b"\r\x1b[K")
    assert b"\n" not in terminal.shown
