"""Details of requests that SDKs and other clients send, and that a strict reader could refuse or misread."""

import hashlib
from email.header import decode_header

import pytest

from support.raw import (
    ALGORITHM,
    SSE,
    UNSIGNED,
    Connection,
    Signer,
    ago,
    head_of,
    path_of,
    presign,
    send,
    send_unsigned,
    sse_c,
)


@pytest.fixture
def path(server, bucket):
    return path_of(bucket, "k")


def presigned(server, method, path, query="", body=b"", headers=(), **more):
    query = presign(server, method, path, query=query, **more)
    return send_unsigned(server, method, path, query=query, headers=headers, body=body)


@pytest.mark.parametrize("payload", [UNSIGNED, "x"])
def test_urls_of_the_javascript_sdk(server, path, payload):
    query = f"X-Amz-Content-Sha256={payload}&x-id=PutObject"
    assert presigned(server, "PUT", path, query, b"data").status == 200
    assert presigned(server, "GET", path, query).body == b"data"
    assert presigned(server, "HEAD", path, query).headers["content-length"] == "4"
    assert presigned(server, "DELETE", path, query).status == 204
    # Signed in the header, the hash is never in the query.
    send(server, "GET", path, query=f"X-Amz-Content-Sha256={UNSIGNED}").is_error(400, "InvalidRequest")


def test_names_of_headers_in_a_query_have_no_case(server, path):
    query = "X-Amz-Meta-Q=1&X-Amz-Acl=private&X-Amz-Storage-Class=STANDARD"
    assert presigned(server, "PUT", path, query, b"data").status == 200
    response = presigned(server, "GET", path, "X-Amz-Checksum-Mode=ENABLED")
    assert response.headers["x-amz-meta-q"] == "1"
    assert [name for name in response.headers if name.startswith("x-amz-checksum-crc")]


