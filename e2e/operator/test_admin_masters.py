"""Rewrapping the keys under master keys, and deleting unused master keys."""

import base64
import fcntl
import json
import signal
import time
import tomllib

from support.audit_log import lines
from support.commands_on_store import DATA, KEY, Store, Terminal, begin, masters, put_all
from support.raw import path_of, send, sse_c, wait_until
from support.server import run


def test_bucket_keys_are_rewrapped(store):
    put_all(store)
    before = {entry["key_version"] for entry in json.loads(store.done("report", "keys", "--json"))["usage"]}
    assert "strongroom bucket rewrap-keys" in store.done("keys", "roll")
    reported = store.done("bucket", "rewrap-keys")
    # Two buckets, the store's own key, the root credentials.
    assert reported.startswith("4 keys are under the master key m-") and "4 were rewrapped" in reported, reported
    assert "0 were rewrapped" in store.done("bucket", "rewrap-keys")
    usage = json.loads(store.done("report", "keys", "--json"))["usage"]
    (after,) = {entry["key_version"] for entry in usage if entry["mode"] == "SSE-S3"}
    assert after in reported and after not in before
    assert store.s3.get_object(Bucket="vault", Key="own/large")["Body"].read() == DATA
    audited = store.audited("bucket rewrap-keys")
    assert [(line["use"], line["key_id"]) for line in audited] == [("roll", after)] * 4
    assert {(line["mode"], line.get("bucket")) for line in audited} == {
        ("store", None),
        ("bucket", "vault"),
        ("bucket", "empty"),
        ("credentials", None),
    }


def test_root_credentials_are_rewrapped(store):
    """The file does not mention the old master key any more, and the credentials are unchanged."""
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
    assert "root credentials replaced" not in store.server.log()


def test_an_unused_master_key_is_deleted(store):
    put_all(store)
    (old,) = masters(store)
    delete = ["keys", "delete", old, "--yes-delete", old]
    assert "is not a retired master key" in store.refused(*delete)
    store.done("keys", "roll")
    assert "is not a retired master key" in store.refused(*delete)
    store.done("keys", "retire", old)
    assert "still wraps 4 of the keys" in store.refused(*delete)
    credentials = store.server.data_dir / "root-credentials.toml"
    under_old = credentials.read_bytes()
    store.done("bucket", "rewrap-keys")
    assert f"--yes-delete {old}" in store.refused("keys", "delete", old, stdin=f"{old}\n".encode())
    assert "nothing was changed" in store.refused("keys", "delete", old, "--yes-delete", "m-0")
    under_new = credentials.read_bytes()
    credentials.write_bytes(under_old)
    assert "still wraps 1 of the keys" in store.refused(*delete)
    credentials.write_bytes(under_new)
    assert list(masters(store).values()) == ["retired", "current"]
    assert "still contain it" in store.done(*delete)
    assert list(masters(store).values()) == ["current"] and old not in masters(store)
    assert "the keyring has no key" in store.refused(*delete)
    assert "is not a retired master key" in store.refused("keys", "delete", "default", "--yes-delete", "default")
    (audited,) = store.audited("keys delete")
    assert (audited["use"], audited["mode"], audited["key_id"], audited["result"]) == ("delete", "master", old, "ok")
    for key, headers in [("own/large", {}), ("kms/large", {}), ("customer/large", sse_c(KEY))]:
        assert send(store.server, "GET", path_of("vault", key), headers=headers).body == DATA


def test_a_server_with_newer_keys_deletes_none_from_an_older_keyring(start_server):
    store = Store(start_server(), is_running=True)
    (old,) = masters(store)
    store.done("keys", "roll")
    store.done("bucket", "rewrap-keys")
    store.done("keys", "retire", old)
    file = store.server.data_dir / "keyring.toml"
    older = file.read_bytes()
    store.done("keys", "roll", "default")
    # It picks up the newest keyring at once.
    store.done("bucket", "rewrap-keys")
    file.write_bytes(older)
    assert "restore the newest file" in store.refused("keys", "delete", old, "--yes-delete", old)
    assert file.read_bytes() == older


def test_a_terminal_asks_for_the_id_of_the_master_key(store):
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


def test_uses_of_the_root_credentials_are_audited(start_server):
    server = start_server()
    assert server.stop() == 0
    server.start()
    master = json.loads(run("keys", "list", "--json", "--data-dir", server.data_dir, cwd=server.place).stdout)
    assert server.stop() == 0
    audited = [line for line in lines(server.data_dir / "audit") if line.get("mode") == "credentials"]
    assert [(line["who"], line["use"], line["key_id"], line["result"]) for line in audited] == [
        ("server", use, master["master"][0]["id"], "ok") for use in ["wrap", "unwrap"]
    ]


def test_an_interrupted_deletion_is_audited(start_server):
    """The deletion waits for another command on the keyring, is interrupted, and is repeated."""
    store = Store(start_server(), is_running=True)
    (old,) = masters(store)
    store.done("keys", "roll")
    store.done("keys", "retire", old)
    store.done("bucket", "rewrap-keys")
    with (store.server.data_dir / "keyring.toml.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = begin(store.server, "keys", "delete", old, "--yes-delete", old)
        assert wait_until(lambda: "command started" in store.server.log() and "keys delete" in store.server.log())
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 1
    assert wait_until(lambda: old not in masters(store))
    (line,) = store.audited("keys delete")
    assert (line["use"], line["mode"], line["key_id"], line["result"]) == ("delete", "master", old, "ok")
    shown = store.done("audit", "show", "--use", "delete")
    assert old in shown and shown.count("\n") == 1, shown
