"""A keyring and the root credentials belong to one store: an empty or another directory in its place is refused."""

import re
import shutil

import pytest

from support import keyring_file
from support.keyring_store import CONTENT, WORDS
from support.raw import path_of, send
from support.server import run


def tree(directory):
    """Returns all files and folders with their content."""
    return {path: path.is_file() and path.read_bytes() for path in sorted(directory.rglob("*"))}


def store_id(data_dir):
    return re.search(r"^id ([0-9a-f]{32})$", (data_dir / "store" / "format").read_text(), re.M)[1]


def test_keyring_and_credentials_note_the_store(vault):
    noted = store_id(vault.server.data_dir)
    _, reported = vault.opened()
    assert reported["stores"] == [noted]
    assert f'store = "{noted}"' in (vault.server.data_dir / "root-credentials.toml").read_text()
    vault.starts()
    assert vault.is_readable()
    assert vault.opened()[1]["stores"] == [noted]


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_lost_store_is_refused_and_nothing_is_created(vault, left):
    """Ground review 9: a lost or unmounted store started as a fresh, empty, healthy one."""
    server = vault.server
    assert server.stop() == 0
    shutil.move(server.data_dir / "store", server.place / "away")
    if left == "an empty folder":
        (server.data_dir / "store").mkdir()
    before = tree(server.data_dir / "store")
    why = vault.does_not_start()
    assert "there is no store in" in why and "Mount the disk" in why and "--new-store" in why
    assert tree(server.data_dir / "store") == before
    for command in [["verify"], ["report", "keys"], ["bucket", "rewrap-keys"]]:
        done = run(*command, "--data-dir", server.data_dir, cwd=server.place)
        assert done.returncode == 1 and b"there is no store in" in done.stderr, done
        assert tree(server.data_dir / "store") == before
    shutil.rmtree(server.data_dir / "store", ignore_errors=True)
    shutil.move(server.place / "away", server.data_dir / "store")
    server.start()
    assert vault.is_readable()


def test_credentials_alone_are_refused(vault):
    server = vault.server
    assert server.stop() == 0
    shutil.rmtree(server.data_dir / "store")
    vault.file.unlink()
    why = vault.does_not_start()
    assert "root credentials" in why and "Mount the disk" in why
    assert not vault.file.exists() and not (server.data_dir / "store").exists()


def test_another_store_is_refused(vault, start_server):
    server, other = vault.server, start_server(name="other")
    assert server.stop() == 0 and other.stop() == 0
    shutil.move(server.data_dir / "store", server.place / "away")
    shutil.copytree(other.data_dir / "store", server.data_dir / "store")
    before = tree(server.data_dir / "store")
    why = vault.does_not_start()
    assert store_id(other.data_dir) in why and "belongs to the store" in why and "--new-store" in why
    assert tree(server.data_dir / "store") == before
    # Meant or not, this keyring does not open it.
    server.flags.append("--new-store")
    assert "has no master key" in vault.does_not_start()


def test_a_new_store_that_is_meant(vault):
    server = vault.server
    first = store_id(server.data_dir)
    assert server.stop() == 0
    shutil.move(server.data_dir / "store", server.place / "away")
    server.flags.append("--new-store")
    server.start()
    second = store_id(server.data_dir)
    assert second != first
    assert vault.opened()[1]["stores"] == [first, second]
    assert server.s3().list_buckets()["Buckets"] == []
    server.s3().create_bucket(Bucket="bucket")
    assert server.stop() == 0
    # Once is enough, and the earlier store is another one now.
    server.flags.pop()
    server.start()
    assert [bucket["Name"] for bucket in server.s3().list_buckets()["Buckets"]] == ["bucket"]
    assert server.stop() == 0
    shutil.move(server.data_dir / "store", server.place / "second")
    shutil.move(server.place / "away", server.data_dir / "store")
    assert "belongs to the store" in vault.does_not_start()
    server.flags.append("--new-store")
    server.start()
    assert vault.is_readable()
    assert vault.opened()[1]["stores"] == [second, first]


@pytest.mark.parametrize("part", ["format", "index", "blobs", "keys", "keys/store"])
def test_a_missing_part_of_the_store_is_damage(vault, part):
    server = vault.server
    assert server.stop() == 0
    shutil.move(server.data_dir / "store" / part, server.place / "away")
    before = tree(server.data_dir / "store")
    why = vault.does_not_start()
    assert "damaged" in why and part.split("/")[0] in why
    assert tree(server.data_dir / "store") == before
    shutil.move(server.place / "away", server.data_dir / "store" / part)
    server.start()
    assert vault.is_readable()


def test_a_damaged_format_file_is_damage(vault):
    server = vault.server
    assert server.stop() == 0
    file = server.data_dir / "store" / "format"
    whole = file.read_bytes()
    for at in range(0, len(whole), 7):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert "is damaged" in vault.does_not_start(), at
    file.write_bytes(whole)
    server.start()
    assert vault.is_readable()


def test_after_a_rotation_a_damaged_index_loses_no_key(vault):
    """Ground review 3: the wrapped keys were rows, so one damaged byte of the index lost the whole store."""
    server = vault.server
    old = vault.list()["master"][0]["id"]
    vault.done("roll")
    done = run("bucket", "rewrap-keys", "--data-dir", server.data_dir, cwd=server.place)
    assert done.returncode == 0, done
    vault.done("retire", old)
    vault.done("delete", old, "--yes-delete", old)
    masters = {name: key for name, key in vault.opened()[0].items() if name.startswith("m-")}
    assert old not in masters
    assert server.stop() == 0
    for file in (server.data_dir / "store" / "index").rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    # The key files are whole, and the master keys that are left open them.
    entries = []
    for file in (server.data_dir / "store" / "keys").iterdir():
        entries += keyring_file.open_key_file(file, store_id(server.data_dir), masters)
    assert len(entries) == 2 and all(len(key) == 32 for key in entries)


def test_the_backup_puts_the_key_of_the_store_back(vault):
    server = vault.server
    words = server.place / "words"
    words.write_text(WORDS)
    words.chmod(0o600)
    backup = server.place / "backup"
    vault.done("export-backup", backup, "--passphrase-file", words)
    held = keyring_file.backup_content(backup.read_text(), WORDS)
    assert held[2] == [bytes.fromhex(store_id(server.data_dir))]
    file = server.data_dir / "store" / "keys" / "store"
    assert held[3] in file.read_bytes()
    assert server.stop() == 0
    whole = file.read_bytes()
    file.unlink()
    why = vault.does_not_start()
    assert str(file) in why and "backup of the keyring" in why
    vault.file.rename(server.place / "moved away")
    assert "was put back" in vault.done("import-backup", backup, "--passphrase-file", words)
    assert file.read_bytes() == whole
    server.start()
    assert vault.is_readable()
    assert send(server, "GET", path_of("bucket", "k")).body == CONTENT
