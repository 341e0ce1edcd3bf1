"""Wrong encryption headers: the exact errors, and that nothing is stored or returned.

Statuses, codes and messages were recorded from AWS; programs compare them.
"""

import hashlib
import secrets

import pytest

from support.raw import SSE, SSE_C_ALGORITHM, SSE_C_KEY, SSE_C_MD5, b64, path_of, presign, send, send_unsigned, sse_c

KEY = bytes(range(100, 132))
KEY_TEXT, KEY_MD5 = b64(KEY), b64(hashlib.md5(KEY).digest())
CONTENT = b"x" * 100_000

INCOMPATIBLE = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"
BAD_ALGORITHM = "The Encryption request you specified is not valid. Supported value: AES256."
NO_ALGORITHM = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm."
)
NO_KEY = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key."
)
NO_MD5 = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 "
    "of the secret key."
)
BAD_KEY = "The secret key was invalid for the specified algorithm."
BAD_MD5 = "The calculated MD5 hash of the key did not match the hash that was provided."
CLEARTEXT = (
    "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection."
)
NEEDED = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
    "retrieve the object."
)
WRONG_KEY = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
)
NOT_APPLICABLE = "The encryption parameters are not applicable to this object."


def headers(*, algorithm="AES256", key=KEY_TEXT, md5=KEY_MD5, sse=None):
    given = {SSE_C_ALGORITHM: algorithm, SSE_C_KEY: key, SSE_C_MD5: md5, SSE: sse}
    return {name: value for name, value in given.items() if value is not None}


def of_length(length):
    key = secrets.token_bytes(length)
    return {"key": b64(key), "md5": b64(hashlib.md5(key).digest())}


REFUSED = [
    # Name, headers, code, message, ArgumentValue.
    ("both modes", headers(sse="AES256"), "InvalidArgument", INCOMPATIBLE, "AES256"),
    (
        "both modes before algorithm",
        headers(sse="AES256", algorithm="AES128"),
        "InvalidArgument",
        INCOMPATIBLE,
        "AES256",
    ),
    ("AES128", headers(algorithm="AES128"), "InvalidEncryptionAlgorithmError", BAD_ALGORITHM, "AES128"),
    ("lower case", headers(algorithm="aes256"), "InvalidEncryptionAlgorithmError", BAD_ALGORITHM, "aes256"),
    ("KMS as algorithm", headers(algorithm="aws:kms"), "InvalidEncryptionAlgorithmError", BAD_ALGORITHM, "aws:kms"),
    ("no algorithm", headers(algorithm=None), "InvalidArgument", NO_ALGORITHM, None),
    ("key alone", headers(algorithm=None, md5=None), "InvalidArgument", NO_ALGORITHM, None),
    ("no key", headers(key=None), "InvalidArgument", NO_KEY, None),
    ("algorithm alone", headers(key=None, md5=None), "InvalidArgument", NO_KEY, None),
    ("no MD5", headers(md5=None), "InvalidArgument", NO_MD5, None),
    ("10 bytes", headers(**of_length(10)), "InvalidArgument", BAD_KEY, None),
    ("16 bytes", headers(**of_length(16)), "InvalidArgument", BAD_KEY, None),
    ("31 bytes", headers(**of_length(31)), "InvalidArgument", BAD_KEY, None),
    ("33 bytes", headers(**of_length(33)), "InvalidArgument", BAD_KEY, None),
    ("44 bytes, base64 twice", headers(**of_length(44)), "InvalidArgument", BAD_KEY, None),
    ("no base64", headers(key="?" * 44), "InvalidArgument", BAD_KEY, None),
    ("MD5 of another key", headers(md5=b64(hashlib.md5(b"other").digest())), "InvalidArgument", BAD_MD5, None),
    ("MD5 of the base64", headers(md5=b64(hashlib.md5(b64(KEY).encode()).digest())), "InvalidArgument", BAD_MD5, None),
    ("MD5 in hex", headers(md5=hashlib.md5(KEY).hexdigest()), "InvalidArgument", BAD_MD5, None),
    ("MD5 before length", headers(key=b64(KEY[:24])), "InvalidArgument", BAD_MD5, None),
]


