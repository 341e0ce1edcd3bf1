"""Checksums of multipart uploads: composite (COMPOSITE) and of the whole object (FULL_OBJECT)."""

import base64
import random
import secrets

import pytest
from awscrt import checksums as crt

from support.checksums import ALGORITHMS, checksum, header
from support.chunked import SIGNED_TRAILER, UNSIGNED_TRAILER, put_chunked
from support.raw import path_of, sse_c
from support.wire import LEAST_PART, Upload, elements, the

KEY = bytes(range(32))
BODIES = [random.Random(13).randbytes(LEAST_PART), b"the last part" * 77]
ENABLED = {"x-amz-checksum-mode": "ENABLED"}
# The combinations that S3 supports; it refuses the other four.
KINDS = [
    ("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"), ("CRC32C", "COMPOSITE"), ("CRC32C", "FULL_OBJECT"),
    ("CRC64NVME", "FULL_OBJECT"), ("SHA1", "COMPOSITE"), ("SHA256", "COMPOSITE"),
]  # fmt: skip


def value_of(algorithm, data):
    """Like checksum(), with a library where available: checksum() is too slow for megabytes."""
    if algorithm == "CRC32C":
        return base64.b64encode(crt.crc32c(data).to_bytes(4, "big")).decode()
    if algorithm == "CRC64NVME":
        return base64.b64encode(crt.crc64nvme(data).to_bytes(8, "big")).decode()
    return checksum(algorithm, data)


PARTS = {algorithm: [value_of(algorithm, body) for body in BODIES] for algorithm in ALGORITHMS}


def of_object(algorithm, kind):
    if kind == "FULL_OBJECT":
        return value_of(algorithm, b"".join(BODIES))
    joined = b"".join(base64.b64decode(value) for value in PARTS[algorithm])
    return f"{checksum(algorithm, joined)}-{len(BODIES)}"


def element(algorithm, value):
    return f"<Checksum{algorithm}>{value}</Checksum{algorithm}>"


def listed(algorithm):
    return {number + 1: element(algorithm, value) for number, value in enumerate(PARTS[algorithm])}


def reported(response):
    return {name: response.headers[header(name)] for name in ALGORITHMS if header(name) in response.headers}


def test_both_ways_to_compute_them_agree():
    for algorithm in ALGORITHMS:
        assert value_of(algorithm, BODIES[1]) == checksum(algorithm, BODIES[1])


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def given(request):
    return sse_c(KEY) if request.param == "SSE-C" else {}


def begin(wire, bucket, algorithm, kind=None, given=None):
    headers = {"x-amz-checksum-algorithm": algorithm, **({"x-amz-checksum-type": kind} if kind else {})}
    return Upload(wire, bucket, "k", {**headers, **(given or {})})


@pytest.mark.parametrize("algorithm, kind", KINDS)
def test_requested_checksums(server, wire, bucket, given, algorithm, kind):
    """The first part sends its checksum as a header, the second as a trailer."""
    upload = begin(wire, bucket, algorithm, kind, given)
    assert upload.begun.headers["x-amz-checksum-algorithm"] == algorithm
    assert upload.begun.headers["x-amz-checksum-type"] == kind
    first, second = PARTS[algorithm]
    assert reported(upload.part(1, BODIES[0], {header(algorithm): first, **given})) == {algorithm: first}
    payload = SIGNED_TRAILER if given else UNSIGNED_TRAILER
    response = put_chunked(
        server, upload.path, [BODIES[1]], payload=payload, trailer={header(algorithm): second}, headers=given,
        query=f"partNumber=2&uploadId={upload.id}",
    )  # fmt: skip
    assert response.status == 200 and reported(response) == {algorithm: second}, response
    upload.parts[2] = response.headers["etag"]

    document = elements(upload.list(headers=given).body)
    assert document["ChecksumAlgorithm"] == [algorithm] and document["ChecksumType"] == [kind]
    assert [part[f"Checksum{algorithm}"] for part in document["Part"]] == [[first], [second]]
    open_ = elements(wire("GET", path_of(bucket), query="uploads=").body)["Upload"][0]
    assert open_["ChecksumAlgorithm"] == [algorithm] and open_["ChecksumType"] == [kind]

    expected = of_object(algorithm, kind)
    done = upload.complete(headers={header(algorithm): expected, **given}, checksums=listed(algorithm))
    assert done.status == 200, done
    assert the(done.body, f"Checksum{algorithm}") == expected and the(done.body, "ChecksumType") == kind
    for method in ["GET", "HEAD"]:
        response = wire(method, upload.path, headers={**ENABLED, **given})
        assert reported(response) == {algorithm: expected} and response.headers["x-amz-checksum-type"] == kind
        assert reported(wire(method, upload.path, headers=given)) == {}
        for number, value in enumerate(PARTS[algorithm], 1):
            part = wire(method, upload.path, query=f"partNumber={number}", headers={**ENABLED, **given})
            expected_kind = "COMPOSITE" if kind == "COMPOSITE" else None
            assert part.status == 206 and part.headers.get("x-amz-checksum-type") == expected_kind, part
            assert reported(part) == ({algorithm: value} if expected_kind else {}), part
        ranged = wire(method, upload.path, headers={**ENABLED, **given, "Range": "bytes=0-9"})
        assert reported(ranged) == {}, "a range has no checksum of the whole"


