"""DELETE of one object and of many."""

import hashlib

import pytest

from support.raw import b64, path_of, send

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def delete_document(*keys, quiet=False):
    objects = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    return f"<Delete {NAMESPACE}>{objects}<Quiet>{str(quiet).lower()}</Quiet></Delete>".encode()


def delete_objects(server, bucket, document, headers=None):
    given = {"Content-MD5": b64(hashlib.md5(document).digest())} if headers is None else headers
    return send(server, "POST", path_of(bucket), query="delete=", body=document, headers=given)


def keys_of(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_delete_is_idempotent(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    for _ in range(2):
        response = send(server, "DELETE", path_of(bucket, "k"))
        assert (response.status, response.body) == (204, b"")
    assert send(server, "GET", path_of(bucket, "k")).status == 404


def test_delete_many(s3, bucket):
    keys = ["a", "b/c", "ü &<>'\"", "keep", "x" * 1024]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"data")
    gone = [key for key in keys if key != "keep"] + ["never there"]
    response = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in gone]})
    assert sorted(entry["Key"] for entry in response["Deleted"]) == sorted(gone)
    assert "Errors" not in response
    assert keys_of(s3, bucket) == ["keep"]


def test_delete_many_quietly(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"data")
    response = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
    assert "Deleted" not in response and "Errors" not in response
    assert keys_of(s3, bucket) == []


def test_delete_at_most_a_thousand(server, s3, bucket):
    keys = [f"k{n:04}" for n in range(1000)]
    for key in keys[::100]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"data")
    too_many = delete_document(*keys, "one-more")
    delete_objects(server, bucket, too_many).is_error(400, "MalformedXML")
    assert len(keys_of(s3, bucket)) == 10
    assert delete_objects(server, bucket, delete_document(*keys)).status == 200
    assert keys_of(s3, bucket) == []


@pytest.mark.parametrize("document", [b"", b"<Delete", b"<Other/>", f"<Delete {NAMESPACE}></Delete>".encode()])
def test_delete_many_with_a_bad_document(server, s3, bucket, document):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    response = delete_objects(server, bucket, document)
    assert response.status == 400 and response.error["Code"] in ("MalformedXML", "MissingRequestBodyError"), response
    assert keys_of(s3, bucket) == ["k"]


@pytest.mark.parametrize(
    "headers, code",
    [
        ({"Content-MD5": b64(bytes(16))}, "BadDigest"),
        ({"Content-MD5": "rubbish"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-sha256": b64(bytes(32))}, "BadDigest"),
    ],
)
def test_delete_many_with_a_wrong_digest(server, s3, bucket, headers, code):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    delete_objects(server, bucket, delete_document("k"), headers).is_error(400, code)
    assert keys_of(s3, bucket) == ["k"]


def test_delete_many_with_a_wrong_payload_hash(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    other = hashlib.sha256(delete_document("other")).hexdigest()
    response = send(
        server, "POST", path_of(bucket), query="delete=", body=delete_document("k"), payload=other,
        headers={"Content-MD5": b64(hashlib.md5(delete_document("k")).digest())},
    )  # fmt: skip
    response.is_error(400, "XAmzContentSHA256Mismatch")
    assert keys_of(s3, bucket) == ["k"]


def test_missing_versions(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    version = "versionId=3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"
    for method in ["GET", "HEAD", "DELETE"]:
        assert send(server, method, path_of(bucket, "k"), query=version).status in (400, 404)
    assert send(server, "GET", path_of(bucket, "k"), query="versionId=null").body == b"data"
    assert keys_of(s3, bucket) == ["k"]
    assert send(server, "DELETE", path_of(bucket, "k"), query="versionId=null").status == 204


def test_conditional_deletes(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    response = send(server, "DELETE", path_of(bucket, "k"), headers={"If-Match": '"0"'})
    response.is_error(412, "PreconditionFailed")
    assert keys_of(s3, bucket) == ["k"]
    assert send(server, "DELETE", path_of(bucket, "k"), headers={"If-Match": "*"}).status == 204
    assert keys_of(s3, bucket) == []
