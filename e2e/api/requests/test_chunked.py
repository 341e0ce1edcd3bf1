"""Bodies in aws-chunked framing: stored at any chunk boundaries, and refused without leaving data behind."""

import hashlib
import random

import pytest

from support.chunked import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, put_chunked
from support.raw import b64, path_of, send, sse_c

CONTENT = random.Random(2).randbytes(300_000)
DIGEST = {"x-amz-checksum-sha256": b64(hashlib.sha256(CONTENT).digest())}


def cut(content, size):
    return [content[at : at + size] for at in range(0, len(content), size)]


KINDS = [(SIGNED, None), (SIGNED_TRAILER, DIGEST), (UNSIGNED_TRAILER, DIGEST)]


@pytest.mark.parametrize("payload, trailer", KINDS, ids=[kind[0] for kind in KINDS])
@pytest.mark.parametrize("size", [8192, 65_536, 100_001, 300_000])
def test_any_chunk_boundaries(server, bucket, customer_key, payload, trailer, size):
    for key in [{}, sse_c(customer_key)]:
        chunks = cut(CONTENT, size)
        response = put_chunked(server, path_of(bucket, "k"), chunks, payload=payload, trailer=trailer, headers=key)
        assert response.status == 200, response
        got = send(server, "GET", path_of(bucket, "k"), headers=key)
        assert got.body == CONTENT and "content-encoding" not in got.headers
        assert key or got.headers["etag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'


@pytest.mark.parametrize("payload", [SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_an_empty_body(server, bucket, payload):
    digest = {"x-amz-checksum-sha1": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="}
    trailer = None if payload == SIGNED else digest
    response = put_chunked(server, path_of(bucket, "k"), [], payload=payload, trailer=trailer)
    assert response.status == 200, response
    assert send(server, "GET", path_of(bucket, "k")).body == b""


def test_without_content_length(server, bucket):
    """HTTP chunks around those of S3; the length of the object is in a separate header."""
    response = put_chunked(server, path_of(bucket, "k"), cut(CONTENT, 65_536), framed_length=None)
    assert response.status == 200, response
    assert send(server, "GET", path_of(bucket, "k")).body == CONTENT


def test_content_encoding_keeps_the_rest(server, bucket):
    given = {"content-encoding": "aws-chunked,gzip"}
    assert put_chunked(server, path_of(bucket, "k"), [CONTENT], headers=given).status == 200
    assert send(server, "HEAD", path_of(bucket, "k")).headers["content-encoding"] == "gzip"


def test_content_encoding_may_be_missing(server, bucket):
    """Some clients omit it; the payload header is sufficient."""
    given = {"content-encoding": None}
    assert put_chunked(server, path_of(bucket, "k"), [CONTENT], headers=given).status == 200
    assert send(server, "GET", path_of(bucket, "k")).body == CONTENT


@pytest.fixture
def old(server, bucket):
    """The path of an object that a refused write must leave unchanged, without leaving other data behind."""
    path, content = path_of(bucket, "k"), b"old" * 50_000
    assert send(server, "PUT", path, body=content).status == 200
    blobs = server.blobs()
    yield path
    assert send(server, "GET", path).body == content
    assert server.blobs() <= blobs, "a refused write left data behind"


def flip(frame, at):
    """Returns the frame with one bit changed."""
    changed = bytearray(frame)
    changed[at] ^= 1
    return bytes(changed)


def one_flipped(number, at=-10):
    return lambda frames: [flip(f, at) if n == number else f for n, f in enumerate(frames)]


CHUNKS = cut(CONTENT, 65_536)
LAST = len(CHUNKS)


@pytest.mark.parametrize(
    "spoil",
    [
        one_flipped(0),
        one_flipped(2),
        one_flipped(LAST - 1),
        one_flipped(0, at=len("10000;chunk-signature=") + 5),
        one_flipped(LAST, at=len("0;chunk-signature=") + 5),
        lambda frames: [frames[1], frames[0], *frames[2:]],
        lambda frames: [frames[0], *frames[2:]],
        lambda frames: [frames[0], frames[0], *frames[2:]],
        lambda frames: [*frames[: LAST - 1], *frames[LAST:]],
    ],
    ids=["first data", "third data", "last data", "first signature", "final signature", "swapped", "dropped",
         "repeated", "end dropped"],
)  # fmt: skip
@pytest.mark.parametrize("payload, trailer", KINDS[:2], ids=["plain", "trailer"])
def test_chunks_changed_in_transit(server, old, payload, trailer, spoil):
    response = put_chunked(server, old, CHUNKS, payload=payload, trailer=trailer, spoil=spoil)
    assert (response.status, response.error["Code"]) in [(403, "SignatureDoesNotMatch"), (400, "IncompleteBody")], (
        response
    )


def test_the_error_for_a_chunk_with_a_wrong_signature(server, old):
    response = put_chunked(server, old, CHUNKS, spoil=one_flipped(2))
    response.is_error(403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("payload, trailer", KINDS, ids=[kind[0] for kind in KINDS])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda frames: frames[:2],
        lambda frames: frames[:LAST],
        lambda frames: [*frames[:2], frames[2][:-5000]],
        lambda frames: [b"zz" + frames[0], *frames[1:]],
        lambda frames: [frames[0][:-2] + b"??", *frames[1:]],
        lambda frames: [b"\r\n", *frames],
        lambda frames: [b"-1\r\n", *frames],
        lambda frames: [b"ffffffffffffffff" + frames[0], *frames[1:]],
    ],
    ids=["two chunks only", "no final chunk", "half a chunk", "no length", "no line end", "empty line", "negative",
         "endless"],
)  # fmt: skip
def test_framing_that_is_broken(server, old, payload, trailer, spoil):
    response = put_chunked(server, old, CHUNKS, payload=payload, trailer=trailer, spoil=spoil)
    assert response.status == 400 and response.error["Code"] in ("IncompleteBody", "InvalidRequest"), response


@pytest.mark.parametrize("payload, trailer", KINDS, ids=[kind[0] for kind in KINDS])
@pytest.mark.parametrize("off", [-1, 1, -65_536, 65_536])
def test_a_wrong_decoded_length(server, old, payload, trailer, off):
    response = put_chunked(server, old, CHUNKS, payload=payload, trailer=trailer, decoded=len(CONTENT) + off)
    response.is_error(400, "IncompleteBody")


def test_without_a_decoded_length(server, old):
    response = put_chunked(server, old, CHUNKS, headers={"x-amz-decoded-content-length": None})
    assert (response.status, response.error["Code"]) in [(411, "MissingContentLength"), (400, "InvalidRequest")], (
        response
    )


def test_a_trailer_changed_in_transit(server, old):
    """The signature of the trailer covers it."""
    other = {"x-amz-checksum-sha256": "x" * 43 + "="}

    def spoil(frames):
        name, value = next(iter(DIGEST.items()))
        return [*frames[:-1], frames[-1].replace(value.encode(), other[name].encode())]

    response = put_chunked(server, old, CHUNKS, payload=SIGNED_TRAILER, trailer=DIGEST, spoil=spoil)
    assert response.error["Code"] in ("SignatureDoesNotMatch", "BadDigest", "InvalidRequest"), response


def test_a_trailer_without_its_signature(server, old):
    def spoil(frames):
        lines = frames[-1].split(b"\r\n")
        return [*frames[:-1], b"\r\n".join(line for line in lines if b"trailer-signature" not in line)]

    response = put_chunked(server, old, CHUNKS, payload=SIGNED_TRAILER, trailer=DIGEST, spoil=spoil)
    assert response.status in (400, 403), response


@pytest.mark.parametrize(
    "payload", ["STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-OTHER", "STREAMING-UNSIGNED-PAYLOAD"]
)
def test_unsupported_framings(server, old, payload):
    """The framing is never stored as part of the object."""
    response = put_chunked(server, old, CHUNKS, payload=payload)
    assert response.status in (400, 403, 501), response


@pytest.mark.parametrize("payload, trailer", KINDS, ids=[kind[0] for kind in KINDS])
def test_a_large_chunk(server, bucket, payload, trailer):
    """Content is stored while its chunk arrives, and committed after its signature was verified."""
    path, content = path_of(bucket, "k"), bytes((20 << 20) + 1)
    trailer = {"x-amz-checksum-sha256": b64(hashlib.sha256(content).digest())} if trailer else None
    assert put_chunked(server, path, [content], payload=payload, trailer=trailer).status == 200
    assert send(server, "GET", path).body == content


def test_a_large_chunk_with_a_wrong_signature(server, bucket):
    def spoil(frames):
        return [frames[0].replace(b"\0\r\n", b"\1\r\n"), *frames[1:]]

    path = path_of(bucket, "k")
    response = put_chunked(server, path, [bytes(20 << 20)], spoil=spoil)
    response.is_error(403, "SignatureDoesNotMatch")
    assert send(server, "HEAD", path).status == 404


def test_the_chain_begins_with_the_signature_of_the_request(server, bucket):
    """The chain begins with the signature of the request, so chunks of one request fit no other."""
    stolen = []
    path = path_of(bucket, "k")
    assert put_chunked(server, path, [CONTENT], spoil=lambda frames: stolen.extend(frames) or frames).status == 200
    other = path_of(bucket, "other")
    put_chunked(server, other, [CONTENT], spoil=lambda _: stolen).is_error(403, "SignatureDoesNotMatch")
    assert send(server, "HEAD", other).status == 404
