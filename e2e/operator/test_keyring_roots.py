"""Root keys of the keyring: their sources, and resealing the keyring under another one."""

import pytest

from support import keyring_file, vectors
from support.keyring_store import WORDS, Vault, secret_file
from support.raw import wait_until
from support.server import run


def test_the_server_does_not_start_without_the_right_root_key(vault):
    right = vault.root.read_bytes()
    vault.root.unlink()
    why = vault.does_not_start()
    assert str(vault.root) in why and "import-backup" in why
    assert not vault.root.exists(), "a new root key was created for an old keyring"
    wrong = bytes(32)
    vault.root.write_bytes(wrong)
    assert "can be read by other users" in vault.does_not_start()
    vault.root.chmod(0o600)
    why = vault.does_not_start()
    assert vectors.fingerprint(right) in why and vectors.fingerprint(wrong) in why
    vault.root.write_bytes(right[:31])
    assert "32 random bytes" in vault.does_not_start()
    vault.root.write_bytes(right)
    vault.starts()


def test_a_root_key_on_another_disk(vault, tmp_path):
    place = tmp_path / "stick" / "root.key"
    place.parent.mkdir()
    vault.root.rename(place)
    vault.starts("--root-file", place)
    vault.starts(STRONGROOM_ROOT_FILE=str(place))
    assert f"--root-file {place}" in vault.server.banner
    assert not vault.root.exists()


def test_a_root_key_as_a_credential_of_systemd(vault, tmp_path):
    """The same 32 bytes, so nothing is resealed. systemd chooses the mode of the file."""
    directory = tmp_path / "credentials"
    directory.mkdir()
    vault.root.rename(directory / "strongroom-root")
    (directory / "strongroom-root").chmod(0o440)
    variables = {"CREDENTIALS_DIRECTORY": str(directory)}
    vault.starts("--root-source", "credential", **variables)
    vault.done("roll", "--root-source", "credential", **variables)
    (directory / "strongroom-root").rename(directory / "other")
    assert "strongroom-root" in vault.does_not_start()
    vault.starts("--root-source", "credential", "--root-credential", "other", **variables)


@pytest.mark.parametrize("kept", ["file", "credential"])
def test_a_passphrase(start_server, tmp_path, kept):
    words = secret_file(tmp_path / "words", f"{WORDS}\n")
    flags = ["--root-source", "passphrase"]
    variables = {}
    if kept == "file":
        flags += ["--root-passphrase-file", words]
    else:
        flags += ["--root-passphrase-credential", "words"]
        variables = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    vault = Vault(start_server(*flags, **variables))
    assert not vault.root.exists()
    keys, reported = keyring_file.open_keyring(vault.file, keyring_file.root_of(vault.file, WORDS))
    assert reported["root"]["kind"] == "passphrase" and len(keys) == 2
    words.write_text(f"{WORDS}s")
    why = vault.does_not_start()
    assert "the passphrase is wrong" in why and WORDS not in why
    words.write_text(WORDS)
    vault.starts(*flags, **variables)
    assert WORDS not in vault.server.log() + vault.server.banner + vault.file.read_text()


def test_a_short_passphrase_is_refused(start_server, tmp_path):
    words = secret_file(tmp_path / "words", "short")
    with pytest.raises(AssertionError, match="too short"):
        start_server("--root-source", "passphrase", "--root-passphrase-file", words, name="short")
    assert not (tmp_path / "short" / "data" / "keyring.toml").exists()


def test_resealing_under_another_root_key_and_back(vault, tmp_path):
    words = secret_file(tmp_path / "words", WORDS)
    before, _ = vault.opened()
    old = vault.file.read_bytes()
    to = ["--to-source", "passphrase", "--to-passphrase-file", words]
    reported = vault.done("reseal", *to)
    assert 'source = "passphrase"' in reported and str(words) in reported and str(vault.root) in reported
    after, _ = keyring_file.open_keyring(vault.file, keyring_file.root_of(vault.file, WORDS))
    assert after == before
    assert wait_until(lambda: "another root key" in vault.server.log()) and vault.is_readable()
    assert "sealed by a passphrase" in vault.does_not_start()
    flags = ["--root-source", "passphrase", "--root-passphrase-file", words]
    vault.starts(*flags)
    new = tmp_path / "new.key"
    vault.done("reseal", *flags, "--to-source", "file", "--to-file", new)
    vault.starts("--root-file", new)
    assert keyring_file.open_keyring(vault.file, new.read_bytes())[0] == before
    # As the message says: the previous root key decrypts older copies of the keyring.
    vault.server.stop()
    vault.file.write_bytes(old)
    vault.starts()


def test_check_config_shows_the_root_key(tmp_path):
    done = run("check-config", "--all", "--root-source", "passphrase", cwd=tmp_path)
    assert done.returncode == 0 and b"read from the terminal" in done.stdout
    (tmp_path / "strongroom.toml").write_text('[root]\nsource = "credential"\ncredential = "r"\n')
    done = run("check-config", cwd=tmp_path)
    assert done.returncode == 0 and b"root.credential" in done.stdout
    done = run("check-config", cwd=tmp_path, STRONGROOM_ROOT_PASSPHRASE="secret words")
    assert (
        done.returncode == 1 and b"unknown environment variable" in done.stderr and b"secret words" not in done.stderr
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "strongroom.toml"]
