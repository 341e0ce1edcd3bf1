"""Invalid requests of multipart uploads: the exact error, and that the upload is unchanged."""

import random
import secrets

import pytest

from support.raw import SSE, b64, path_of, sse_c
from support.wire import COPY_SOURCE, LEAST_PART, Upload, completion, opens_only_with, the

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
FIRST = random.Random(12).randbytes(LEAST_PART)
NO_UPLOAD = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
INVALID_PART = (
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
    "entity tag may not match the part's entity tag."
)
NOT_AS_BEGUN = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate "
    "encryption parameters."
)
NOT_THE_KEY = "The provided encryption parameters did not match the ones used originally."


@pytest.fixture
def upload(wire, bucket):
    """An upload with a first part of the minimum size, and a small second and third one."""
    upload = Upload(wire, bucket, "k")
    for number, body in [(1, FIRST), (2, b"second"), (3, b"third")]:
        assert upload.part(number, body).status == 200
    yield upload
    # The upload can still be completed after every refusal.
    upload.wire("GET", upload.path).is_error(404, "NoSuchKey")
    assert upload.complete([(1, upload.parts[1]), (2, upload.parts[2])]).status == 200
    opens_only_with(wire, upload.path, FIRST + b"second")


def test_completions(upload):
    """Errors in the list of parts."""
    etags, other = upload.parts, '"00000000000000000000000000000000"'
    for parts, status, code in [
        ([(1, etags[1]), (2, etags[2]), (3, etags[3])], 400, "EntityTooSmall"),
        ([(2, etags[2]), (3, etags[3])], 400, "EntityTooSmall"),
        ([(1, etags[1]), (4, etags[2])], 400, "InvalidPart"),
        ([(4, etags[2])], 400, "InvalidPart"),
        ([(1, etags[2])], 400, "InvalidPart"),
        ([(1, other)], 400, "InvalidPart"),
        ([(1, "")], 400, "InvalidPart"),
        ([(1, "rubbish")], 400, "InvalidPart"),
        ([(2, etags[2]), (1, etags[1])], 400, "InvalidPartOrder"),
        ([(1, etags[1]), (1, etags[1])], 400, "InvalidPartOrder"),
        ([(1, etags[1]), (3, etags[3]), (2, etags[2])], 400, "InvalidPartOrder"),
    ]:
        response = upload.complete(parts)
        assert (response.status, response.error.get("Code")) == (status, code), (parts, response)
        if code == "InvalidPart":
            assert response.error["Message"] == INVALID_PART
        if code == "EntityTooSmall":
            assert response.error["MinSizeAllowed"] == str(LEAST_PART) and response.error["PartNumber"] in "12"


def test_etags_without_quotes(wire, bucket):
    """Some clients send ETags without quotes, or with quotes as entities."""
    for write in ["{}", "&quot;{}&quot;"]:
        upload = Upload(wire, bucket, "k")
        upload.part(1, b"data")
        assert upload.complete([(1, write.format(upload.parts[1].strip('"')))]).status == 200


def test_one_byte_too_small(wire, bucket):
    upload = Upload(wire, bucket, "k")
    upload.part(1, FIRST[:-1])
    upload.part(2, b"second")
    upload.complete().is_error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    upload.part(1, FIRST)
    assert upload.complete().status == 200


DOCUMENTS = {
    "nothing": b"",
    "no parts": completion([]).encode(),
    "no XML": b"rubbish",
    "another document": b"<Delete><Object><Key>k</Key></Object></Delete>",
    "cut off": completion([(1, '"x"')]).encode()[:-20],
    "a part without an ETag": b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
    "a part without a number": b'<CompleteMultipartUpload><Part><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
    "a number that is none": completion([("one", '"x"')]).encode(),
    "too many parts": completion([(n, '"x"') for n in range(1, 10_002)]).encode(),
}


def test_invalid_documents(upload):
    for name, document in DOCUMENTS.items():
        response = upload.wire("POST", upload.path, query=f"uploadId={upload.id}", body=document)
        assert response.status == 400, (name, response)
        assert response.error["Code"] in ("MalformedXML", "MissingRequestBodyError", "InvalidRequest"), (name, response)
    upload.complete([]).is_error(400, "MalformedXML")


def test_missing_uploads(wire, s3, bucket, upload):
    other = f"other-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=other)
    wrong = [(upload.path, id) for id in ["rubbish", "0" * 32, upload.id[:-1], upload.id + "0", "..%2F"]]
    wrong += [(path_of(bucket, "other"), upload.id), (path_of(other, "k"), upload.id)]
    for path, id in wrong:
        for method, query, body in [
            ("PUT", f"partNumber=1&uploadId={id}", b"data"),
            ("POST", f"uploadId={id}", completion([(1, upload.parts[1])])),
            ("GET", f"uploadId={id}", b""),
            ("DELETE", f"uploadId={id}", b""),
        ]:
            response = wire(method, path, query=query, body=body)
            assert (response.status, response.error.get("Code")) == (404, "NoSuchUpload"), (method, path, id, response)
            assert response.error["Message"] == NO_UPLOAD
    response = wire(
        "PUT", path_of("no-such-bucket-here", "k"), query=f"partNumber=1&uploadId={upload.id}", body=b"data"
    )
    response.is_error(404, "NoSuchBucket")
    wire("POST", path_of("no-such-bucket-here", "k"), query="uploads=").is_error(404, "NoSuchBucket")


