"""Multipart uploads from beginning to end, over the wire."""

import hashlib
import random
import secrets
import threading
from urllib.parse import urlsplit

import pytest

from support.checksums import checksum, header
from support.chunked import SIGNED, UNSIGNED_TRAILER, put_chunked
from support.raw import SSE_C_MD5, path_of, presign, send, send_unsigned, sse_c
from support.wire import LEAST_PART, Upload, Wire, completion, elements, encryption_of, opens_only_with, the

KEY = bytes(range(32))
_random = random.Random(11)
FIRST, SECOND, OTHER = (_random.randbytes(LEAST_PART) for _ in range(3))
LAST = _random.randbytes(1000)


def md5(data):
    return hashlib.md5(data).hexdigest()


def etag_of(etags):
    """Returns the ETag of an object with these parts, in every mode."""
    digests = b"".join(bytes.fromhex(etag.strip('"')) for etag in etags)
    return f'"{md5(digests)}-{len(etags)}"'


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def key(request):
    return KEY if request.param == "SSE-C" else None


@pytest.fixture
def given(key):
    return sse_c(key) if key else {}


def open_uploads(wire, bucket):
    listed = wire("GET", path_of(bucket), query="uploads=")
    assert listed.status == 200, listed
    return [(entry["Key"][0], entry["UploadId"][0]) for entry in elements(listed.body).get("Upload", [])]


def test_an_upload_from_start_to_completion(wire, bucket, key, given):
    """Parts out of order, with gaps in their numbers, one part sent twice and one unused."""
    upload = Upload(wire, bucket, "a/b ü", given)
    expected = given[SSE_C_MD5] if key else "AES256"
    assert encryption_of(upload.begun) == expected
    assert the(upload.begun.body, "Bucket") == bucket and the(upload.begun.body, "Key") == "a/b ü"
    assert open_uploads(wire, bucket) == [("a/b ü", upload.id)]
    for number, body in [(10_000, LAST), (7, OTHER), (2, FIRST), (7, SECOND), (9, b"never used")]:
        response = upload.part(number, body, given)
        assert response.status == 200 and encryption_of(response) == expected, response
        assert (response.headers["etag"] == f'"{md5(body)}"') == (key is None), response
    assert upload.numbers() == [2, 7, 9, 10_000]
    wire("GET", upload.path, headers=given).is_error(404, "NoSuchKey")
    del upload.parts[9]
    done = upload.complete()
    assert done.status == 200, done
    assert encryption_of(done) == (None if key else "AES256"), "AWS does not report a customer key here"
    assert the(done.body, "ETag") == etag_of([upload.parts[number] for number in (2, 7, 10_000)])
    assert the(done.body, "Bucket") == bucket and the(done.body, "Key") == "a/b ü"
    response = opens_only_with(wire, upload.path, FIRST + SECOND + LAST, key)
    assert response.headers["etag"] == the(done.body, "ETag")
    assert open_uploads(wire, bucket) == []
    upload.list().is_error(404, "NoSuchUpload")
    upload.part(1, b"late", given).is_error(404, "NoSuchUpload")
    listed = elements(wire("GET", path_of(bucket), query="list-type=2").body)["Contents"]
    assert [(entry["Size"], entry["ETag"]) for entry in listed] == [
        ([str(2 * LEAST_PART + 1000)], [the(done.body, "ETag")])
    ]


def test_etags_of_encrypted_parts_reveal_nothing(wire, bucket):
    upload = Upload(wire, bucket, "k", sse_c(KEY))
    etags = {upload.part(number, LAST, sse_c(KEY)).headers["etag"] for number in [1, 2, 2]}
    assert len(etags) == 3 and f'"{md5(LAST)}"' not in etags


def test_properties_of_the_object_come_from_the_start_of_the_upload(wire, bucket, key, given):
    said = {"content-type": "text/x-own", "cache-control": "no-store", "x-amz-meta-owner": "me"}
    upload = Upload(wire, bucket, "k", {**said, "x-amz-tagging": "a=b&c=%C3%BC", **given})
    assert upload.part(1, b"", given).status == 200
    assert upload.complete().status == 200
    for method in ["GET", "HEAD"]:
        response = wire(method, upload.path, headers=given)
        assert {name: response.headers.get(name) for name in said} == said
        assert response.headers["content-length"] == "0" and response.headers["etag"].endswith('-1"')
    tags = elements(wire("GET", upload.path, query="tagging=").body)["TagSet"][0]["Tag"]
    assert [(tag["Key"], tag["Value"]) for tag in tags] == [(["a"], ["b"]), (["c"], ["ü"])]


