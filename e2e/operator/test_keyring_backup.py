"""Keyrings of version 1, and backups."""

import base64
import stat
import tomllib

from support import keyring_file
from support.keyring_store import WORDS, Vault, secret_file
from support.server import run


def version_1(vault):
    """Replaces the keyring by one of version 1 with the same master keys."""
    keys, reported = vault.opened()
    masters = [
        f'[[master]]\nid = "{m["id"]}"\nkey = "{base64.b64encode(keys[m["id"]]).decode()}"\n'
        for m in reported["master"]
    ]
    current = next(m["id"] for m in reported["master"] if m["state"] == "current")
    vault.file.write_text(f'version = 1\ncurrent = "{current}"\n\n' + "\n".join(masters))
    vault.root.unlink()
    return {name: key for name, key in keys.items() if name.startswith("m-")}


def test_a_keyring_of_version_1_is_sealed_by_the_first_start(vault):
    vault.done("roll")
    vault.server.stop()
    masters = version_1(vault)
    before = vault.file.read_bytes()
    done = run("credentials", "show", "--data-dir", vault.server.data_dir, cwd=vault.server.place)
    assert vault.server.secret.encode() in done.stdout
    assert vault.list()["root"] is None and "version 1" in vault.done("verify")
    assert vault.file.read_bytes() == before and not vault.root.exists(), "reading changed the keyring"
    vault.starts()
    assert "stored its keys in clear" in vault.server.log()
    assert "was encrypted just now" in vault.server.banner
    keys, reported = vault.opened()
    assert {name: key for name, key in keys.items() if name.startswith("m-")} == masters
    assert [master["state"] for master in reported["master"]] == ["active", "current"]
    assert [named["name"] for named in reported["kms"]] == ["default"]
    for key in masters.values():
        assert base64.b64encode(key).decode() not in vault.file.read_text()
    vault.starts()
    assert "in clear" not in vault.server.log() + vault.server.banner


def test_a_command_that_changes_a_keyring_of_version_1_seals_it(vault):
    vault.server.stop()
    version_1(vault)
    assert "is now encrypted with a root key" in vault.done("roll")
    assert tomllib.loads(vault.file.read_text())["version"] == 2
    vault.starts()


def test_a_backup_restores_everything(vault, tmp_path):
    vault.done("new", "--name", "payroll")
    vault.done("roll", "payroll")
    vault.done("roll")
    keys, reported = vault.opened()
    words = secret_file(tmp_path / "words", WORDS)
    backup = tmp_path / "keyring.backup"
    flags = ["--passphrase-file", words]
    said = vault.done("export-backup", backup, *flags)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert WORDS not in said + backup.read_text() and "payroll" not in backup.read_text()
    assert keyring_file.open_backup(backup.read_text(), WORDS) == keys
    assert "holds the same keys" in vault.done("verify", "--backup", backup, *flags)
    assert "never overwritten" in vault.refused("export-backup", backup, *flags)

    assert vault.server.stop() == 0
    old_root = vault.root.read_bytes()
    vault.file.unlink()
    vault.root.unlink()
    assert "restore it from your copy" in vault.does_not_start()
    wrong = secret_file(tmp_path / "wrong", f"{WORDS}s")
    assert "wrong passphrase for this backup" in vault.refused("import-backup", backup, "--passphrase-file", wrong)
    assert not vault.file.exists()
    # As typed from paper.
    typed = "\r\n".join(line.upper() if "=" in line else line for line in backup.read_text().splitlines())
    backup.write_text(typed)
    assert "2 master keys and 2 named keys" in vault.done("import-backup", backup, *flags)
    assert vault.root.read_bytes() != old_root
    again, told_again = vault.opened()
    assert again == keys
    for sort in ["master", "kms"]:
        states = [(key["id"], key["state"], key.get("name"), key["created"]) for key in reported[sort]]
        assert states == [(key["id"], key["state"], key.get("name"), key["created"]) for key in told_again[sort]]
    vault.starts()


def test_a_backup_with_a_typing_error(vault, tmp_path):
    words = secret_file(tmp_path / "words", WORDS)
    backup = tmp_path / "keyring.backup"
    vault.done("export-backup", backup, "--passphrase-file", words)
    lines = backup.read_text().splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("   3  "))
    digit = lines[at][20]
    lines[at] = lines[at][:20] + ("1" if digit == "0" else "0") + lines[at][21:]
    backup.write_text("\n".join(lines))
    assert "line 3 of the backup" in vault.refused("import-backup", backup, "--keyring", tmp_path / "new.toml")
    secret_file(tmp_path / "none", "something else")
    assert "not a backup" in vault.keys("verify", "--backup", tmp_path / "none", "--passphrase-file", words).stderr


def test_a_backup_that_lacks_keys_is_reported(vault, tmp_path, start_server):
    words = secret_file(tmp_path / "words", WORDS)
    backup = tmp_path / "keyring.backup"
    flags = ["--backup", backup, "--passphrase-file", words]
    vault.done("export-backup", backup, "--passphrase-file", words)
    vault.done("roll")
    newest = vault.list()["master"][1]["id"]
    done = vault.keys("verify", *flags)
    assert done.returncode == 1 and newest in done.stderr and "make a new one" in done.stderr
    other = Vault(start_server(name="other"))
    done = other.keys("verify", *flags)
    assert done.returncode == 1 and "another keyring" in done.stderr
