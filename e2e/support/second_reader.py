"""Decrypts objects from the raw files of a store: a second reader, written from docs/format.md and docs/format-store.md.

It uses nothing of the server but those pages, and needs only the `cryptography` package. The rows of the index come from
`strongroom unseal rows`. If it cannot decrypt an object of the server, one of the three is wrong.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SUITE, CHUNK, TAG, HEADER = 1, 65_536, 16, 40
ZERO, ZERO_NONCE = bytes(16), bytes(12)
SSE_S3, SSE_C, SSE_KMS, BUCKET, STORE, KEYRING, NAMED, BACKUP = 1, 2, 3, 16, 17, 20, 21, 22


class Damaged(Exception):
    """The stored data differs from the written data."""


class WrongKey(Exception):
    """The key is not the one of the envelope."""


def must(condition, what):
    if not condition:
        raise Damaged(what)


# CBOR (RFC 8949), as far as records use it: no tags, no floats, definite lengths.


def cbor(data, at=0):
    """Returns the value at `at` and the position of the next one."""
    kind, short = data[at] >> 5, data[at] & 31
    at += 1
    if kind == 7:
        return {20: False, 21: True, 22: None}[short], at
    must(short < 28, "a length in CBOR")
    size = 0 if short < 24 else 1 << (short - 24)
    number = int.from_bytes(data[at : at + size], "big") if size else short
    at += size
    if kind in (0, 1):
        return (number if kind == 0 else -1 - number), at
    if kind in (2, 3):
        piece = data[at : at + number]
        must(len(piece) == number, "CBOR that ends too early")
        return (piece if kind == 2 else piece.decode()), at + number
    must(kind in (4, 5), "a kind of CBOR that no record has")
    items = []
    for _ in range(number * (kind - 3)):
        item, at = cbor(data, at)
        items.append(item)
    return (items if kind == 4 else dict(zip(items[::2], items[1::2], strict=True))), at


def record(value):
    """Returns the CBOR of a row's value, which follows the version byte."""
    must(value[0] == 1, "a record of another version")
    return cbor(value, 1)[0]


# Keys.


def extract(salt, key):
    return hmac.digest(salt, key, "sha256")


def expand(prk, label, *fields):
    info = f"strongroom/1/{label}".encode() + b"".join(len(f).to_bytes(4, "big") + f for f in fields)
    return hmac.digest(prk, info + b"\x01", "sha256")


def decrypt(key, nonce, sealed, aad, what):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except Exception as error:
        raise Damaged(what) from error


def envelope_id(envelope):
    """Returns the id of the outer key."""
    return envelope[4 : 4 + int.from_bytes(envelope[2:4], "big")].decode()


def unwrap(outer, envelope, mode, bucket=ZERO, key="", content=ZERO):
    """Returns the key in an envelope, which must have this mode and this place."""
    must(envelope[:2] == bytes([SUITE, mode]), "an envelope of another suite or mode")
    n = int.from_bytes(envelope[2:4], "big")
    salt, commitment, wrapped = envelope[4 + n : 36 + n], envelope[36 + n : 68 + n], envelope[68 + n :]
    prk = extract(salt, outer)
    if not hmac.compare_digest(commitment, expand(prk, "commitment")):
        raise WrongKey(f"an envelope of mode {mode}")
    wrap_key = expand(prk, "wrap", bytes([SUITE]), bytes([mode]), bucket, key.encode(), content)
    return decrypt(wrap_key, ZERO_NONCE, wrapped, envelope[: 68 + n], "an envelope, or its place")


def open_sealed(store_key, partition, row, sealed):
    """Opens a value that is sealed like those of the index."""
    must(sealed[0] == SUITE, "a row of another suite")
    key = expand(extract(bytes(32), store_key), "row", sealed[1:33])
    return decrypt(key, ZERO_NONCE, sealed[33:], sealed[:33] + partition + row, f"row {row!r}")


