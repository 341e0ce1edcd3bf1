"""Messages of commands: errors name the cause, and suggested commands work."""

import contextlib
import fcntl
import re
import shlex
import subprocess

import pytest

from support.raw import path_of, send, wait_until
from support.server import BINARY, environment, run

WORDS = "correct horse battery staple"


@pytest.fixture
def words(tmp_path):
    file = tmp_path / "words"
    file.write_text(WORDS)
    file.chmod(0o600)
    return file


def said(*arguments, cwd, code=0):
    """Returns the text of both outputs of a command."""
    done = run(*arguments, cwd=cwd)
    assert done.returncode == code, done
    return (done.stdout + done.stderr).decode()


def printed(text, name):
    """Returns the words of the command line with this name in a text."""
    (line,) = re.findall(rf"strongroom ({name} .*)$", text, re.M)
    return shlex.split(line)


def test_printed_commands_lead_to_the_same_store(start_server, tmp_path, words):
    """They are run in a directory where no default finds the store."""
    keyring, root = tmp_path / "my keys" / "keys.toml", tmp_path / "stick" / "root.key"
    root.parent.mkdir()
    server = start_server("--keyring", keyring, "--root-file", root)
    where = ["--data-dir", server.data_dir, *server.flags]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    rolled = said("keys", "roll", *where, cwd=server.place)
    assert "were rewrapped" in said(*printed(rolled, "bucket rewrap-keys"), cwd=elsewhere)
    backup = printed(rolled, "keys export-backup")
    exported = said(*backup, "--passphrase-file", words, cwd=elsewhere)
    assert "holds the same keys" in said(*printed(exported, "keys verify"), cwd=elsewhere)
    made = said("keys", "new", *where, cwd=server.place)
    assert printed(made, "keys export-backup") == backup
    older = said("keys", "verify", "--backup", elsewhere / backup[2], "--passphrase-file", words, *where,
                 cwd=server.place, code=1)  # fmt: skip
    assert printed(older, "keys export-backup") == backup
    retired = said("keys", "retire", "key-1", *where, cwd=server.place)
    assert "is enabled again" in said(*printed(retired, "keys revive"), cwd=elsewhere)
    (server.data_dir / "root-credentials.toml").write_text("")
    damaged = said("credentials", "show", *where, cwd=server.place, code=1)
    assert "were replaced" in said(*printed(damaged, "credentials reset"), cwd=elsewhere)


def test_a_purge_without_a_server(start_server, tmp_path):
    """Neither keyring nor store is opened for this."""
    server = start_server()
    server.stop()
    (server.data_dir / "keyring.toml").rename(tmp_path / "away.toml")
    with locked(server):
        reported = said("kms", "purge-cache", "--data-dir", server.data_dir, cwd=tmp_path)
    assert reported == f"No server runs on {server.data_dir}: there is no cache to purge.\n"
    (tmp_path / "away.toml").rename(server.data_dir / "keyring.toml")
    server.start()
    assert "are removed from the cache" in said("kms", "purge-cache", "--data-dir", server.data_dir, cwd=tmp_path)
    assert "--data-dir" in said("kms", "purge-cache", "--data-dir", tmp_path / "none", cwd=tmp_path, code=1)


