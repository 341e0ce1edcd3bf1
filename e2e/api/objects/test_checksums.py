"""Checksums: verified, stored and returned, for every algorithm and every way to send one."""

import base64
import random

import pytest
from botocore.exceptions import ClientError

from support.checksums import ALGORITHMS, checksum, header
from support.chunked import SIGNED_TRAILER, UNSIGNED_TRAILER, put_chunked
from support.raw import UNSIGNED, path_of, send, sse_c

CONTENT = random.Random(3).randbytes(150_000)
ENABLED = {"x-amz-checksum-mode": "ENABLED"}


def test_the_checksum_functions():
    """Check values of the CRC catalogue, and the example of FIPS 180-4."""
    values = {name: base64.b64decode(checksum(name, b"123456789")).hex() for name in ALGORITHMS}
    assert values["CRC32"] == "cbf43926"
    assert values["CRC32C"] == "e3069283"
    assert values["CRC64NVME"] == "ae8b14860a799888"
    assert base64.b64decode(checksum("SHA1", b"abc")).hex() == "a9993e364706816aba3e25717850c26c9cd0d89d"


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def key(request, customer_key):
    return sse_c(customer_key) if request.param == "SSE-C" else {}


def put(server, path, way, algorithm, value, key, body=CONTENT):
    """Sends a PUT with a checksum in one of the supported ways."""
    name = header(algorithm)
    if way in (SIGNED_TRAILER, UNSIGNED_TRAILER):
        chunks = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
        return put_chunked(server, path, chunks, payload=way, trailer={name: value}, headers=key)
    payload = UNSIGNED if way == "unsigned" else None
    return send(server, "PUT", path, body=body, payload=payload, headers={name: value, **key})


WAYS = ["signed", "unsigned", SIGNED_TRAILER, UNSIGNED_TRAILER]


def checksums_of(response):
    names = [header(algorithm) for algorithm in ALGORITHMS]
    return {name: response.headers[name] for name in names if name in response.headers}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_checksum(server, bucket, key, algorithm, way):
    path, value = path_of(bucket, "k"), checksum(algorithm, CONTENT)
    expected = {header(algorithm): value}
    response = put(server, path, way, algorithm, value, key)
    assert response.status == 200, response
    assert checksums_of(response) == expected
    for method in ["GET", "HEAD"]:
        response = send(server, method, path, headers={**ENABLED, **key})
        assert checksums_of(response) == expected
        assert response.headers["x-amz-checksum-type"] == "FULL_OBJECT"
        assert checksums_of(send(server, method, path, headers=key)) == {}, (
            "the checksum was returned without being requested"
        )
    ranged = send(server, "GET", path, headers={**ENABLED, **key, "Range": "bytes=0-9"})
    assert checksums_of(ranged) == {}, "a range has no checksum of the whole"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_checksum(server, bucket, algorithm, way):
    path, old = path_of(bucket, "k"), b"old" * 50_000
    assert send(server, "PUT", path, body=old).status == 200
    blobs = server.blobs()
    response = put(server, path, way, algorithm, checksum(algorithm, CONTENT[:-1]), {})
    response.is_error(400, "BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    assert send(server, "GET", path).body == old
    assert server.blobs() <= blobs, "a refused write left data behind"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", ["", "rubbish!", "AAAA", "AAAAAAAA"])
def test_an_invalid_checksum(server, bucket, way, value):
    response = put(server, path_of(bucket, "k"), way, "CRC32", value, {})
    response.is_error(400, "InvalidRequest")
    assert send(server, "HEAD", path_of(bucket, "k")).status == 404


def test_the_default_checksum(server, bucket, key):
    """AWS computes CRC64NVME if the client sends no checksum."""
    path, expected = path_of(bucket, "k"), {header("CRC64NVME"): checksum("CRC64NVME", CONTENT)}
    assert checksums_of(send(server, "PUT", path, body=CONTENT, headers=key)) == expected
    assert checksums_of(send(server, "HEAD", path, headers={**ENABLED, **key})) == expected


def test_an_empty_object(server, bucket, key):
    for algorithm in ALGORITHMS:
        response = put(server, path_of(bucket, "k"), "signed", algorithm, checksum(algorithm, b""), key, body=b"")
        assert checksums_of(response) == {header(algorithm): checksum(algorithm, b"")}


@pytest.mark.parametrize(
    "headers",
    [
        {header("CRC32"): checksum("CRC32", b"data"), header("SHA1"): checksum("SHA1", b"data")},
        {"x-amz-checksum-crc32": checksum("CRC32", b"data"), "x-amz-sdk-checksum-algorithm": "SHA1"},
        {"x-amz-sdk-checksum-algorithm": "SHA1"},
        {"x-amz-sdk-checksum-algorithm": "MD4", "x-amz-checksum-crc32": checksum("CRC32", b"data")},
        {"x-amz-checksum-md4": "AAAAAAAAAAAAAAAAAAAAAA=="},
    ],
    ids=["two", "another than announced", "announced only", "unknown announced", "unknown"],
)
def test_contradictions(server, bucket, headers):
    response = send(server, "PUT", path_of(bucket, "k"), body=b"data", headers=headers)
    response.is_error(400, "InvalidRequest")
    assert send(server, "HEAD", path_of(bucket, "k")).status == 404


@pytest.mark.parametrize("payload", [SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_a_missing_trailer(server, bucket, payload):
    """The announced trailer is missing after the body, or another one is sent."""
    announced = {"x-amz-trailer": header("CRC32")}
    path = path_of(bucket, "k")
    for trailer in [{}, {header("SHA1"): checksum("SHA1", CONTENT)}]:
        response = put_chunked(server, path, [CONTENT], payload=payload, trailer=trailer, headers=announced)
        assert response.status == 400, response
        assert send(server, "HEAD", path).status == 404


def test_a_trailer_and_a_header(server, bucket):
    response = put_chunked(
        server, path_of(bucket, "k"), [b"data" * 5000], payload=UNSIGNED_TRAILER,
        trailer={header("CRC32"): checksum("CRC32", b"data" * 5000)},
        headers={header("SHA1"): checksum("SHA1", b"data" * 5000)},
    )  # fmt: skip
    response.is_error(400, "InvalidRequest")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_boto3(server, s3, bucket, customer_key, algorithm):
    """boto3 sends unsigned trailers over HTTPS and signed payloads over HTTP, and verifies the response."""
    for client in [s3, server.s3(secure=False)]:
        for key in [{}, {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}]:
            put = client.put_object(Bucket=bucket, Key="k", Body=CONTENT, ChecksumAlgorithm=algorithm, **key)
            assert put[f"Checksum{algorithm}"] == checksum(algorithm, CONTENT)
            got = client.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", **key)
            assert got["Body"].read() == CONTENT
            assert got[f"Checksum{algorithm}"] == checksum(algorithm, CONTENT)


def test_boto3_with_a_wrong_checksum(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=CONTENT, ChecksumSHA256=checksum("SHA256", b""))
    assert error.value.response["Error"]["Code"] == "BadDigest"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