@pytest.fixture(scope="module")
def stored(wire, s3):
    """An object of three parts in each mode, and one stored by a single PUT."""
    bucket = f"parts-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    for name, given in [("sealed", sse_c(KEY)), ("plain", {})]:
        upload = Upload(wire, bucket, name, given)
        for number, body in [(1, FIRST), (2, SECOND), (3, LAST)]:
            assert upload.part(number, body, given).status == 200
        assert upload.complete().status == 200
        assert wire("PUT", path_of(bucket, f"{name}-whole"), body=LAST, headers=given).status == 200
    return bucket


SIZE = 2 * LEAST_PART + 1000


@pytest.mark.parametrize("number, at, content", [(1, 0, FIRST), (2, LEAST_PART, SECOND), (3, 2 * LEAST_PART, LAST)])
def test_reading_by_part_number(wire, stored, key, given, number, at, content):
    path = path_of(stored, "sealed" if key else "plain")
    whole = wire("HEAD", path, headers=given)
    for method in ["GET", "HEAD"]:
        response = wire(method, path, query=f"partNumber={number}", headers=given)
        assert response.status == 206, response
        assert response.headers["content-range"] == f"bytes {at}-{at + len(content) - 1}/{SIZE}"
        assert response.headers["content-length"] == str(len(content))
        assert response.headers["x-amz-mp-parts-count"] == "3"
        assert response.headers["etag"] == whole.headers["etag"]
        assert method == "HEAD" or response.body == content
    assert "x-amz-mp-parts-count" not in whole.headers and whole.headers["content-length"] == str(SIZE)


def test_reading_by_invalid_part_number(wire, stored, key, given):
    path = path_of(stored, "sealed" if key else "plain")
    wire("GET", path, query="partNumber=4", headers=given).is_error(416, "InvalidPartNumber")
    wire("GET", path + "-whole", query="partNumber=2", headers=given).is_error(416, "InvalidPartNumber")
    whole = wire("GET", path + "-whole", query="partNumber=1", headers=given)
    assert whole.status == 206 and whole.body == LAST and "x-amz-mp-parts-count" not in whole.headers
    for number in ["0", "10001", "-1"]:
        wire("GET", path, query=f"partNumber={number}", headers=given).is_error(400, "InvalidArgument")
    assert wire("GET", path, query="partNumber=x", headers=given).status == 400
    both = wire("GET", path, query="partNumber=1", headers={"Range": "bytes=0-1", **given})
    both.is_error(400, "InvalidRequest")
    assert wire("HEAD", path, query="partNumber=4", headers=given).status == 416


@pytest.mark.parametrize("first, last", [
    (0, 0), (LEAST_PART - 1, LEAST_PART), (LEAST_PART - 70_000, LEAST_PART + 70_000), (2 * LEAST_PART - 1, SIZE - 1),
    (LEAST_PART - 1, 2 * LEAST_PART), (65_535, 65_536), (LEAST_PART + 65_535, LEAST_PART + 65_536), (SIZE - 1, SIZE - 1),
])  # fmt: skip
def test_ranges_across_parts(wire, stored, key, given, first, last):
    headers = {"Range": f"bytes={first}-{last}", **given}
    response = wire("GET", path_of(stored, "sealed" if key else "plain"), headers=headers)
    assert response.status == 206 and response.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert response.body == (FIRST + SECOND + LAST)[first : last + 1]


def test_two_uploads_of_one_key(wire, bucket, key, given):
    """Neither sees the other's parts; the one completed last is the object."""
    one, two = Upload(wire, bucket, "k", given), Upload(wire, bucket, "k", given)
    one.part(1, b"one", given)
    two.part(1, b"two", given)
    one.complete([(1, two.parts[1])]).is_error(400, "InvalidPart")
    assert two.complete().status == 200
    opens_only_with(wire, one.path, b"two", key)
    assert one.complete().status == 200
    opens_only_with(wire, one.path, b"one", key)


def test_completing_twice(wire, bucket, key, given):
    """A client that did not receive the response repeats the request."""
    upload = Upload(wire, bucket, "k", given)
    upload.part(1, b"data", given)
    first, second = upload.complete(), upload.complete()
    assert first.status == second.status == 200, second
    assert the(first.body, "ETag") == the(second.body, "ETag")
    assert wire("PUT", upload.path, body=b"newer", headers=given).status == 200
    upload.complete().is_error(404, "NoSuchUpload")
    opens_only_with(wire, upload.path, b"newer", key)


