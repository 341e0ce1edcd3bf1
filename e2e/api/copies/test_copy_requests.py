"""Headers of copy requests: each must be signed, none may be ignored, and keys must not be in a URL."""

import json
from urllib.parse import quote

import pytest

from support.raw import SSE_C_KEY, b64, path_of, presign, send, send_unsigned, sse_c
from support.wire import COPY_SOURCE, Upload, of_source, opens_only_with

KEY = bytes(range(32))


@pytest.fixture
def source(wire, bucket):
    path = path_of(bucket, "source")
    assert wire("PUT", path, body=b"data", headers=sse_c(KEY)).status == 200
    assert wire("PUT", path + "-plain", body=b"plain").status == 200
    return path


UNSIGNED = "There were headers present in the request which were not signed"


@pytest.mark.parametrize("part", [False, True], ids=["object", "part"])
def test_headers_that_are_not_signed(server, wire, bucket, source, part):
    """Permission to store one object must not allow reading others, for example by adding a source to a presigned PUT."""
    upload = Upload(wire, bucket, "target")
    query = f"partNumber=1&uploadId={upload.id}" if part else ""
    presigned = presign(server, "PUT", upload.path, query=query)
    added = {COPY_SOURCE: f"{source}-plain"}
    send_unsigned(server, "PUT", upload.path, query=presigned, headers=added).is_error(403, "AccessDenied", UNSIGNED)
    response = send(server, "PUT", upload.path, query=query, late=list(added.items()))
    response.is_error(403, "AccessDenied", UNSIGNED)
    # A second header after the first, which is signed.
    response = send(server, "PUT", upload.path, query=query, headers=added, late=[(COPY_SOURCE, source)])
    assert response.status in (400, 403), response
    for late in [
        ("x-amz-copy-source-range", "bytes=0-0"), ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-a", "b"),
        ("x-amz-copy-source-if-none-match", "x"), *of_source(sse_c(KEY)).items(), *sse_c(KEY).items(),
    ]:  # fmt: skip
        response = send(server, "PUT", upload.path, query=query, headers=added, late=[late])
        response.is_error(403, "AccessDenied", UNSIGNED)
    wire("GET", upload.path).is_error(404, "NoSuchKey")
    assert upload.numbers() == []


def test_presigned_copies(server, wire, bucket, source):
    """With the source in signed headers, and in the query, where SDKs put it when presigning."""
    target = path_of(bucket, "target")
    headers = {COPY_SOURCE: source, **of_source(sse_c(KEY))}
    query = presign(server, "PUT", target, headers=headers)
    assert send_unsigned(server, "PUT", target, query=query, headers=headers).status == 200
    opens_only_with(wire, target, b"data")
    query = presign(server, "PUT", target, query=f"{COPY_SOURCE}={quote(f'{source}-plain', safe='')}")
    assert send_unsigned(server, "PUT", target, query=query).status == 200
    opens_only_with(wire, target, b"plain")


def test_keys_of_sources_in_a_query(server, wire, bucket, source):
    target = path_of(bucket, "target")
    for name, value in of_source(sse_c(KEY)).items():
        query = presign(server, "PUT", target, query=f"{name}={quote(value, safe='')}", headers={COPY_SOURCE: source})
        response = send_unsigned(server, "PUT", target, query=query, headers={COPY_SOURCE: source})
        response.is_error(400, "InvalidRequest")
        assert b64(KEY)[:20].encode() not in response.body
    query = presign(server, "POST", target, query=f"uploads=&{SSE_C_KEY}={quote(b64(KEY), safe='')}")
    send_unsigned(server, "POST", target, query=query).is_error(400, "InvalidRequest")
    wire("GET", target).is_error(404, "NoSuchKey")


def test_the_expected_source_owner(wire, bucket, source):
    """A request with an expected source owner must not read another owner's bucket."""
    headers = {COPY_SOURCE: f"{source}-plain", "x-amz-source-expected-bucket-owner": "123456789012"}
    wire("PUT", path_of(bucket, "target"), headers=headers).is_error(403, "AccessDenied")
    wire("GET", path_of(bucket, "target")).is_error(404, "NoSuchKey")
    upload = Upload(wire, bucket, "target")
    upload.copy_part(1, headers.pop(COPY_SOURCE), headers).is_error(403, "AccessDenied")
    assert upload.numbers() == []


