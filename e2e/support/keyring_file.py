"""A second reader of the keyring and its backup, written from docs/format.md."""

import hashlib
import re
import tomllib
from base64 import b64decode

import cbor2
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from support import vectors
from support.vectors import Place

NOWHERE = bytes(16)


def argon2id(passphrase, memory, passes, lanes, salt):
    """Derives a key from a passphrase."""
    derivation = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    return derivation.derive(passphrase.encode())


def root_of(file, passphrase):
    """Derives the root key of the keyring in a file from a passphrase."""
    reported = tomllib.loads(file.read_text())["root"]["argon2id"]
    return argon2id(
        passphrase, reported["memory"], reported["passes"], reported["lanes"], bytes.fromhex(reported["salt"])
    )


def open_keyring(file, root):
    """Returns the master keys by id, the versions of named keys by `ID/NUMBER`, and the parsed file."""
    text = file.read_text()
    body, check = re.fullmatch(r'(.*)\n\[check\]\nmac = "([0-9a-f]{64})"\n', text, re.S).groups()
    assert vectors.keyring_check(root, body.encode()).hex() == check
    reported = tomllib.loads(text)
    assert reported["version"] == 2 and reported["root"]["fingerprint"] == vectors.fingerprint(root)
    entries = {entry["id"]: entry for entry in reported["master"]}
    for named in reported["kms"]:
        entries |= {f"{named['id']}/{version['number']}": version for version in named["version"]}
    keys = {}
    for name, entry in entries.items():
        place = Place(NOWHERE, name, NOWHERE)
        key, mode, by = vectors.unwrap(root, place, b64decode(entry["sealed"]))
        assert (mode, by) == (20, reported["root"]["fingerprint"])
        assert vectors.fingerprint(key) == entry["fingerprint"]
        keys[name] = key
    return keys, reported


def open_root_credentials(file, masters):
    """Decrypts the secret access key in the file of the root credentials."""
    reported = tomllib.loads(file.read_text())
    envelope = b64decode(reported["key"])
    name = envelope[4 : 4 + int.from_bytes(envelope[2:4], "big")].decode()
    key, mode, _ = vectors.unwrap(masters[name], Place(NOWHERE, "", NOWHERE), envelope)
    assert mode == 18
    store = bytes.fromhex(reported["store"])
    return vectors.open_row(key, store, b"root-credentials", b64decode(reported["secret"])).decode()


def backup_bytes(text):
    """Returns the bytes of a printed backup after verifying the checks of each line and of the whole."""
    lines = text.splitlines()
    assert lines[0] == "Strongroom keyring backup, version 1"
    found = b""
    numbered = re.findall(r"^ *(\d+) +([0-9a-f ]+) = ([0-9a-f]{4})$", text, re.M)
    for expected, (number, digits, check) in enumerate(numbered, 1):
        line = bytes.fromhex(digits)
        assert int(number) == expected
        assert hashlib.sha256(expected.to_bytes(8, "big") + line).hexdigest()[:4] == check
        found += line
    assert lines[-1].removeprefix("end").replace(" ", "") == hashlib.sha256(found).hexdigest()[:16]
    return found


def open_backup(text, passphrase):
    """Returns the keys in a backup, named like those of a keyring."""
    held = backup_content(text, passphrase)
    keys = {master[0]: master[3] for master in held[0]}
    for named in held[1]:
        keys |= {f"{named[0]}/{version[0]}": version[2] for version in named[4]}
    return keys


def backup_content(text, passphrase):
    """Returns the map in a backup."""
    data = backup_bytes(text)
    assert data[0] == 1
    memory, passes, lanes = (int.from_bytes(data[at : at + 4], "big") for at in (1, 5, 9))
    outer = argon2id(passphrase, memory, passes, lanes, data[13:29])
    key, mode, name = vectors.unwrap(outer, Place(NOWHERE, "", NOWHERE), data[29:145])
    assert (mode, name) == (22, "")
    plain = vectors.open_row(key, NOWHERE, b"keyring-backup", data[145:])
    assert plain[0] == 1
    return cbor2.loads(plain[1:])


def open_key_file(file, store, masters):
    """Returns the keys in a key file of a store (docs/format-store.md)."""
    data = file.read_bytes()
    assert data[:8] == b"SRKEYS\0\x01" and data[8:24].hex() == store
    assert data[24:26].hex() == ("0000" if file.name == "store" else "01" + file.name)
    at, keys = 30, []
    for _ in range(int.from_bytes(data[26:30], "big")):
        owner, length = data[at : at + 16], int.from_bytes(data[at + 16 : at + 20], "big")
        envelope = data[at + 20 : at + 20 + length]
        name = envelope[4 : 4 + int.from_bytes(envelope[2:4], "big")].decode()
        key, mode, _ = vectors.unwrap(masters[name], Place(owner, "", NOWHERE), envelope)
        assert mode == (17 if file.name == "store" else 16)
        keys.append(key)
        at += 20 + length
    assert len(data) == at + 8
    return keys
