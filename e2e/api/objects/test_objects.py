"""PUT, GET, HEAD and DELETE of objects: content, ranges, headers, metadata, and bodies that differ from their headers."""

import hashlib
import random
import socket
from email.header import decode_header

import pytest

from support.raw import SSE, UNSIGNED, Connection, b64, head_of, path_of, send, sse_c, wait_until

CONTENT = random.Random(1).randbytes(200_000)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_headers_of_an_object(server, bucket, method):
    put = send(server, "PUT", path_of(bucket, "k"), body=CONTENT)
    assert put.status == 200 and put.headers["content-length"] == "0"
    response = send(server, method, path_of(bucket, "k"))
    assert response.status == 200
    assert response.body == (CONTENT if method == "GET" else b"")
    assert response.headers["content-length"] == str(len(CONTENT))
    assert response.headers["etag"] == put.headers["etag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert response.headers["content-type"] == "binary/octet-stream"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers[SSE] == put.headers[SSE] == "AES256"
    assert response.headers["last-modified"].endswith(" GMT")
    assert "content-range" not in response.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_missing_objects(server, bucket, method):
    response = send(server, method, path_of(bucket, "missing"))
    assert response.status == 404
    if method == "GET":
        response.is_error(404, "NoSuchKey", "The specified key does not exist.")
        assert response.error["Key"] == "missing" and response.error["Resource"] == path_of(bucket, "missing")


RANGES = [
    ("bytes=0-0", 0, 1),
    ("bytes=0-65535", 0, 65536),
    ("bytes=65535-65536", 65535, 65537),
    ("bytes=65536-131071", 65536, 131072),
    ("bytes=100-", 100, 200_000),
    ("bytes=199999-", 199_999, 200_000),
    ("bytes=-1", 199_999, 200_000),
    ("bytes=-70000", 130_000, 200_000),
    ("bytes=-999999", 0, 200_000),
    ("bytes=150000-999999", 150_000, 200_000),
]


@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-C"])
@pytest.mark.parametrize("requested, start, end", RANGES)
def test_ranges(server, bucket, customer_key, mode, requested, start, end):
    key = sse_c(customer_key) if mode == "SSE-C" else {}
    send(server, "PUT", path_of(bucket, "k"), body=CONTENT, headers=key)
    for method in ["GET", "HEAD"]:
        response = send(server, method, path_of(bucket, "k"), headers={"Range": requested, **key})
        assert response.status == 206
        assert response.headers["content-range"] == f"bytes {start}-{end - 1}/200000"
        assert response.headers["content-length"] == str(end - start)
        assert method == "HEAD" or response.body == CONTENT[start:end]


@pytest.mark.parametrize("requested", ["bytes=200000-", "bytes=200000-200001", "bytes=-0"])
def test_ranges_outside(server, bucket, requested):
    send(server, "PUT", path_of(bucket, "k"), body=CONTENT)
    response = send(server, "GET", path_of(bucket, "k"), headers={"Range": requested})
    response.is_error(416, "InvalidRange", "The requested range is not satisfiable")
    assert response.error["ActualObjectSize"] == "200000"
    assert send(server, "HEAD", path_of(bucket, "k"), headers={"Range": requested}).status == 416


@pytest.mark.parametrize("requested", ["bytes=5-1", "bytes=a-b", "lines=0-1", "bytes=0-1,5-6"])
def test_invalid_ranges_are_ignored(server, bucket, requested):
    """RFC 9110: a Range that cannot be understood is ignored. S3 does the same with several ranges."""
    send(server, "PUT", path_of(bucket, "k"), body=CONTENT)
    response = send(server, "GET", path_of(bucket, "k"), headers={"Range": requested})
    assert response.status == 200 and response.body == CONTENT


def test_a_range_of_an_empty_object(server, bucket):
    send(server, "PUT", path_of(bucket, "k"))
    send(server, "GET", path_of(bucket, "k"), headers={"Range": "bytes=0-"}).is_error(416, "InvalidRange")
    assert send(server, "GET", path_of(bucket, "k")).status == 200


def test_part_numbers(server, bucket):
    """An object put whole has one part."""
    send(server, "PUT", path_of(bucket, "k"), body=CONTENT)
    first = send(server, "GET", path_of(bucket, "k"), query="partNumber=1")
    assert first.status == 206 and first.body == CONTENT
    send(server, "GET", path_of(bucket, "k"), query="partNumber=2").is_error(416, "InvalidPartNumber")
    both = send(server, "GET", path_of(bucket, "k"), query="partNumber=1", headers={"Range": "bytes=0-0"})
    both.is_error(400, "InvalidRequest")


OVERRIDES = {
    "cache-control": "no-store",
    "content-disposition": 'attachment; filename="ü.txt"',
    "content-encoding": "br",
    "content-language": "de",
    "content-type": "text/x-own",
    "expires": "Thu, 01 Dec 2033 16:00:00 GMT",
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", OVERRIDES)
def test_response_overrides(s3, bucket, name, method):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", ContentType="text/plain", CacheControl="private")
    parameter = "Response" + name.title().replace("-", "")
    value = OVERRIDES[name].replace("ü", "u")
    operation = s3.get_object if method == "GET" else s3.head_object
    response = operation(Bucket=bucket, Key="k", **{parameter: value})
    assert response["ResponseMetadata"]["HTTPHeaders"][name] == value


HEADERS = {
    "Cache-Control": "max-age=60, private",
    "Content-Disposition": "attachment; filename*=UTF-8''%C3%BC.txt",
    "Content-Encoding": "gzip, br",
    "Content-Language": "de, en",
    "Content-Type": "text/plain; charset=utf-8",
    "Expires": "Thu, 01 Dec 2033 16:00:00 GMT",
}


@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-C"])
def test_content_headers_are_returned(server, bucket, customer_key, mode):
    key = sse_c(customer_key) if mode == "SSE-C" else {}
    assert send(server, "PUT", path_of(bucket, "k"), headers={**HEADERS, **key}, body=b"data").status == 200
    for method in ["GET", "HEAD"]:
        response = send(server, method, path_of(bucket, "k"), headers=key)
        got = {name: response.headers.get(name.lower()) for name in HEADERS}
        got["Content-Encoding"] = got["Content-Encoding"].replace(",", ", ").replace("  ", " ")
        assert got == HEADERS
    # The next object with this key does not inherit them.
    assert send(server, "PUT", path_of(bucket, "k"), headers=key, body=b"data").status == 200
    response = send(server, "GET", path_of(bucket, "k"), headers=key)
    assert "cache-control" not in response.headers and response.headers["content-type"] == "binary/octet-stream"


@pytest.mark.parametrize("sent", ["aws-chunked", "aws-chunked,gzip", "gzip, AWS-Chunked"])
def test_announced_framing_that_is_missing(server, bucket, sent):
    """A signed body is stored as it is; one that nothing signs could be framing that nobody removes."""
    given = {"headers": {"Content-Encoding": sent}, "body": b"data"}
    send(server, "PUT", path_of(bucket, "k"), payload="UNSIGNED-PAYLOAD", **given).is_error(
        400,
        "InvalidArgument",
        "aws-chunked encoding is not supported when x-amz-content-sha256 UNSIGNED-PAYLOAD is supplied",
    )
    assert send(server, "HEAD", path_of(bucket, "k")).status == 404
    assert send(server, "PUT", path_of(bucket, "k"), **given).status == 200
    response = send(server, "GET", path_of(bucket, "k"))
    assert (response.body, response.headers["content-encoding"]) == (b"data", sent)


def test_expires_is_returned_unchanged(server, bucket):
    """It is meant for readers of the object, and not every writer sends a date."""
    send(server, "PUT", path_of(bucket, "k"), headers={"Expires": "0"}, body=b"data")
    assert send(server, "HEAD", path_of(bucket, "k")).headers["expires"] == "0"


def test_user_metadata(server, bucket):
    given = {"x-amz-meta-Plain": "value", "x-amz-meta-spaces": "a  b", "x-amz-meta-with.dot": "v", "x-amz-meta-_": "~"}
    assert send(server, "PUT", path_of(bucket, "k"), headers=given, body=b"data").status == 200
    response = send(server, "HEAD", path_of(bucket, "k"))
    got = {name: value for name, value in response.headers.items() if name.startswith("x-amz-meta-")}
    assert got == {name.lower(): value for name, value in given.items()}


def decoded(value):
    return "".join(part.decode(charset or "ascii") for part, charset in decode_header(value))


@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-C"])
@pytest.mark.parametrize("sent", ["Grüße, 世界 🔐", "=?UTF-8?B?R3LDvMOfZSwg5LiW55WMIPCflJA=?="])
def test_user_metadata_in_utf_8(server, bucket, customer_key, mode, sent):
    """It may be sent as UTF-8 or encoded by RFC 2047, and is returned encoded by RFC 2047."""
    key = sse_c(customer_key) if mode == "SSE-C" else {}
    put = send(server, "PUT", path_of(bucket, "k"), headers={"x-amz-meta-utf8": sent, **key}, body=b"data")
    assert put.status == 200, put
    for method in ["GET", "HEAD"]:
        response = send(server, method, path_of(bucket, "k"), headers=key)
        value = response.headers["x-amz-meta-utf8"]
        assert value.isascii() and decoded(value) == "Grüße, 世界 🔐"


def test_too_much_user_metadata(server, s3, bucket):
    fits = {"x-amz-meta-a": "v" * 2047}
    assert send(server, "PUT", path_of(bucket, "k"), headers=fits, body=b"data").status == 200
    over = {"x-amz-meta-a": "v" * 2048}
    response = send(server, "PUT", path_of(bucket, "l"), headers=over, body=b"data")
    response.is_error(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    assert [c["Key"] for c in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]


class Old:
    """An object that a refused write must leave unchanged, without leaving other data behind."""

    CONTENT = b"old" * 50_000

    def __init__(self, server, bucket):
        self.server, self.path = server, path_of(bucket, "k")
        assert send(server, "PUT", self.path, body=self.CONTENT).status == 200
        self.blobs = server.blobs()

    def is_untouched(self):
        assert send(self.server, "GET", self.path).body == self.CONTENT
        assert self.server.blobs() <= self.blobs, "a refused write left data behind"


@pytest.fixture
def old(server, bucket):
    return Old(server, bucket)


def test_a_wrong_payload_hash(server, old):
    response = send(server, "PUT", old.path, body=CONTENT, payload=hashlib.sha256(b"other").hexdigest())
    response.is_error(400, "XAmzContentSHA256Mismatch")
    old.is_untouched()


@pytest.mark.parametrize("md5", [hashlib.md5(b"other").digest(), hashlib.md5(CONTENT[:-1]).digest()])
def test_a_wrong_content_md5(server, old, md5):
    response = send(server, "PUT", old.path, body=CONTENT, headers={"Content-MD5": b64(md5)})
    response.is_error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
    old.is_untouched()


@pytest.mark.parametrize("md5", ["", "rubbish", b64(b"short"), hashlib.md5(CONTENT).hexdigest()])
def test_an_invalid_content_md5(server, old, md5):
    response = send(server, "PUT", old.path, body=CONTENT, headers={"Content-MD5": md5})
    response.is_error(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
    old.is_untouched()


def test_a_right_content_md5(server, bucket, customer_key):
    for key in [{}, sse_c(customer_key)]:
        given = {"Content-MD5": b64(hashlib.md5(CONTENT).digest()), **key}
        assert send(server, "PUT", path_of(bucket, "k"), body=CONTENT, headers=given).status == 200


@pytest.mark.parametrize("payload", [UNSIGNED, hashlib.sha256(CONTENT).hexdigest()], ids=["unsigned", "signed"])
def test_a_body_that_ends_early(server, old, payload):
    with Connection(server) as connection:
        signed = head_of(server, "PUT", old.path, payload=payload, length=len(CONTENT), host=connection.host)
        connection.head("PUT", old.path, "", signed)
        connection.body(CONTENT[:150_000])
    assert wait_until(lambda: not list((server.data_dir / "store" / "tmp").iterdir()))
    old.is_untouched()


def test_the_error_for_a_body_that_ends_early(server, old):
    with Connection(server, secure=False) as connection:
        signed = head_of(server, "PUT", old.path, length=len(CONTENT), host=connection.host)
        connection.head("PUT", old.path, "", signed)
        connection.body(CONTENT[:150_000])
        connection.http.sock.shutdown(socket.SHUT_WR)
        connection.response("PUT").is_error(400, "IncompleteBody")
    old.is_untouched()


@pytest.mark.parametrize("payload", [UNSIGNED, "signed"])
def test_a_body_longer_than_its_content_length(server, old, payload):
    """Bytes beyond Content-Length are not part of the request and must not become part of the object."""
    body = b"new" * 40_000
    given = hashlib.sha256(body).hexdigest() if payload == "signed" else UNSIGNED
    with Connection(server) as connection:
        signed = head_of(server, "PUT", old.path, payload=given, length=len(body) - 3, host=connection.host)
        connection.head("PUT", old.path, "", signed)
        connection.body(body)
        response = connection.response("PUT")
    if payload == "signed":
        response.is_error(400, "XAmzContentSHA256Mismatch")
        old.is_untouched()
    else:
        assert response.status == 200
        assert send(server, "GET", old.path).body == body[:-3]


def test_without_a_length(server, old):
    response = send(server, "PUT", old.path, length=None)
    response.is_error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    old.is_untouched()


def test_too_large(server, old):
    """The maximum of one PUT is 5 GiB. The head already exceeds it, so no body is sent."""
    with Connection(server) as connection:
        given = {"payload": UNSIGNED, "length": (5 << 30) + 1, "host": connection.host}
        connection.head("PUT", old.path, "", head_of(server, "PUT", old.path, **given))
        connection.response("PUT").is_error(400, "EntityTooLarge")
    old.is_untouched()