def test_the_expected_target_owner(wire, bucket, source):
    other = {"x-amz-expected-bucket-owner": "123456789012"}
    upload = Upload(wire, bucket, "target")
    for response in [
        wire("PUT", upload.path, headers={COPY_SOURCE: f"{source}-plain", **other}),
        wire("POST", upload.path, query="uploads=", headers=other),
        upload.part(1, b"data", other),
        upload.list(headers=other),
        upload.abort(other),
        wire("GET", f"{source}-plain", query="tagging=", headers=other),
        wire("GET", path_of(bucket), query="versions=", headers=other),
    ]:
        response.is_error(403, "AccessDenied")
    assert upload.numbers() == []


def test_repeated_headers(server, wire, bucket, source):
    """The server must not guess which of the two is meant."""
    upload = Upload(wire, bucket, "target")
    for query in [f"partNumber=1&partNumber=2&uploadId={upload.id}", f"partNumber=1&uploadId={upload.id}&uploadId=x"]:
        response = wire("PUT", upload.path, query=query, body=b"data")
        assert response.status == 400, response
    assert upload.numbers() == []
    response = wire("DELETE", f"{source}-plain", query="versionId=null&versionId=null")
    assert response.status == 400, response
    opens_only_with(wire, f"{source}-plain", b"plain")


def test_size_limits(wire, bucket, source):
    """The limits of PUT apply to copies and uploads too."""
    for method, query, headers in [("PUT", "", {COPY_SOURCE: f"{source}-plain"}), ("POST", "uploads=", {})]:
        response = wire(method, path_of(bucket, "k" * 1025), query=query, headers=headers)
        response.is_error(400, "KeyTooLongError")
        large = {**headers, "x-amz-metadata-directive": "REPLACE", "x-amz-meta-a": "x" * 2048}
        wire(method, path_of(bucket, "target"), query=query, headers=large).is_error(400, "MetadataTooLarge")
    wire("GET", path_of(bucket, "target")).is_error(404, "NoSuchKey")


def test_a_copy_source_on_other_requests(wire, bucket, source):
    """The rest of the request is not carried out: a DELETE that names a copy source deletes nothing."""
    upload, path = Upload(wire, bucket, "upload"), source + "-plain"
    headers = {COPY_SOURCE: path}
    for method, where, query in [
        ("GET", path, ""), ("HEAD", path, ""), ("DELETE", path, ""), ("DELETE", path_of(bucket), ""),
        ("POST", upload.path, f"uploadId={upload.id}"), ("PUT", path, "tagging="), ("PUT", path_of(bucket), "tagging="),
    ]:  # fmt: skip
        response = wire(method, where, query=query, headers=headers)
        assert response.status == 400, (method, query, response)
        if method != "HEAD":
            response.is_error(400, "InvalidArgument", "You can only specify a copy source header for copy requests.")
    assert wire("GET", path).body == b"plain"


def test_policies_see_the_source_that_is_read(wire, s3, bucket, source):
    """However it is spelled."""
    for pattern in [f"{bucket}/source*", f"/{bucket}/source*", f"{bucket}/source-plain"]:
        condition = {"StringLike": {"s3:x-amz-copy-source": pattern}}
        statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Condition": condition}
        statement["Resource"] = f"arn:aws:s3:::{bucket}/*"
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        plain = f"{bucket}/source-plain"
        for spelling in [plain, f"/{plain}", plain.replace("source", "%73ource"), plain.replace("/", "%2F"),
                         f"{plain}?versionId=null"]:  # fmt: skip
            wire("PUT", path_of(bucket, "copy"), headers={COPY_SOURCE: spelling}).is_error(403, "AccessDenied")
    s3.delete_bucket_policy(Bucket=bucket)
    assert wire("PUT", path_of(bucket, "copy"), headers={COPY_SOURCE: f"{bucket}/%73ource-plain"}).status == 200