@contextlib.contextmanager
def locked(server):
    """Opens the store in another command."""
    with (server.data_dir / "store" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_store_in_use_is_reported(start_server, tmp_path):
    server = start_server()
    server.stop()
    place = ["--data-dir", server.data_dir]
    with locked(server):
        for command in [["report", "keys"], ["serve", "--https-listen", "off", "--http-listen", "127.0.0.1:0"]]:
            reported = said(*command, *place, cwd=tmp_path, code=1)
            assert "another process has the store" in reported and "another strongroom command" in reported, reported
            assert "when it is done" in reported and "failed" not in reported, reported
        reported = said("unseal", "list", *place, cwd=tmp_path, code=1)
        assert "another process has the store" in reported and "--running" in reported, reported
    said("report", "keys", *place, cwd=tmp_path)


def test_an_unavailable_new_root_key(start_server, tmp_path, words):
    server = start_server()
    words.write_text("short")
    token = ["--to-pkcs11-module", "/nowhere/module.so", "--to-pkcs11-key", "k", "--to-pkcs11-pin-file", words]
    for to, expected in [
        (["passphrase", "--to-passphrase-file", words], "too short"),
        (["passphrase", "--to-passphrase-file", tmp_path], "it is a directory"),
        (["file", "--to-file", "/proc/root.key"], "/proc/root.key"),
        (["pkcs11", *token], "the PKCS#11 module /nowhere/module.so cannot be used"),
    ]:
        command = ["keys", "reseal", "--data-dir", server.data_dir, "--to-source", *to]
        reported = said(*command, cwd=tmp_path, code=1)
        assert "the new root key is not available; the keyring" in reported and expected in reported, reported
        assert "is unchanged" in reported and "service" not in reported and "chmod" not in reported, reported
    said("keys", "verify", "--data-dir", server.data_dir, cwd=tmp_path)


def test_resealing_prints_the_next_step(start_server, tmp_path, words):
    server = start_server()
    place = ["--data-dir", server.data_dir]
    said("keys", "reseal", *place, "--to-source", "passphrase", "--to-passphrase-file", words, cwd=tmp_path)
    assert wait_until(lambda: "restart the server" in server.log())
    reported = said("bucket", "rewrap-keys", *place, cwd=tmp_path, code=1)
    assert "restart the server" in reported and "root.*" in reported, reported
    flags = ["--root-source", "passphrase", "--root-passphrase-file", words]
    for command in [["roll"], ["new"], ["roll", "key-1"], ["retire", "key-1"]]:
        reported = said("keys", *command, *place, *flags, cwd=tmp_path)
        assert "has NOT loaded the change" in reported and "restart the server" in reported, reported


def test_flags_without_effect_are_refused(start_server, tmp_path, words):
    server = start_server()
    place = ["--data-dir", server.data_dir]
    rewrap = ["rewrap", "--bucket", "vault", "--from", "sse-kms", "--to", "sse-s3", "--bucket-key", *place]
    assert "--bucket-key requires" in said(*rewrap, cwd=tmp_path, code=1)
    assert "--backup" in said("keys", "verify", "--passphrase-file", words, *place, cwd=tmp_path, code=2)


def test_a_passphrase_file_can_be_a_pipe_but_not_a_directory(start_server, tmp_path, words):
    server = start_server()
    command = ["keys", "export-backup", "--data-dir", server.data_dir]
    for file in [tmp_path, "/dev/zero"]:
        reported = said(*command, "b", "--passphrase-file", file, cwd=tmp_path, code=1)
        assert "cannot be read" in reported and "chmod" not in reported, reported
    piped = subprocess.run(
        ["bash", "-c", '"$@" b --passphrase-file <(cat words)', "-", BINARY, *map(str, command)],
        cwd=tmp_path, env=environment(), capture_output=True, timeout=60,
    )  # fmt: skip
    assert piped.returncode == 0, piped
    verify = ["keys", "verify", "--backup", "b", "--passphrase-file", words, "--data-dir", server.data_dir]
    assert "holds the same keys" in said(*verify, cwd=tmp_path)


@pytest.mark.parametrize("is_running", [True, False])
def test_control_characters_in_names_are_escaped(start_server, tmp_path, is_running):
    server = start_server()
    if not is_running:
        server.stop()
    name, place = "a\x1b[31mb\nc", ["--data-dir", server.data_dir]
    rewrap = ["rewrap", "--from", "sse-s3", "--to", "sse-kms", "--bucket", name]
    for command in [["verify", "--bucket", name], rewrap, ["bucket", "shred", name, "--yes-shred", name]]:
        reported = said(*command, *place, cwd=tmp_path, code=1)
        assert "\x1b" not in reported and reported.count("\n") == 1, reported
        assert r'there is no bucket "a\u{1b}[31mb\nc"' in reported, reported
    for flags in [[], ["--yes-shred", "x\x07"]]:
        reported = said("bucket", "shred", name, *flags, *place, cwd=tmp_path, code=1)
        assert not re.search(r"[\x00-\x09\x0b-\x1f]", reported) and reported.count("\n") == 1, reported
    if not is_running:
        for command in [["list", name], ["get", name, "k", "--out", "-"]]:
            reported = said("unseal", *command, *place, cwd=tmp_path, code=1)
            assert "\x1b" not in reported and reported.count("\n") == 1, reported


def test_a_missing_keyring(tmp_path):
    path = tmp_path / "strongroom-data" / "keyring.toml"
    for command in ["list", "roll", "verify"]:
        reported = said("keys", command, cwd=tmp_path, code=1)
        expected = (
            f"there is no keyring at {path}: set the data directory with --data-dir, or the keyring with --keyring"
        )
        assert reported == f"strongroom: {expected}\n"
    reported = said("unseal", "list", cwd=tmp_path, code=1)
    assert reported.count("there is no keyring") == 1 and "--backup" in reported, reported


def test_importing_a_backup_names_the_source_of_the_root_key(start_server, tmp_path, words):
    server = start_server()
    passphrase = ["--passphrase-file", words]
    said("keys", "export-backup", "b", *passphrase, "--data-dir", server.data_dir, cwd=tmp_path)
    for name, flags, expected in [
        ("one", [], f"was newly created: {tmp_path / 'keys' / 'root.key'}"),
        ("two", [], f"existed already: {tmp_path / 'keys' / 'root.key'}"),
        ("three", ["--root-source", "passphrase", "--root-passphrase-file", words], "was newly created: a passphrase"),
    ]:
        keyring = tmp_path / "keys" / f"{name}.toml"
        reported = said("keys", "import-backup", "b", *passphrase, "--keyring", keyring, *flags, cwd=tmp_path)
        assert f"The root key that encrypts it {expected}\n" in reported, reported


def test_endless_files_are_refused(start_server, tmp_path):
    server = start_server()
    certificate = ["--https-certificate", "/dev/zero", "--https-key", "/dev/zero"]
    for command in [["check-config", "--config", "/dev/zero"], ["check-config", *certificate]]:
        assert "longer than 1 MiB" in said(*command, cwd=tmp_path, code=1)
    credentials = ["--root-source", "credential", "--root-credential", "zero"]
    (tmp_path / "zero").symlink_to("/dev/zero")
    done = run("keys", "list", *credentials, "--data-dir", server.data_dir, cwd=tmp_path,
               CREDENTIALS_DIRECTORY=str(tmp_path))  # fmt: skip
    assert done.returncode == 1 and b"it is not a file" in done.stderr, done


def test_a_master_key_is_not_rolled_by_name(start_server, tmp_path):
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    assert send(server, "PUT", path_of("bucket", "k"), body=b"content").status == 200
    place = ["--data-dir", server.data_dir]
    (current,) = re.findall(r"^(m-\w+) +current", said("keys", "list", *place, cwd=tmp_path), re.M)
    reported = said("keys", "roll", current, *place, cwd=tmp_path, code=1)
    assert f"{current} is a master key and has no versions" in reported, reported