def test_part_numbers(upload):
    message = "Part number must be an integer between 1 and 10000, inclusive"
    for number in [0, 10_001, -1, 2_147_483_647]:
        upload.part(number, b"data").is_error(400, "InvalidArgument", message)
        copy = upload.part(number, headers={COPY_SOURCE: "/no-such-bucket-here/k"})
        assert copy.status in (400, 404), copy
    for number in ["x", "1.5", "99999999999999999999", ""]:
        response = upload.part(number, b"data")
        assert response.status in (400, 501) and "Code" in response.error, response
    assert upload.numbers() == [1, 2, 3]


def test_an_incomplete_part(upload):
    """The previous part with that number is kept."""
    for given, code in [
        ({"Content-MD5": b64(b"0" * 16)}, "BadDigest"),
        ({"Content-MD5": "rubbish"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-crc32": "rubbish"}, "InvalidRequest"),
    ]:
        response = upload.part(2, b"other", given)
        assert (response.status, response.error["Code"]) == (400, code), response
    upload.part(2, b"other", payload="0" * 64).is_error(400, "XAmzContentSHA256Mismatch")
    assert upload.numbers() == [1, 2, 3]


def test_options_that_parts_cannot_have(upload):
    """Options that a part cannot have are refused or ignored, and never stored with the object."""
    upload.part(2, b"second", {SSE: "AES256"}).is_error(400, "InvalidArgument")
    response = upload.complete([(1, upload.parts[1])], headers={SSE: "AES256"})
    response.is_error(400, "InvalidArgument")
    for given in [{"x-amz-storage-class": "GLACIER"}, {"x-amz-acl": "public-read"}]:
        assert upload.wire("POST", upload.path, query="uploads=", headers=given).status in (400, 501)


def test_messages_about_keys(wire, bucket):
    """Messages match those of AWS letter for letter."""
    sealed, plain = Upload(wire, bucket, "sealed", sse_c(KEY)), Upload(wire, bucket, "plain")
    sealed.part(1, FIRST).is_error(400, "InvalidRequest", NOT_AS_BEGUN)
    plain.part(1, FIRST, sse_c(KEY)).is_error(400, "InvalidRequest", NOT_AS_BEGUN)
    sealed.part(1, FIRST, sse_c(OTHER)).is_error(400, "InvalidRequest", NOT_THE_KEY)
    assert sealed.part(1, b"data", sse_c(KEY)).status == 200
    sealed.complete(headers=sse_c(OTHER)).is_error(400, "InvalidRequest", NOT_THE_KEY)
    sealed.complete(headers={SSE: "AES256", **sse_c(KEY)}).is_error(400, "InvalidArgument")
    assert sealed.complete(headers=sse_c(KEY)).status == 200
    opens_only_with(wire, sealed.path, b"data", KEY)


def test_the_key_of_another_upload(wire, bucket):
    """Two uploads of one object key, each with its own customer key: neither accepts the key of the other."""
    one, two = Upload(wire, bucket, "k", sse_c(KEY)), Upload(wire, bucket, "k", sse_c(OTHER))
    one.part(1, b"one", sse_c(OTHER)).is_error(400, "InvalidRequest", NOT_THE_KEY)
    assert one.part(1, b"one", sse_c(KEY)).status == two.part(1, b"two", sse_c(OTHER)).status == 200
    assert two.complete().status == 200
    opens_only_with(wire, one.path, b"two", OTHER)
    assert one.complete().status == 200
    opens_only_with(wire, one.path, b"one", KEY)


def test_a_wrong_announced_object_size(upload):
    """x-amz-mp-object-size."""
    parts = [(1, upload.parts[1]), (2, upload.parts[2])]
    for size, code in [(LEAST_PART, "InvalidRequest"), (0, "InvalidRequest"), (-1, "InvalidArgument")]:
        response = upload.complete(parts, headers={"x-amz-mp-object-size": size})
        assert (response.status, response.error["Code"]) == (400, code), response
    assert upload.complete(parts, headers={"x-amz-mp-object-size": "x"}).status == 400


def test_the_right_announced_object_size(wire, bucket):
    upload = Upload(wire, bucket, "k")
    upload.part(1, b"data")
    assert upload.complete(headers={"x-amz-mp-object-size": 4}).status == 200


def test_conditions_of_completions(wire, bucket):
    """Conditions are evaluated when the object would be created; the upload survives a refusal."""
    upload = Upload(wire, bucket, "k")
    upload.part(1, b"data")
    other = '"00000000000000000000000000000000"'
    upload.complete(headers={"If-Match": other}).is_error(404, "NoSuchKey")
    etag = wire("PUT", upload.path, body=b"there").headers["etag"]
    upload.complete(headers={"If-None-Match": "*"}).is_error(412, "PreconditionFailed")
    upload.complete(headers={"If-Match": other}).is_error(412, "PreconditionFailed")
    upload.complete(headers={"If-None-Match": other}).is_error(501, "NotImplemented")
    opens_only_with(wire, upload.path, b"there")
    done = upload.complete(headers={"If-Match": etag})
    assert done.status == 200
    opens_only_with(wire, upload.path, b"data")
    fresh = Upload(wire, bucket, "new")
    fresh.part(1, b"data")
    assert fresh.complete(headers={"If-None-Match": "*"}).status == 200
    assert the(done.body, "ETag") == the(
        wire("GET", path_of(bucket), query="list-type=2&prefix=k").body, "Contents", "ETag"
    )