def test_without_a_checksum_type(wire, bucket):
    """Default checksum type of each algorithm."""
    for algorithm in ALGORITHMS:
        kind = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
        assert begin(wire, bucket, algorithm).begun.headers["x-amz-checksum-type"] == kind


@pytest.mark.parametrize("headers", [
    {"x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE"},
    {"x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "FULL_OBJECT"},
    {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT"},
    {"x-amz-checksum-type": "FULL_OBJECT"},
    {"x-amz-checksum-type": "COMPOSITE"},
    {"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "rubbish"},
    {"x-amz-checksum-algorithm": "MD5"},
])  # fmt: skip
def test_unsupported_combinations(wire, bucket, headers):
    response = wire("POST", path_of(bucket, "k"), query="uploads=", headers=headers)
    response.is_error(400, "InvalidRequest")
    assert "Upload" not in elements(wire("GET", path_of(bucket), query="uploads=").body)


def test_the_default_checksum(wire, bucket, given):
    """AWS computes CRC64NVME over the whole, but nothing with a customer key."""
    upload = Upload(wire, bucket, "k", given)
    assert "x-amz-checksum-algorithm" not in upload.begun.headers
    for number, body in enumerate(BODIES, 1):
        upload.part(number, body, given)
    assert "ChecksumAlgorithm" not in elements(upload.list().body)
    done = upload.complete()
    expected = {} if given else {"CRC64NVME": of_object("CRC64NVME", "FULL_OBJECT")}
    assert reported(wire("HEAD", upload.path, headers={**ENABLED, **given})) == expected
    assert the(done.body, "ChecksumCRC64NVME") == expected.get("CRC64NVME")


def test_a_checksum_of_a_part_only(wire, bucket, given):
    """A part may send a checksum although the upload requested none; it is verified."""
    upload = Upload(wire, bucket, "k", given)
    for algorithm in ALGORITHMS:
        response = upload.part(1, BODIES[1], {header(algorithm): PARTS[algorithm][1], **given})
        assert response.status == 200 and reported(response) == {algorithm: PARTS[algorithm][1]}, response
        upload.part(1, b"other", {header(algorithm): PARTS[algorithm][1], **given}).is_error(400, "BadDigest")
    assert upload.complete().status == 200
    assert wire("GET", upload.path, headers=given).body == BODIES[1]


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(kind))
def small(request, wire, bucket):
    """An upload of one small part, with its checksum."""
    algorithm, kind = request.param
    upload = begin(wire, bucket, algorithm, kind)
    assert upload.part(1, BODIES[1]).status == 200
    return upload, algorithm, kind


def test_wrong_checksums(small):
    upload, algorithm, kind = small
    right, wrong = PARTS[algorithm][1], value_of(algorithm, b"other")
    upload.part(1, b"third", {header(algorithm): wrong}).is_error(400, "BadDigest")
    other = "SHA1" if algorithm == "CRC32" else "CRC32"
    upload.part(1, b"third", {header(other): checksum(other, b"third")}).is_error(400, "InvalidRequest")
    upload.complete(checksums={1: element(algorithm, wrong)}).is_error(400, "InvalidPart")
    upload.complete(checksums={1: element(algorithm, "rubbish")}).is_error(400, "InvalidPart")
    upload.complete(checksums={1: element(other, checksum(other, BODIES[1]))}).is_error(400, "InvalidPart")
    checksums = {1: element(algorithm, right)}
    response = upload.complete(checksums=checksums, headers={header(algorithm): wrong})
    response.is_error(400, "BadDigest")
    if kind == "COMPOSITE":
        upload.complete().is_error(400, "InvalidRequest")
    mode = "FULL_OBJECT" if kind == "COMPOSITE" else "COMPOSITE"
    upload.complete(checksums=checksums, headers={"x-amz-checksum-type": mode}).is_error(400, "InvalidRequest")
    assert upload.numbers() == [1]
    assert upload.complete(checksums=checksums, headers={"x-amz-checksum-type": kind}).status == 200


def test_checksums_of_encrypted_parts_need_the_key(wire, bucket):
    """They allow guesses of the content to be tested. AWS documents that the key is needed."""
    upload = begin(wire, bucket, "SHA256", given=sse_c(KEY))
    upload.part(1, BODIES[1], sse_c(KEY))
    for headers in [{}, sse_c(secrets.token_bytes(32))]:
        assert PARTS["SHA256"][1].encode() not in upload.list(headers=headers).body
    assert PARTS["SHA256"][1].encode() in upload.list(headers=sse_c(KEY)).body


def test_boto3(s3, bucket):
    """boto3 computes the checksums of parts itself and verifies the response."""
    for algorithm in ["CRC32", "SHA256"]:
        begun = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm)
        named = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
        parts = []
        for number, body in enumerate(BODIES, 1):
            part = s3.upload_part(PartNumber=number, Body=body, ChecksumAlgorithm=algorithm, **named)
            name = f"Checksum{algorithm}"
            parts.append({"PartNumber": number, "ETag": part["ETag"], name: part[name]})
        done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)
        assert done[name] == of_object(algorithm, "COMPOSITE") and done["ChecksumType"] == "COMPOSITE"
        got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", PartNumber=2)
        assert got["Body"].read() == BODIES[1] and got[name] == PARTS[algorithm][1]
        assert s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["Body"].read() == b"".join(BODIES)
