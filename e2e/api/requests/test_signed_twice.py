"""Requests that could be signed in one way and executed in another. All must be refused and change nothing."""

import hashlib

import pytest

from support.raw import Connection, head_of, path_of, presign, send, sse_c

KEY = bytes(range(32))
EMPTY = hashlib.sha256(b"").hexdigest()


@pytest.fixture
def path(server, bucket):
    path = path_of(bucket, "k")
    assert send(server, "PUT", path, body=b"data").status == 200
    yield path
    assert send(server, "GET", path).body == b"data"


def send_changed(server, path, change, *more):
    """Sends a signed PUT after changing its Authorization header and adding the headers `more`."""
    with Connection(server) as connection:
        pairs = head_of(server, "PUT", path, payload=EMPTY, host=connection.host)
        pairs = [(n, change(v) if n == "Authorization" else v) for n, v in pairs]
        connection.head("PUT", path, "", [*pairs, *more])
        return connection.response("PUT")


EVIL = ("x-amz-meta-evil", "1")


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.replace("SignedHeaders=", "SignedHeaders=X-Amz-Meta-Evil;"),
        lambda a: "SignedHeaders=host;x-amz-meta-evil " + a.split(" ", 1)[1],
        lambda a: a.replace("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-meta-evil, "),
        lambda a: a.replace("SignedHeaders=", "SignedHeaders=\xe9;"),
        lambda a: a + ", SignedHeaders=host;x-amz-meta-evil",
        lambda a: a,
    ],
    ids=["case", "first word", "field before", "not ASCII", "field behind", "nothing"],
)
@pytest.mark.parametrize("more", [[EVIL], list(sse_c(KEY).items())], ids=["metadata", "customer key"])
def test_headers_added_in_transit(server, path, change, more):
    assert send_changed(server, path, change, *more).status in (400, 403)


@pytest.mark.parametrize(
    "change", [lambda a: a.replace(" ", "\t", 1), lambda a: "FOO" + a[16:]], ids=["tab", "algorithm"]
)
def test_other_forms_of_the_authorization_header(server, path, change):
    assert send_changed(server, path, change).status == 400


def test_two_signatures(server, path):
    with Connection(server) as connection:
        pairs = head_of(server, "GET", path, query="X-Amz-SignedHeaders=host", host=connection.host)
        connection.head("GET", path, "X-Amz-SignedHeaders=host", pairs)
        assert connection.response("GET").status == 400


def put_presigned(server, path, query):
    query = presign(server, "PUT", path, query=query)
    with Connection(server) as connection:
        connection.head("PUT", path, query, [("host", connection.host), ("Content-Length", 4)])
        connection.body(b"data")
        return connection.response("PUT")


@pytest.mark.parametrize(
    "query, status",
    [
        ("x-amz-acl=public-read", 400),
        ("x-amz-copy-source=%2Fno-such-bucket%2Fk", 404),
        ("x-amz-object-lock-mode=COMPLIANCE", 400),
        ("x-amz-storage-class=GLACIER", 400),
        ("x-amz-tagging=a%3Db%26a%3Dc", 400),
        ("x-amz-checksum-crc32=AAAAAA%3D%3D", 200),
        ("x-amz-server-side-encryption=AES256", 400),
        ("x-amz-expected-bucket-owner=111122223333", 403),
    ],
)
def test_headers_in_a_presigned_url_are_not_ignored(server, path, query, status):
    """A checksum is the exception: SDKs calculate it before they have the body, so it is not compared."""
    assert put_presigned(server, path, query).status == status


def test_headers_in_a_presigned_url_are_obeyed(server, path):
    assert put_presigned(server, path, "x-amz-meta-colour=blue").status == 200
    assert send(server, "HEAD", path).headers["x-amz-meta-colour"] == "blue"


def test_the_source_key_of_a_request_that_is_no_copy(server, path):
    prefix = "x-amz-copy-source-server-side-encryption-customer-"
    for method in ["PUT", "GET"]:
        headers = {prefix + "algorithm": "AES256"}
        send(server, method, path, headers=headers).is_error(400, "InvalidRequest")


def test_the_document_of_a_bucket_is_compared_with_its_digests(server, bucket_name):
    document = b"<CreateBucketConfiguration/>"
    path = path_of(bucket_name)
    wrong = hashlib.sha256(b"other").hexdigest()
    send(server, "PUT", path, body=document, payload=wrong).is_error(400, "XAmzContentSHA256Mismatch")
    md5 = {"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    send(server, "PUT", path, body=document, headers=md5).is_error(400, "BadDigest")
    assert send(server, "HEAD", path).status == 404


def test_a_version_can_only_be_read_or_deleted(server, path):
    assert send(server, "PUT", path, query="versionId=null", body=b"other").status == 501
