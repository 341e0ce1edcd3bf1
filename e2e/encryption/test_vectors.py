"""The committed test vectors of the sealed format, opened and recreated by the second implementation."""

import json
from pathlib import Path

import cbor2
import pytest
from cryptography.exceptions import InvalidTag

from support import vectors
from support.vectors import Place

FILE = Path(__file__).resolve().parents[2] / "vectors" / "seal-1.json"
VECTORS = json.loads(FILE.read_text())


def of_hex(vector):
    """Decodes the byte strings of a vector; text and numbers stay unchanged."""
    text = {"outer_id", "key", "sealed_sha256"}
    return {n: bytes.fromhex(v) if isinstance(v, str) and n not in text else v for n, v in vector.items()}


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


@pytest.mark.parametrize("vector", VECTORS["envelopes"], ids=lambda v: f"mode {v['mode']}")
def test_envelopes(vector):
    v = of_hex(vector)
    place = Place(v["bucket"], v["key"], v["content"])
    made = vectors.wrap(v["outer_key"], v["outer_id"], v["mode"], place, v["salt"], v["wrapped_key"])
    assert made == v["envelope"]
    assert vectors.unwrap(v["outer_key"], place, made) == (v["wrapped_key"], v["mode"], v["outer_id"])
    with pytest.raises(vectors.WrongKey):
        vectors.unwrap(flipped(v["outer_key"], 0), place, made)
    for other in [
        Place(flipped(v["bucket"], 0), v["key"], v["content"]),
        Place(v["bucket"], v["key"] + "x", v["content"]),
        Place(v["bucket"], v["key"], flipped(v["content"], 0)),
    ]:
        with pytest.raises(InvalidTag):
            vectors.unwrap(v["outer_key"], other, made)
    for at in range(len(made)):
        with pytest.raises((vectors.WrongKey, InvalidTag, ValueError)):
            vectors.unwrap(v["outer_key"], place, flipped(made, at))


@pytest.mark.parametrize("vector", VECTORS["parts"], ids=lambda v: f"{v['plain_length']} bytes")
def test_parts(vector):
    v = of_hex(vector)
    plain = vectors.vector_plain(v["plain_length"])
    sealed = vectors.seal_part(v["data_key"], v["number"], v["salt"], plain)
    assert len(sealed) == v["sealed_length"]
    assert sealed[:40] == v["header"]
    assert sealed[40 : 40 + 65_552][-16:] == v["first_chunk_tag"]
    assert vectors.sha256_hex(sealed) == v["sealed_sha256"]
    assert v["sealed"] is None or sealed == v["sealed"]
    assert vectors.open_part(v["data_key"], sealed) == plain
    chunks = max(1, -(-len(plain) // 65_536))
    for index in range(chunks):
        piece = plain[index * 65_536 : (index + 1) * 65_536]
        assert vectors.open_part(v["data_key"], sealed, index, 1) == piece, "each chunk opens alone"
    # A part without its last chunk is incomplete, and so is an empty part without its chunk.
    shorter = sealed[: 40 + (chunks - 1) * 65_552]
    with pytest.raises((InvalidTag, ValueError)):
        vectors.open_part(v["data_key"], shorter)


@pytest.mark.parametrize("vector", VECTORS["manifests"])
def test_manifests(vector):
    v = of_hex(vector)
    assert vectors.manifest_key(v["data_key"]) == v["manifest_key"]
    assert vectors.seal_manifest(v["data_key"], v["salt"], v["outside"], v["cbor"]) == v["sealed"]
    assert vectors.open_manifest(v["data_key"], v["outside"], v["sealed"]) == v["cbor"]
    with pytest.raises(InvalidTag):
        vectors.open_manifest(v["data_key"], v["outside"] + b"x", v["sealed"])
    manifest = {
        0: [{0: 1, 1: 5_242_880, 2: b"\x01" * 32}, {0: 2, 1: 7, 2: b"\x02" * 32}],
        1: {"content-type": "text/plain"},
        2: {"owner": "Zoë"},
        3: [{0: "CRC32", 1: b"\x01\x02\x03\x04", 2: True}],
    }
    if 3 in cbor2.loads(v["cbor"])[0][0]:  # The parts of one vector have checksums.
        for part, checksum in zip(manifest[0], [b"\x05\x06\x07\x08", b"\x09\x0a\x0b\x0c"], strict=True):
            part[3] = checksum
    assert cbor2.loads(v["cbor"]) == manifest
    assert cbor2.dumps(manifest) == v["cbor"]


@pytest.mark.parametrize("vector", VECTORS["rows"])
def test_rows(vector):
    v = of_hex(vector)
    assert vectors.seal_row(v["store_key"], v["salt"], v["partition"], v["row"], v["value"]) == v["sealed"]
    assert vectors.open_row(v["store_key"], v["partition"], v["row"], v["sealed"]) == v["value"]
    for partition, row in [(flipped(v["partition"], 0), v["row"]), (v["partition"], v["row"] + b"x")]:
        with pytest.raises(InvalidTag):
            vectors.open_row(v["store_key"], partition, row, v["sealed"])


@pytest.mark.parametrize("vector", VECTORS["macs"])
def test_macs(vector):
    v = {name: bytes.fromhex(value) for name, value in vector.items() if name != "purpose"}
    assert vectors.mac(v["store_key"], vector["purpose"], v["bytes"]) == v["mac"]


@pytest.mark.parametrize("vector", VECTORS["notes"])
def test_notes(vector):
    v = of_hex(vector)
    assert vectors.seal_note(v["store_key"], v["salt"], v["context"], v["plain"]) == v["sealed"]


@pytest.mark.parametrize("vector", VECTORS["fingerprints"])
def test_fingerprints(vector):
    assert vectors.fingerprint(bytes.fromhex(vector["key"])) == vector["fingerprint"]


@pytest.mark.parametrize("vector", VECTORS["checks"])
def test_checks_of_keyrings(vector):
    v = {name: bytes.fromhex(value) for name, value in vector.items()}
    assert vectors.keyring_check(v["root_key"], v["text"]) == v["check"]
    assert vectors.keyring_check(v["root_key"], v["text"] + b"x") != v["check"]


def test_another_suite_is_refused():
    v = of_hex(VECTORS["rows"][0])
    with pytest.raises(ValueError, match="unknown suite 2"):
        vectors.open_row(v["store_key"], v["partition"], v["row"], b"\x02" + v["sealed"][1:])


def test_the_expansion_is_hkdf():
    """Test case 1 of RFC 5869, first block."""
    prk = vectors.extract(bytes(range(13)), b"\x0b" * 22)
    assert prk.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
