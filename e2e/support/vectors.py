"""A second implementation of the sealed format, suite 1, written from docs/format.md without the Rust code.

It is all that a third party needs to decrypt an object with its key. If this and the server differ, one of the two
violates the description.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE = 1
CHUNK = 65_536
TAG = 16
SALT = 32
HEADER = 40
LABELS = "strongroom/1/"
ZERO_NONCE = bytes(12)


def extract(salt, key):
    """HKDF-Extract of RFC 5869 with SHA-256."""
    return hmac.digest(salt, key, "sha256")


def expand(prk, label, *fields):
    """HKDF-Expand to 32 bytes: a single block. Each field of the info is preceded by its length."""
    info = (LABELS + label).encode()
    for field in fields:
        info += len(field).to_bytes(4, "big") + field
    return hmac.digest(prk, info + b"\x01", "sha256")


def check_suite(byte):
    if byte != SUITE:
        raise ValueError(f"unknown suite {byte}")


@dataclass
class Place:
    """The place to which a wrapped key is bound. The content id is not the id that orders versions."""

    bucket: bytes
    key: str
    content: bytes

    def fields(self):
        return self.bucket, self.key.encode(), self.content


def wrap(outer_key, outer_id, mode, place, salt, wrapped_key):
    """Creates an envelope."""
    prk = extract(salt, outer_key)
    name = outer_id.encode()
    head = bytes([SUITE, mode]) + len(name).to_bytes(2, "big") + name + salt + expand(prk, "commitment")
    key = expand(prk, "wrap", bytes([SUITE]), bytes([mode]), *place.fields())
    return head + AESGCM(key).encrypt(ZERO_NONCE, wrapped_key, head)


class WrongKey(Exception):
    """The outer key is not the one of the envelope."""


def unwrap(outer_key, place, envelope):
    """Returns the key in an envelope, its mode and the name of the outer key."""
    check_suite(envelope[0])
    mode, length = envelope[1], int.from_bytes(envelope[2:4], "big")
    name, envelope_salt = envelope[4 : 4 + length], envelope[4 + length : 36 + length]
    commitment, sealed = envelope[36 + length : 68 + length], envelope[68 + length :]
    if len(sealed) != 48:
        raise ValueError("an envelope of the wrong length")
    prk = extract(envelope_salt, outer_key)
    if not hmac.compare_digest(commitment, expand(prk, "commitment")):
        raise WrongKey
    key = expand(prk, "wrap", bytes([SUITE]), bytes([mode]), *place.fields())
    return AESGCM(key).decrypt(ZERO_NONCE, sealed, envelope[: 68 + length]), mode, name.decode()


def part_header(number, salt):
    return bytes([SUITE, 1, 16, 0]) + number.to_bytes(4, "big") + salt


def part_key(data_key, header):
    return AESGCM(expand(extract(header[8:], data_key), "part", header[4:8]))


def chunk_nonce(index, last):
    return bytes(3) + index.to_bytes(8, "big") + bytes([last])


def seal_part(data_key, number, salt, plain):
    """Creates a part: its header and its chunks."""
    header = part_header(number, salt)
    key, chunks = part_key(data_key, header), max(1, -(-len(plain) // CHUNK))
    sealed = header
    for index in range(chunks):
        piece = plain[index * CHUNK : (index + 1) * CHUNK]
        sealed += key.encrypt(chunk_nonce(index, index == chunks - 1), piece, header)
    return sealed


def open_part(data_key, sealed, first=0, count=None):
    """Returns the plaintext of some chunks of a part, by default of all."""
    check_suite(sealed[0])
    header, body = sealed[:HEADER], sealed[HEADER:]
    if header[1:4] != bytes([1, 16, 0]):
        raise ValueError("no part")
    key, step = part_key(data_key, header), CHUNK + TAG
    chunks = max(1, -(-len(body) // step))
    plain = b""
    for index in range(first, chunks if count is None else first + count):
        piece = body[index * step : (index + 1) * step]
        plain += key.decrypt(chunk_nonce(index, index == chunks - 1), piece, header)
    return plain


def manifest_key(data_key):
    """Derives the manifest key of a data key. It opens no content."""
    return expand(extract(bytes(SALT), data_key), "of-manifests")


def sealing_key(data_key, salt):
    """Derives the key of one sealing of a manifest."""
    return expand(extract(salt, manifest_key(data_key)), "manifest")


def seal_manifest(data_key, salt, outside, cbor):
    head, key = bytes([SUITE]) + salt, sealing_key(data_key, salt)
    return head + AESGCM(key).encrypt(ZERO_NONCE, cbor, head + outside)


def open_manifest(data_key, outside, sealed):
    """Opens a manifest and returns its CBOR."""
    check_suite(sealed[0])
    head, ciphertext = sealed[: 1 + SALT], sealed[1 + SALT :]
    return AESGCM(sealing_key(data_key, head[1:])).decrypt(ZERO_NONCE, ciphertext, head + outside)


def row_key(store_key, salt):
    return AESGCM(expand(extract(bytes(SALT), store_key), "row", salt))


def seal_row(store_key, salt, partition, row, value):
    head = bytes([SUITE]) + salt
    return head + row_key(store_key, salt).encrypt(ZERO_NONCE, value, head + partition + row)


def open_row(store_key, partition, row, sealed):
    """Opens the value of a row of the index."""
    check_suite(sealed[0])
    head, ciphertext = sealed[: 1 + SALT], sealed[1 + SALT :]
    return row_key(store_key, head[1:]).decrypt(ZERO_NONCE, ciphertext, head + partition + row)


def mac(store_key, purpose, data):
    """The MAC over what describes the index."""
    return hmac.digest(expand(extract(bytes(SALT), store_key), purpose), data, "sha256")


def seal_note(store_key, salt, context, plain):
    """Encrypts what describes the index."""
    head = bytes([SUITE]) + salt
    key = expand(extract(bytes(SALT), store_key), "note", salt)
    return head + AESGCM(key).encrypt(ZERO_NONCE, plain, head + context)


def fingerprint(key):
    """Returns the fingerprint of a key as displayed."""
    return expand(extract(bytes(SALT), key), "fingerprint")[:8].hex()


def keyring_check(root_key, text):
    """Computes the check over the file of a keyring."""
    return hmac.digest(expand(extract(bytes(SALT), root_key), "keyring"), text, "sha256")


def vector_plain(length):
    """Returns the content of the part vectors: byte i is (i * 31 + i / 251) mod 256."""
    return bytes((i * 31 + i // 251) % 256 for i in range(length))


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest()
