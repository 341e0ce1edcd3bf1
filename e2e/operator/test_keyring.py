"""The keyring: its root key, the commands that change it, and a server that picks up the changes."""

import base64
import json
import random
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from support import keyring_file, vectors
from support.keyring_store import CONTENT
from support.raw import path_of, send, wait_until
from support.server import BINARY, environment, run


def test_the_first_start_creates_the_documented_keyring(vault):
    for file in [vault.file, vault.root]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(vault.root.read_bytes()) == 32
    keys, reported = vault.opened()
    assert [master["state"] for master in reported["master"]] == ["current"]
    assert [(named["name"], named["state"]) for named in reported["kms"]] == [("default", "enabled")]
    credentials = vault.server.data_dir / "root-credentials.toml"
    assert keyring_file.open_root_credentials(credentials, keys) == vault.server.secret
    assert "strongroom keys export-backup" in vault.server.banner
    assert str(vault.root) in vault.server.banner
    vault.starts()
    assert "export-backup" not in vault.server.banner


def test_list_shows_everything_but_the_keys(vault):
    vault.done("new", "--name", "payroll")
    vault.done("roll")
    keys, reported = vault.opened()
    shown = vault.done("list")
    as_json = vault.list()
    assert as_json["root"] == {"kind": "key", "fingerprint": vectors.fingerprint(vault.root.read_bytes())}
    assert [master["id"] for master in as_json["master"]] == [master["id"] for master in reported["master"]]
    assert [named["label"] for named in as_json["kms"]] == ["default", "payroll"]
    for name, key in keys.items():
        assert name.split("/")[0] in shown and vectors.fingerprint(key) in shown
    everything = shown + json.dumps(as_json) + vault.done("verify") + vault.file.read_text() + vault.server.log()
    for key in [*keys.values(), vault.root.read_bytes()]:
        for form in [key.hex(), base64.b64encode(key).decode().rstrip("=")]:
            assert form.lower() not in everything.lower()


def test_named_keys_by_commands(vault):
    assert "key-1" in vault.done("new")
    assert "payroll" in vault.done("new", "--name", "payroll")
    assert "version 2" in vault.done("roll", "payroll")
    assert "wages" in vault.done("rename", "alias/payroll", "wages")
    assert "disabled" in vault.done("retire", "wages")
    named = {key["label"]: key for key in vault.list()["kms"]}
    assert set(named) == {"default", "key-1", "wages"}
    assert named["wages"]["state"] == "disabled"
    assert [version["number"] for version in named["wages"]["versions"]] == [1, 2]
    assert "enabled" in vault.done("revive", named["wages"]["id"])
    assert [key["state"] for key in vault.list()["kms"]] == ["enabled"] * 3
    keys, _ = vault.opened()
    assert len(keys) == 5


def test_bad_input_is_reported(vault):
    current = vault.list()["master"][0]["id"]
    before = vault.file.read_bytes()
    for arguments, expected in [
        (["new", "--name", "default"], "labels are unique"),
        (["new", "--name", "a b"], "is not a valid label"),
        (["new", "--name", "k-1"], "is not a valid label"),
        (["rename", "nobody", "x"], "strongroom keys list"),
        (["rename", current, "x"], "master key"),
        (["retire", current], "current"),
        (["revive", current], "already"),
        (["revive", "default"], "already"),
        (["roll", "nobody"], "nobody"),
        (["list", "--root-file", "/nowhere"], "there is no root key at /nowhere"),
        (["list", "--root-source", "credential"], "LoadCredential"),
        (["list", "--root-source", "passphrase"], "root.passphrase_file"),
        (["list", "--root-credential", "x"], "requires root.source"),
        (["list", "--keyring", "/nowhere/k.toml"], "no keyring at /nowhere/k.toml"),
        (["roll", "--keyring", "/nowhere/k.toml"], "no keyring at /nowhere/k.toml"),
        (["export-backup", "backup"], "--passphrase-file"),
        (["import-backup", "nowhere"], "there is a keyring"),
        (["reseal", "--to-source", "file"], "already sealed by that root key"),
        (["reseal", "--to-source", "file", "--to-credential", "x"], "requires root.source"),
    ]:
        assert expected in vault.refused(*arguments), arguments
    for arguments in [["reseal"], ["new", "label"], ["retire"], ["delete"], ["retire", "x", "--delete"]]:
        assert vault.keys(*arguments).returncode == 2, arguments
    assert vault.file.read_bytes() == before