@dataclass
class Keys:
    """Master keys by id, and versions of named keys by ID/NUMBER."""

    masters: dict
    named: dict

    @classmethod
    def of_keyring(cls, file, root_key):
        text = Path(file).read_bytes()
        keyring = tomllib.loads(text.decode())
        must(keyring["version"] == 2, "a keyring of another version")
        prk = extract(bytes(32), root_key)
        if expand(prk, "fingerprint")[:8].hex() != keyring["root"]["fingerprint"]:
            raise WrongKey("the root key")
        mac = keyring["check"]["mac"]
        ending = f'\n[check]\nmac = "{mac}"\n'.encode()
        must(text.endswith(ending), "the end of the keyring")
        checked = hmac.digest(expand(prk, "keyring"), text.removesuffix(ending), "sha256")
        must(hmac.compare_digest(checked.hex(), mac), "the keyring")

        def sealed(entry, name):
            return unwrap(root_key, base64.b64decode(entry["sealed"]), KEYRING, key=name)

        versions = [(f"{k['id']}/{v['number']}", v) for k in keyring.get("kms", []) for v in k["version"]]
        return cls(
            {m["id"]: sealed(m, m["id"]) for m in keyring["master"]},
            {name: sealed(version, name) for name, version in versions},
        )

    @classmethod
    def of_backup(cls, text, passphrase):
        """Reads the keys from the output of `strongroom keys export-backup`."""
        data, number, end = b"", 0, None
        for line in text.splitlines()[1:]:
            words = line.strip().lower().split(None, 1)
            if words and words[0] == "end":
                end = bytes.fromhex(words[1])
            elif words and words[0].isdigit():
                number += 1
                must(int(words[0]) == number, f"line {number} of the backup")
                digits, check = words[1].split("=")
                piece = bytes.fromhex(digits)
                digest = hashlib.sha256(number.to_bytes(8, "big") + piece).digest()
                must(digest[:2] == bytes.fromhex(check), f"line {number} of the backup")
                data += piece
        must(end == hashlib.sha256(data).digest()[:8], "the backup")
        memory, passes, lanes = (int.from_bytes(data[at : at + 4], "big") for at in (1, 5, 9))
        argon2 = Argon2id(salt=data[13:29], length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        key = unwrap(argon2.derive(passphrase.encode()), data[29:145], BACKUP)
        keys = record(open_sealed(key, ZERO, b"keyring-backup", data[145:]))
        return cls(
            {m[0]: m[3] for m in keys[0]},
            {f"{k[0]}/{version[0]}": version[2] for k in keys[1] for version in k[4]},
        )


# The store.


def escaped(key):
    """Returns an object key as encoded in row keys."""
    return b"".join(bytes([2, byte + 2]) if byte <= 2 else bytes([byte]) for byte in key.encode())


@dataclass
class Object:
    """A version of an object, decrypted."""

    version: str
    content: bytes
    modified: int
    etag: str
    mode: int
    headers: dict
    metadata: dict
    checksums: list


class Store:
    """The raw files of a store: its rows and blobs, and their keys."""

    def __init__(self, rows, directory, keys):
        self.directory, self.keys, self.rows = Path(directory), keys, {}
        for line in Path(rows).read_text().splitlines():
            row = {name: bytes.fromhex(value) for name, value in json.loads(line).items()}
            self.rows[row["partition"], row["key"]] = row["value"]
        held = (self.directory / "format").read_text().splitlines()
        must(held[0] == "strongroom store 2", "a store of another version")
        self.id = bytes.fromhex(held[1].removeprefix("id "))
        self.store_key = self._by_master(self._key_file("store")[0][1], STORE)

    def _key_file(self, name):
        """Returns the owners and envelopes in a key file. Its checksum is for those who have no key, and is not checked."""
        data = (self.directory / "keys" / name).read_bytes()
        kind = b"\0\0" if name == "store" else b"\1" + bytes.fromhex(name)
        must(data[:26] == b"SRKEYS\0\x01" + self.id + kind, f"the beginning of the key file {name}")
        at, entries = 30, []
        for _ in range(int.from_bytes(data[26:30], "big")):
            end = at + 20 + int.from_bytes(data[at + 16 : at + 20], "big")
            entries.append((data[at : at + 16], data[at + 20 : end]))
            at = end
        must(len(data) == at + 8, f"the length of the key file {name}")
        return entries

    def _bucket_key(self, held):
        """Returns the envelope of a bucket's key, which the bucket's row names by its SHA-256."""
        for owner, envelope in self._key_file(held[0][:1].hex()):
            if owner == held[0] and hashlib.sha256(envelope).digest() == held[3]:
                return envelope
        raise Damaged("the key of the bucket is not in its key file")

    def _by_master(self, envelope, mode, bucket=ZERO):
        return unwrap(self.keys.masters[envelope_id(envelope)], envelope, mode, bucket)

    def _row(self, partition, row):
        must((partition, row) in self.rows, f"row {row!r} is not there")
        return open_sealed(self.store_key, partition, row, self.rows[partition, row])

    def buckets(self):
        """Returns the names of the buckets."""
        return sorted(row[7:].decode() for partition, row in self.rows if partition == ZERO and row[:7] == b"bucket/")

    def versions(self, bucket, key):
        """Returns the ids of an object's versions and delete markers, newest first."""
        partition, prefix = record(self._row(ZERO, b"bucket/" + bucket.encode()))[0], escaped(key)
        prefix = b"version/" + prefix + b"\x01"
        return sorted(row[len(prefix) :].decode() for p, row in self.rows if p == partition and row.startswith(prefix))

    def open(self, bucket, key, version=None, customer_key=None):
        """Returns an object's newest version, or the one with this id."""
        held = record(self._row(ZERO, b"bucket/" + bucket.encode()))
        partition = held[0]
        if version is None:
            version = record(self._row(partition, b"current/" + escaped(key)))[0].hex()
        row = self._row(partition, b"version/" + escaped(key) + b"\x01" + version.encode())
        found = record(row)
        must(1 in found, "a delete marker holds nothing")
        facts, content = found[0], found[1]
        must(facts[0].hex() == version, "the row of another version")
        # The exact bytes of the summary: after the record's version, the head of the map, and field number 0.
        outside = row[3 : cbor(row, 3)[1]] + content[1]
        outer = self._outer_key(bucket, key, held, content, customer_key)
        data_key = unwrap(outer, content[1], facts[4], partition, key, content[0])
        sealed, places = (
            (content[2] if 2 in content else record(self._row(partition, b"parts/" + version.encode())))[n]
            for n in (0, 1)
        )
        manifest = self._manifest(data_key, sealed, outside)
        must(len(places) == len(manifest[0]), "the number of parts")
        parts = [
            open_part(data_key, part, self._sealed_part(partition, content[0], place))
            for part, place in zip(manifest[0], places, strict=True)
        ]
        plain = b"".join(parts)
        must(len(plain) == facts[1], "the length of the object")
        return Object(version, plain, facts[2], facts[3], facts[4], manifest[1], manifest[2], manifest[3])

    def _outer_key(self, bucket, key, held, content, customer_key):
        mode = content[1][1]
        if mode == SSE_C:
            return customer_key
        if mode == SSE_S3:
            return self._by_master(self._bucket_key(held), BUCKET, held[0])
        must(mode == SSE_KMS, "an envelope of a mode that objects do not have")
        kms = content[4]
        arn = f"arn:aws:s3:::{bucket}" if kms[3] else f"arn:aws:s3:::{bucket}/{key}"
        context = {name.encode(): value.encode() for name, value in (kms[2] | {"aws:s3:arn": arn}).items()}
        text = b"".join(b"%d:%b%d:%b" % (len(n), n, len(v), v) for n, v in sorted(context.items()))
        named = self.keys.named[envelope_id(kms[1])]
        return unwrap(named, kms[1], NAMED, key=text.decode())

    @staticmethod
    def _manifest(data_key, sealed, outside):
        must(sealed[0] == SUITE, "a manifest of another suite")
        manifest_key = expand(extract(bytes(32), data_key), "of-manifests")
        key = expand(extract(sealed[1:33], manifest_key), "manifest")
        return cbor(decrypt(key, ZERO_NONCE, sealed[33:], sealed[:33] + outside, "the manifest"))[0]

    def _sealed_part(self, partition, content, place):
        """Returns the sealed bytes of a part, from the index or a blob file."""
        if place[0] == 0:
            return self.rows[partition, b"inline/" + content.hex().encode()]
        blob = place[1][0].hex()
        file = (self.directory / "blobs" / partition.hex() / blob[:2] / blob).read_bytes()
        sealed, magic, length = file[:-24], file[-24:-16], file[-16:-8]
        must(magic == b"SRBLOB\0\x01" and int.from_bytes(length, "big") == len(sealed), f"the end of blob {blob}")
        return sealed


def open_part(data_key, part, sealed):
    """Returns the plaintext of a part, which must be the one in the manifest."""
    number, salt = part[0].to_bytes(4, "big"), part[2]
    header, body = sealed[:HEADER], sealed[HEADER:]
    must(header == bytes([SUITE, 1, 16, 0]) + number + salt, f"the header of part {part[0]}")
    key, step = expand(extract(salt, data_key), "part", number), CHUNK + TAG
    chunks = max(1, -(-part[1] // CHUNK))
    must(len(body) == part[1] + chunks * TAG, f"the length of part {part[0]}")
    plain = []
    for index in range(chunks):
        nonce = bytes(3) + index.to_bytes(8, "big") + bytes([index == chunks - 1])
        piece = body[index * step : (index + 1) * step]
        plain.append(decrypt(key, nonce, piece, header, f"chunk {index} of part {part[0]}"))
    return b"".join(plain)


def main():
    flags = argparse.ArgumentParser(description="Opens an object from the raw files of a Strongroom store.")
    for name in ("--rows", "--store", "--keyring", "--root-key"):
        flags.add_argument(name, required=True, type=Path)
    flags.add_argument("--customer-key-file", type=Path, help="32 raw bytes")
    flags.add_argument("--version")
    flags.add_argument("bucket")
    flags.add_argument("key")
    given = flags.parse_args()
    customer_key = given.customer_key_file and given.customer_key_file.read_bytes()
    store = Store(given.rows, given.store, Keys.of_keyring(given.keyring, given.root_key.read_bytes()))
    sys.stdout.buffer.write(store.open(given.bucket, given.key, given.version, customer_key).content)


if __name__ == "__main__":
    main()
