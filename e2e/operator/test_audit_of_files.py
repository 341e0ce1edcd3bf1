"""Audit events of commands that work on files, with the server running and stopped."""

import json
import os
import re

import pytest
from botocore.exceptions import ClientError

from support.audit_log import lines
from support.commands_on_store import OPERATOR, Store
from support.server import run

WORDS = "six words that were drawn at random"


def key_lines(store):
    """Returns use, mode and key of the audit events of commands on files."""
    return [
        (line["operation"], line["use"], line["mode"], line.get("key_id"))
        for line in lines(store.server.data_dir / "audit")
        if line.get("who") == OPERATOR and line["operation"].startswith(("keys ", "credentials "))
    ]


def test_each_command_is_audited(store):
    place = store.server.place
    words = place / "words"
    words.write_text(WORDS)
    words.chmod(0o600)
    reported = store.done("keys", "new", "--name", "payroll")
    (named,) = re.findall(r"k-[0-9a-f]+", reported)[:1]
    store.done("keys", "roll", "payroll")
    store.done("keys", "rename", "payroll", "wages")
    store.done("keys", "retire", "wages")
    store.done("keys", "revive", "wages")
    (old,) = [key["id"] for key in json.loads(store.done("keys", "list", "--json"))["master"]]
    (new,) = re.findall(r"m-[0-9a-f]+", store.done("keys", "roll"))[:1]
    store.done("keys", "retire", old)
    store.done("keys", "export-backup", place / "backup", "--passphrase-file", words)
    store.done("credentials", "show")
    store.done("credentials", "reset")
    assert store.server.stop() == 0
    keyring = store.server.data_dir / "keyring.toml"
    keyring.unlink()
    again = run(
        "keys", "import-backup", place / "backup", "--passphrase-file", words,
        "--data-dir", store.server.data_dir, cwd=place,
    )  # fmt: skip
    assert again.returncode == 0, again
    moved = run(
        "keys", "reseal", "--to-source", "file", "--to-file", place / "other.key",
        "--data-dir", store.server.data_dir, cwd=place,
    )  # fmt: skip
    assert moved.returncode == 0, moved
    assert key_lines(store) == [
        ("keys new", "make", "kms key", named),
        ("keys roll", "roll", "kms key", named),
        ("keys rename", "change", "kms key", named),
        ("keys retire", "change", "kms key", named),
        ("keys revive", "change", "kms key", named),
        ("keys roll", "roll", "master", new),
        ("keys retire", "change", "master", old),
        ("keys export-backup", "export", "backup", None),
        ("credentials show", "unwrap", "credentials", old),
        ("credentials reset", "wrap", "credentials", new),
        ("keys import-backup", "import", "backup", None),
        ("keys reseal", "rewrap", "master", None),
    ]
    checked = run("audit", "verify", "--data-dir", store.server.data_dir, cwd=place)
    assert checked.returncode == 0, checked


def test_a_server_has_picked_up_the_change_when_the_command_ends(start_server):
    """The next command of a script can rely on it."""
    store = Store(start_server(), is_running=True)
    store.s3.create_bucket(Bucket="vault")
    store.s3.put_object(Bucket="vault", Key="a", Body=b"x")
    rewrap = ["rewrap", "--bucket", "vault", "--from", "sse-s3", "--to", "sse-kms:payroll"]
    assert "there is no KMS key" in store.refused(*rewrap)
    for command in (["new", "--name", "payroll"], ["rename", "payroll", "salaries"], ["rename", "salaries", "payroll"]):
        assert "The running server has loaded the change." in store.done("keys", *command)
    assert "rewrapped 1" in store.done(*rewrap)
    store.done("keys", "retire", "payroll")
    with pytest.raises(ClientError, match="disabled"):
        store.s3.get_object(Bucket="vault", Key="a")
    store.done("keys", "revive", "payroll")
    assert store.s3.get_object(Bucket="vault", Key="a")["Body"].read() == b"x"
    store.server.stop()
    assert "server" not in store.done("keys", "rename", "payroll", "wages")


def test_refused_commands_are_not_audited(store):
    store.refused("keys", "roll", "nobody")
    store.refused("keys", "retire", "m-0000000000000000")
    assert store.server.stop() == 0
    assert key_lines(store) == []


def test_without_a_log_nothing_is_done(start_server):
    """Neither if the log cannot be written, nor if another process writes it."""
    server = start_server()
    server.stop()
    keyring = server.data_dir / "keyring.toml"
    before = keyring.read_bytes()
    credentials = (server.data_dir / "root-credentials.toml").read_bytes()
    log = server.data_dir / "audit"
    log.rename(server.data_dir / "elsewhere")
    log.write_text("no directory")
    for command in [
        ["keys", "roll"],
        ["keys", "new"],
        ["keys", "retire", "default"],
        ["credentials", "show"],
        ["credentials", "reset"],
    ]:
        refused = run(*command, "--data-dir", server.data_dir, cwd=server.place)
        assert refused.returncode == 1 and b"cannot write the audit log" in refused.stderr, refused
        assert refused.stdout == b"", refused
    assert keyring.read_bytes() == before
    assert (server.data_dir / "root-credentials.toml").read_bytes() == credentials


def test_without_a_store_no_log_is_created(start_server, tmp_path):
    server = start_server()
    words = tmp_path / "words"
    words.write_text(WORDS)
    words.chmod(0o600)
    backup = [tmp_path / "backup", "--passphrase-file", words]
    assert run("keys", "export-backup", *backup, "--data-dir", server.data_dir, cwd=tmp_path).returncode == 0
    elsewhere = tmp_path / "elsewhere"
    assert run("keys", "import-backup", *backup, "--data-dir", elsewhere, cwd=tmp_path).returncode == 0
    assert run("keys", "roll", "--data-dir", elsewhere, cwd=tmp_path).returncode == 0
    assert sorted(os.listdir(elsewhere)) == ["keyring.toml", "keyring.toml.lock", "root.key"]


@pytest.mark.parametrize("enabled", ["true", "false"])
def test_the_settings_name_the_directory_of_the_log(start_server, enabled):
    server = start_server()
    server.stop()
    trail = server.place / "trail"
    config = server.place / "strongroom.toml"
    config.write_text(f'[audit]\nenabled = {enabled}\ndirectory = "{trail}"\n')
    done = run("keys", "roll", "--data-dir", server.data_dir, "--config", config, cwd=server.place)
    assert done.returncode == 0, done
    if enabled == "true":
        (line,) = [line for line in lines(trail) if "use" in line]
        assert (line["who"], line["operation"], line["use"]) == (OPERATOR, "keys roll", "roll")
    else:
        assert not trail.exists()