def test_a_running_server_picks_up_a_new_master_key(vault):
    first = vault.list()["master"][0]["id"]
    assert first in vault.done("roll")
    assert wait_until(lambda: "the keyring was changed" in vault.server.log())
    vault.server.s3().create_bucket(Bucket="newer")
    assert send(vault.server, "PUT", path_of("newer", "k"), body=CONTENT).status == 200
    assert vault.is_readable()
    vault.done("retire", first)
    states = [master["state"] for master in vault.list()["master"]]
    assert states == ["retired", "current"]
    vault.starts()
    assert send(vault.server, "GET", path_of("newer", "k")).body == CONTENT


def test_credentials_under_a_new_master_key_are_picked_up(vault):
    vault.done("roll")
    done = run("credentials", "reset", "--data-dir", vault.server.data_dir, cwd=vault.server.place)
    assert done.returncode == 0
    assert wait_until(lambda: "root credentials replaced" in vault.server.log())
    assert "cannot read the new root credentials" not in vault.server.log()


def test_an_unreadable_keyring_changes_nothing_and_is_logged_once(vault):
    good = vault.file.read_text()
    vault.file.write_text(good.replace('"enabled"', '"disabled"'))
    assert wait_until(lambda: "the current keys stay in use" in vault.server.log())
    assert not wait_until(lambda: vault.server.log().count("the current keys stay in use") > 1, 5)
    assert vault.is_readable()
    assert "damaged, or was changed" in vault.refused("list")
    assert "damaged, or was changed" in vault.does_not_start()
    vault.file.write_text(good)
    vault.starts()


def test_a_restored_older_keyring_is_not_picked_up(vault):
    """Nor one in which a lost version was created again under its number: that key would decrypt nothing of the lost one."""
    older = vault.file.read_bytes()
    vault.done("roll", "default")
    assert wait_until(lambda: "the keyring was changed" in vault.server.log())
    kms = {"x-amz-server-side-encryption": "aws:kms"}
    assert send(vault.server, "PUT", path_of("bucket", "newer"), headers=kms, body=CONTENT).status == 200
    newest = vault.file.read_bytes()

    def is_refused(count):
        return wait_until(lambda: vault.server.log().count(f"lacks key {version}, which is in use") == count)

    version = vault.list()["kms"][0]["id"] + "/2"
    vault.file.write_bytes(older)
    assert is_refused(1), vault.server.log()
    assert "version 2" in vault.done("roll", "default")
    run("kms", "purge-cache", "--data-dir", vault.server.data_dir, cwd=vault.server.place)
    assert not wait_until(lambda: "the keyring file matches the keys in use again" in vault.server.log(), 5)
    assert send(vault.server, "GET", path_of("bucket", "newer")).body == CONTENT
    vault.file.write_bytes(newest)
    assert wait_until(lambda: "the keyring file matches the keys in use again" in vault.server.log())
    vault.starts()
    assert send(vault.server, "GET", path_of("bucket", "newer")).body == CONTENT


def test_concurrent_commands_lose_nothing(vault):
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda n: vault.keys("new", "--name", f"n{n}"), range(12)))
    assert [done.returncode for done in outcomes] == [0] * 12, [done.stderr for done in outcomes]
    labels = {key["label"] for key in vault.list()["kms"]}
    assert labels == {"default", *(f"n{n}" for n in range(12))}


def test_commands_that_are_killed_leave_a_whole_keyring(vault):
    vault.server.stop()
    delays = random.Random(11)
    before = len(vault.list()["kms"])
    for number in range(20):
        command = [BINARY, "keys", "new", "--name", f"killed-{number}", "--data-dir", vault.server.data_dir]
        process = subprocess.Popen(
            command, cwd=vault.server.place, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delays.uniform(0, 0.06))
        process.kill()
        process.wait()
        vault.done("verify")
        now = len(vault.list()["kms"])
        assert now in (before, before + 1)
        before = now
    vault.done("new", "--name", "last")
    vault.starts()