def test_checksums_in_a_presigned_query_are_not_compared(server, path):
    for query in [
        "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32",
        "x-amz-checksum-sha256=47DEQpj8HBSa%2B%2FTImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    ]:
        assert presigned(server, "PUT", path, query, b"data").status == 200
    wrong = {"x-amz-checksum-crc32": "AAAAAA=="}
    signed = presign(server, "PUT", path, headers=wrong)
    send_unsigned(server, "PUT", path, query=signed, headers=wrong, body=b"data").is_error(400, "BadDigest")


def test_encryption_in_the_query(server, path):
    query = f"{SSE}=AES256"
    headers = {SSE: "AES256"}
    signed = presign(server, "PUT", path, query=query, headers=headers)
    assert send_unsigned(server, "PUT", path, query=signed, headers=headers, body=b"data").status == 200
    presigned(server, "PUT", path, query, b"data").is_error(400, "InvalidRequest")
    other = presign(server, "PUT", path, query=f"{SSE}=aws:kms", headers=headers)
    send_unsigned(server, "PUT", path, query=other, headers=headers, body=b"data").is_error(400, "InvalidRequest")


def test_the_owner_in_the_query_is_compared(server, path):
    assert presigned(server, "PUT", path, "x-amz-expected-bucket-owner=000000000000", b"data").status == 200
    for name in ["x-amz-expected-bucket-owner", "X-Amz-Expected-Bucket-Owner"]:
        presigned(server, "GET", path, f"{name}=111122223333").is_error(403, "AccessDenied", "Access Denied")


@pytest.mark.parametrize("value", ["nonsense", "UNSIGNED-PAYLOADS", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="])
def test_values_of_the_payload_hash(server, path, value):
    response = send(server, "PUT", path, body=b"data", payload=value)
    response.is_error(
        400,
        "InvalidArgument",
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 "
        "value.",
    )
    # A hash in base64 may as well be a customer key.
    repeated = "(not shown)=" if value.endswith("=") else value
    assert (response.error["ArgumentName"], response.error["ArgumentValue"]) == ("x-amz-content-sha256", repeated)


def without(server, path, name, *more, **signing):
    """Sends a signed GET without one header, and with these."""
    with Connection(server) as connection:
        pairs = head_of(server, "GET", path, host=connection.host, **signing)
        pairs = [(n, v.replace(f";{name}", "") if n == "Authorization" else v) for n, v in pairs if n.lower() != name]
        connection.head("GET", path, "", [*pairs, *more])
        return connection.response("GET")


def test_a_request_without_a_payload_hash(server, path):
    message = "Missing required header for this request: x-amz-content-sha256"
    response = without(server, path, "x-amz-content-sha256").is_error(400, "InvalidRequest", message)
    assert "curl" in response.error["Hint"]


def test_a_request_without_a_date(server, path):
    message = "AWS authentication requires a valid Date or x-amz-date header"
    without(server, path, "x-amz-date").is_error(403, "AccessDenied", message)
    without(server, path, "x-amz-date", ("Date", "today")).is_error(403, "AccessDenied", message)


def test_a_request_signed_with_the_header_date(server, path):
    assert send(server, "PUT", path, body=b"data").status == 200
    with Connection(server) as connection:
        signer = Signer(server.access_key, server.secret)
        date = ago().strftime("%a, %d %b %Y %H:%M:%S GMT")
        signer.date = ago().strptime(date, "%a, %d %b %Y %H:%M:%S GMT").strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": connection.host, "date": date, "x-amz-content-sha256": UNSIGNED}
        names, signature = signer.sign_request("GET", path, "", headers, UNSIGNED)
        authorization = f"{ALGORITHM} Credential={signer.credential}, SignedHeaders={names}, Signature={signature}"
        connection.head("GET", path, "", [*headers.items(), ("Authorization", authorization)])
        assert connection.response("GET").body == b"data"


def test_a_presigned_url_that_does_not_sign_the_host(server, path):
    query = presign(server, "GET", path)
    for names in ["SignedHeaders=range", "SignedHeaders="]:
        response = send_unsigned(
            server, "GET", path, query=query.replace("SignedHeaders=host", names), headers={"Range": "bytes=0-1"}
        )
        response.is_error(403, "AccessDenied", "There were headers present in the request which were not signed")
        assert response.error["HeadersNotSigned"] == "host"


def test_times_in_errors(server, path):
    error = send(server, "GET", path, when=ago(minutes=16)).is_error(
        403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."
    )
    assert error.error["MaxAllowedSkewMilliseconds"] == "900000"
    assert error.error["RequestTime"] and error.error["ServerTime"]
    error = presigned(server, "GET", path, when=ago(minutes=2), expires=60)
    error.is_error(403, "AccessDenied", "Request has expired")
    assert error.error["X-Amz-Expires"] == "60"
    assert error.error["Expires"] < error.error["ServerTime"]


def test_impossible_lifetimes(server, path):
    for expires, message in [
        (
            604_801,
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            "604800 seconds",
        ),
        (-1, "X-Amz-Expires must be non-negative"),
        ("x", "X-Amz-Expires should be a number"),
    ]:
        error = presigned(server, "GET", path, expires=expires)
        error.is_error(400, "AuthorizationQueryParametersError", message)


@pytest.mark.parametrize(
    ("sent", "got"),
    [("bytes=0-18446744073709551615", b"0123456789"), ("bytes=8-99999999999999999999", b"89"),
     ("bytes=-99999999999999999999", b"0123456789"), ("Bytes=0-1", b"01")],
)  # fmt: skip
def test_ranges_beyond_64_bits(server, path, sent, got):
    assert send(server, "PUT", path, body=b"0123456789").status == 200
    response = send(server, "GET", path, headers={"Range": sent})
    assert (response.status, response.body) == (206, got)


def send_twice(server, path, name, values, joined):
    """Sends a PUT with a header that comes twice, signed as one list."""
    with Connection(server) as connection:
        pairs = head_of(server, "PUT", path, host=connection.host, headers={name: joined})
        pairs = [pair for pair in pairs if pair[0] != name]
        connection.head("PUT", path, "", [*pairs, *((name, value) for value in values)])
        return connection.response("PUT")


def test_headers_that_come_twice_are_joined(server, path):
    for name, values, joined in [
        ("x-amz-meta-a", ["1", "2"], "1,2"),
        ("content-encoding", ["gzip", "br"], "gzip,br"),
        ("cache-control", ["private", "max-age=1"], "private,max-age=1"),
    ]:
        assert send_twice(server, path, name, values, joined).status == 200
        assert send(server, "HEAD", path).headers[name] == joined
    assert send_twice(server, path, SSE, ["AES256", "AES256"], "AES256,AES256").status == 400
    assert send_twice(server, path, "x-amz-checksum-crc32", ["AAAAAA=="] * 2, "AAAAAA==,AAAAAA==").status == 400


@pytest.mark.parametrize(
    ("sent", "text"),
    [("=?ISO-8859-1?Q?gro=DF?=", "groß"), ("=?ISO-8859-1?B?Z3Jv3w==?=", "groß"),
     ("=?windows-1251?B?z/Do4uXy?=", "Привет"), ("=?UTF-8?Q?a?= =?UTF-8?Q?b?=", "ab")],
)  # fmt: skip
def test_encoded_words_in_metadata(server, path, sent, text):
    assert send(server, "PUT", path, headers={"x-amz-meta-a": sent}, body=b"data").status == 200
    value = send(server, "HEAD", path).headers["x-amz-meta-a"]
    assert (
        "".join(part if isinstance(part, str) else part.decode(c or "ascii") for part, c in decode_header(value))
        == text
    )


def test_words_that_cannot_be_decoded_stay(server, path):
    word = "=?nonsense?Q?a?="
    assert send(server, "PUT", path, headers={"x-amz-meta-a": word}, body=b"data").status == 200
    assert send(server, "HEAD", path).headers["x-amz-meta-a"] == word


def test_errors_have_the_texts_of_s3(server, bucket, path):
    assert send(server, "PUT", path, body=b"data").status == 200
    lock = {"x-amz-object-lock-mode": "GOVERNANCE", "x-amz-object-lock-retain-until-date": "tomorrow"}
    source = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
    for method, where, query, headers, message in [
        ("GET", path, "attributes=", {}, "The x-amz-object-attributes header specifying the attributes to be retrieved"),
        ("GET", path, "partNumber=abc", {}, "Part number must be an integer between 1 and 10000, inclusive"),
        ("GET", path_of(bucket), "max-keys=abc", {}, "Provided max-keys not an integer or within integer range"),
        ("PUT", path, "", {"x-amz-copy-source": "bucket"}, source),
        ("PUT", path, "", lock, "The retain until date must be provided in ISO 8601 format"),
        ("PUT", path, "", {"x-amz-checksum-foo": "x"}, "The algorithm type you specified in x-amz-checksum- header is"),
        ("PUT", path, "", {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-sdk-checksum-algorithm": "SHA1"},
         "Value for x-amz-sdk-checksum-algorithm header is invalid."),
    ]:  # fmt: skip
        response = send(server, method, where, query=query, headers=headers)
        assert response.status == 400 and response.error["Message"].startswith(message), (query, headers, response)
    response = send(server, "PATCH", path)
    response.is_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    assert (response.error["Method"], response.error["ResourceType"]) == ("PATCH", "OBJECT")


def test_errors_repeat_the_values_that_were_sent(server, path):
    assert send(server, "PUT", path, body=b"data").status == 200
    assert send(server, "GET", path, headers={"Range": "bytes=9-"}).error["RangeRequested"] == "bytes=9-"
    unknown = send(server, "GET", path, access_key="AKIAIOSFODNN7EXAMPLE")
    assert unknown.error["AWSAccessKeyId"] == "AKIAIOSFODNN7EXAMPLE"
    wrong = send(server, "GET", path, secret="x" * 40)
    assert wrong.error["AWSAccessKeyId"] == server.access_key
    assert len(wrong.error["SignatureProvided"]) == 64
    canonical = wrong.error["CanonicalRequest"]
    assert wrong.error["StringToSign"].endswith(hashlib.sha256(canonical.encode()).hexdigest())
    assert bytes.fromhex(wrong.error["CanonicalRequestBytes"]) == canonical.encode()
    with_key = send(server, "GET", path, secret="x" * 40, headers=sse_c(bytes(32)))
    assert "StringToSign" in with_key.error and "CanonicalRequest" not in with_key.error
    other = send(server, "PUT", path, body=b"data", payload="0" * 64)
    other.is_error(400, "XAmzContentSHA256Mismatch")
    assert other.error["ClientComputedContentSHA256"] == "0" * 64