def test_completing_at_the_same_time(server, wire, bucket):
    """A client that timed out repeats its request. Both requests succeed."""
    wires = [Wire(server) for _ in range(6)]
    for _ in range(40):
        upload, responses = Upload(wire, bucket, "k"), []
        upload.part(1, b"data")
        body, query = completion(upload.parts.items()), f"uploadId={upload.id}"

        def complete(own, upload=upload, responses=responses, body=body, query=query):
            responses.append(own("POST", upload.path, query=query, body=body))

        threads = [threading.Thread(target=complete, args=(own,)) for own in wires]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        opens_only_with(wire, upload.path, b"data")
        assert [response.status for response in responses] == [200] * 6, responses
        assert len({the(response.body, "ETag") for response in responses}) == 1


def test_location(wire, bucket):
    """The complete address of the object: clients pass it on."""
    upload = Upload(wire, bucket, "a b/ü")
    upload.part(1, b"data")
    address = urlsplit(the(upload.complete().body, "Location"))
    assert address.scheme == "https" and address.netloc == wire.connection.host
    assert address.path.replace("%2F", "/") == upload.path


def test_aborting(server, wire, bucket, key, given):
    """Aborting needs no key and leaves nothing."""
    wire("PUT", path_of(bucket, "k"), body=b"there", headers=given)
    upload = Upload(wire, bucket, "k", given)
    upload.part(1, FIRST, given)
    response = upload.abort()
    assert response.status == 204 and response.body == b""
    upload.abort().is_error(404, "NoSuchUpload")
    upload.part(1, b"data", given).is_error(404, "NoSuchUpload")
    upload.complete().is_error(404, "NoSuchUpload")
    upload.list().is_error(404, "NoSuchUpload")
    assert open_uploads(wire, bucket) == []
    opens_only_with(wire, upload.path, b"there", key)


def test_deleting_a_bucket_with_an_upload(wire, s3, bucket):
    """As on AWS, the bucket can be deleted together with its upload."""
    upload = Upload(wire, bucket, "k")
    upload.part(1, b"data")
    assert wire("DELETE", path_of(bucket)).status == 204
    s3.create_bucket(Bucket=bucket)
    assert open_uploads(wire, bucket) == []
    upload.complete().is_error(404, "NoSuchUpload")


def test_presigned_parts(server, wire, bucket, key, given):
    upload = Upload(wire, bucket, "k", given)
    query = presign(server, "PUT", upload.path, query=f"partNumber=1&uploadId={upload.id}", headers=given)
    response = send_unsigned(server, "PUT", upload.path, query=query, headers=given, body=FIRST)
    assert response.status == 200, response
    query = query.replace("partNumber=1", "partNumber=2")
    refused = send_unsigned(server, "PUT", upload.path, query=query, headers=given, body=LAST)
    refused.is_error(403, "SignatureDoesNotMatch")
    assert upload.complete([(1, response.headers["etag"])]).status == 200
    opens_only_with(wire, upload.path, FIRST, key)


@pytest.mark.parametrize("payload", [SIGNED, UNSIGNED_TRAILER])
def test_parts_in_chunks(server, wire, bucket, key, given, payload):
    upload = Upload(wire, bucket, "k", given)
    for number, body in [(1, FIRST), (2, LAST)]:
        chunks = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
        query = f"partNumber={number}&uploadId={upload.id}"
        trailer = {header("CRC32"): checksum("CRC32", body)} if payload == UNSIGNED_TRAILER else None
        response = put_chunked(
            server, upload.path, chunks, payload=payload, query=query, headers=given, trailer=trailer
        )
        assert response.status == 200, response
        upload.parts[number] = response.headers["etag"]
    spoilt = put_chunked(
        server, upload.path, [LAST], payload=payload, headers=given, spoil=lambda frames: frames[:1],
        query=f"partNumber=2&uploadId={upload.id}",
    )  # fmt: skip
    assert spoilt.status == 400, spoilt
    assert upload.complete().status == 200
    opens_only_with(wire, upload.path, FIRST + LAST, key)


def test_parts_over_clear_text_with_a_key(server, wire, bucket):
    """A key may be sent over HTTP from this machine, but not through a proxy."""
    upload = Upload(wire, bucket, "k", sse_c(KEY))
    query = f"partNumber=1&uploadId={upload.id}"
    far = {**sse_c(KEY), "X-Forwarded-For": "203.0.113.7"}
    response = send(server, "PUT", upload.path, query=query, headers=far, body=b"data", secure=False)
    response.is_error(400, "InvalidRequest")
    assert upload.numbers() == []