@pytest.mark.parametrize("given, code, message, value", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_wrong_headers_on_write(server, s3, bucket, given, code, message, value):
    before = server.blobs()
    response = send(server, "PUT", path_of(bucket, "k"), headers=given, body=CONTENT)
    response.is_error(400, code, message)
    assert response.error.get("ArgumentName") == SSE
    assert response.error.get("ArgumentValue") == value
    assert b64(KEY).encode() not in response.body
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert server.blobs() <= before


@pytest.fixture(scope="module")
def stored(server, s3):
    """A bucket with a `sealed` object (SSE-C), a `plain` one (default SSE-S3) and one with requested SSE-S3, `sse`."""
    bucket = f"stored-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    assert send(server, "PUT", path_of(bucket, "sealed"), headers=sse_c(KEY), body=CONTENT).status == 200
    assert send(server, "PUT", path_of(bucket, "empty"), headers=sse_c(KEY)).status == 200
    assert send(server, "PUT", path_of(bucket, "plain"), body=CONTENT).status == 200
    assert send(server, "PUT", path_of(bucket, "sse"), headers={SSE: "AES256"}, body=CONTENT).status == 200
    return bucket


def read(server, bucket, key, given):
    """Sends GET and HEAD, which must return the same status."""
    get = send(server, "GET", path_of(bucket, key), headers=given)
    head = send(server, "HEAD", path_of(bucket, key), headers=given)
    assert get.status == head.status
    assert CONTENT[:100] not in get.body
    return get


def test_read_with_the_right_key(server, stored):
    response = send(server, "GET", path_of(stored, "sealed"), headers=sse_c(KEY))
    assert response.status == 200 and response.body == CONTENT
    assert response.headers[SSE_C_ALGORITHM] == "AES256"
    assert response.headers[SSE_C_MD5.lower()] == sse_c(KEY)[SSE_C_MD5]
    assert SSE not in response.headers and SSE_C_KEY not in response.headers


@pytest.mark.parametrize("key", ["sealed", "empty"])
@pytest.mark.parametrize("extra", [{}, {"Range": "bytes=0-0"}, {"If-None-Match": "*"}, {"If-Match": '"0"'}])
def test_read_without_a_key(server, stored, key, extra):
    get = send(server, "GET", path_of(stored, key), headers=extra)
    get.is_error(400, "InvalidRequest", NEEDED)
    assert send(server, "HEAD", path_of(stored, key), headers=extra).status == 404


@pytest.mark.parametrize("key", ["sealed", "empty"])
@pytest.mark.parametrize("extra", [{}, {"Range": "bytes=0-0"}])
def test_read_with_a_wrong_key(server, stored, key, extra):
    wrong = {**sse_c(KEY[:-1] + b"?"), **extra}
    read(server, stored, key, wrong).is_error(403, "AccessDenied", WRONG_KEY)


@pytest.mark.parametrize("length", [10, 31, 33, 44])
def test_read_with_a_key_of_another_length(server, stored, length):
    read(server, stored, "sealed", headers(**of_length(length))).is_error(403, "AccessDenied", WRONG_KEY)


def test_read_with_another_algorithm(server, stored):
    response = read(server, stored, "sealed", headers(algorithm="AES128"))
    response.is_error(400, "InvalidEncryptionAlgorithmError", BAD_ALGORITHM)


@pytest.mark.parametrize(
    "given, message",
    [
        (headers(algorithm=None), NO_ALGORITHM),
        (headers(key=None), NO_KEY),
        (headers(md5=None), NO_MD5),
        (headers(md5=b64(bytes(16))), BAD_MD5),
    ],
)
def test_read_with_incomplete_headers(server, stored, given, message):
    read(server, stored, "sealed", given).is_error(400, "InvalidArgument", message)


@pytest.mark.parametrize("key", ["plain", "sse"])
def test_read_of_an_object_without_customer_key(server, stored, key):
    read(server, stored, key, sse_c(KEY)).is_error(400, "InvalidRequest", NOT_APPLICABLE)


@pytest.mark.parametrize("value", ["AES256", "aws:kms"])
@pytest.mark.parametrize("key", ["plain", "sse"])
def test_read_with_the_sse_header(server, stored, key, value):
    assert read(server, stored, key, {SSE: value}).status == 400


def test_read_of_a_missing_object(server, stored):
    read(server, stored, "missing", sse_c(KEY)).is_error(404, "NoSuchKey", "The specified key does not exist.")


def test_dual_layer_kms_is_unsupported(server, s3, bucket):
    response = send(server, "PUT", path_of(bucket, "k"), headers={SSE: "aws:kms:dsse"}, body=b"data")
    response.is_error(501, "NotImplemented")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("name", [f"{SSE}-foo", f"{SSE}-customer-key-sha256", f"{SSE}-customer"])
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_unknown_encryption_headers_are_refused(server, stored, method, name):
    response = send(server, method, path_of(stored, "plain"), headers={name: "x"})
    assert response.status == 501
    assert method == "HEAD" or response.error["Code"] == "NotImplemented"


def test_an_unknown_encryption_method_is_refused(server, s3, bucket):
    response = send(server, "PUT", path_of(bucket, "k"), headers={SSE: "AES128"}, body=b"data")
    assert response.status == 400
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("name", [SSE, SSE_C_ALGORITHM, SSE_C_KEY, SSE_C_MD5])
def test_headers_sent_twice_are_refused(server, s3, bucket, name):
    """If a header is sent twice, the server could check the signature of one and use the other."""
    given = {SSE: "AES256"} if name == SSE else sse_c(KEY)
    for late in [(name, given[name]), (name, "other")]:
        response = send(server, "PUT", path_of(bucket, "k"), headers=given, late=[late], body=b"data")
        assert response.status == 400, response
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


FORWARDED = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"]


@pytest.mark.parametrize("proxy", FORWARDED)
def test_a_key_over_clear_text_from_elsewhere_is_refused(server, s3, bucket, proxy):
    """A proxy on this machine that forwards requests from elsewhere does not count as this machine."""
    passed_on = {proxy: "203.0.113.7"}
    for method, body in [("PUT", b"data"), ("GET", b""), ("HEAD", b"")]:
        given = {**sse_c(KEY), **passed_on}
        response = send(server, method, path_of(bucket, "k"), headers=given, body=body, secure=False)
        assert response.status == 400
        assert method == "HEAD" or response.is_error(400, "InvalidRequest", CLEARTEXT)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_part_of_a_key_over_clear_text_is_refused_too(server, bucket):
    for name in [SSE_C_KEY, SSE_C_MD5, SSE_C_ALGORITHM]:
        given = {name: sse_c(KEY)[name], "X-Forwarded-For": "203.0.113.7"}
        response = send(server, "PUT", path_of(bucket, "k"), headers=given, body=b"data", secure=False)
        response.is_error(400, "InvalidRequest", CLEARTEXT)


def test_a_key_over_clear_text_from_this_machine_is_accepted(server, bucket):
    assert send(server, "PUT", path_of(bucket, "k"), headers=sse_c(KEY), body=b"data", secure=False).status == 200
    assert send(server, "GET", path_of(bucket, "k"), headers=sse_c(KEY), secure=False).body == b"data"


@pytest.mark.parametrize("cleartext, status", [("never", 400), ("loopback", 200), ("always", 200)])
def test_the_setting_for_clear_text(start_server, cleartext, status):
    server = start_server("--sse-c-cleartext", cleartext)
    server.s3().create_bucket(Bucket="bucket")
    path = path_of("bucket", "k")
    assert send(server, "PUT", path, headers=sse_c(KEY), body=b"data", secure=False).status == status
    assert send(server, "PUT", path, headers=sse_c(KEY), body=b"data").status == 200
    far = {**sse_c(KEY), "X-Forwarded-For": "203.0.113.7"}
    assert send(server, "GET", path, headers=far, secure=False).status == (200 if cleartext == "always" else 400)


def test_a_trusted_proxy_that_ends_tls(start_server):
    server = start_server("--trusted-proxy", "127.0.0.1")
    server.s3().create_bucket(Bucket="bucket")
    path = path_of("bucket", "k")
    for proto, status in [("https", 200), ("http", 400), ("http, https", 400)]:
        given = {**sse_c(KEY), "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": proto}
        assert send(server, "PUT", path, headers=given, body=b"data", secure=False).status == status


@pytest.mark.parametrize("key_header", ["query", "header"])
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_a_key_in_a_query_string_is_refused(server, s3, stored, method, key_header):
    """Presigned with the encryption values as query parameters, which would be kept in histories and logs."""
    values = {SSE_C_ALGORITHM: "AES256", SSE_C_KEY: "MDEyMzQ1Njc", SSE_C_MD5: "x"}
    extra = "&".join(f"{name}={value}" for name, value in values.items())
    given = sse_c(KEY) if key_header == "header" else {}
    query = presign(server, method, path_of(stored, "sealed"), query=extra, headers=given)
    response = send_unsigned(server, method, path_of(stored, "sealed"), query=query, headers=given, body=b"")
    assert response.status == 400
    assert method == "HEAD" or response.is_error(400, "InvalidRequest")
    assert b"MDEyMzQ1Njc" not in response.body
    assert send(server, "GET", path_of(stored, "sealed"), headers=sse_c(KEY)).body == CONTENT


def test_the_sse_header_in_a_query_string_is_refused(server, s3, bucket):
    query = presign(server, "PUT", path_of(bucket, "k"), query=f"{SSE}=AES256")
    send_unsigned(server, "PUT", path_of(bucket, "k"), query=query, body=b"x").is_error(400, "InvalidRequest")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_listing_and_deleting_need_no_key(server, s3, bucket):
    send(server, "PUT", path_of(bucket, "k"), headers=sse_c(KEY), body=CONTENT)
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Size"] == len(CONTENT)
    s3.delete_object(Bucket=bucket, Key="k")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_overwriting_needs_no_key_and_accepts_any(server, bucket):
    other = secrets.token_bytes(32)
    for given in [sse_c(KEY), sse_c(other), {}]:
        assert send(server, "PUT", path_of(bucket, "k"), headers=given, body=b"data").status == 200
        assert send(server, "GET", path_of(bucket, "k"), headers=given).body == b"data"


def test_etags_of_sse_c_objects_reveal_nothing(server, bucket):
    etags = set()
    for _ in range(3):
        response = send(server, "PUT", path_of(bucket, "k"), headers=sse_c(KEY), body=b"test-sse-")
        etags.add(response.headers["etag"])
    assert len(etags) == 3
    assert f'"{hashlib.md5(b"test-sse-").hexdigest()}"' not in etags
