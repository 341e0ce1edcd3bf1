"""A request is decided from its head: bodies that decide nothing are not read, and documents have a maximum by kind."""

import base64
import hashlib
import json
import time

import pytest

from support.raw import UNSIGNED, Connection, head_of, path_of, send, send_unsigned, wait_until

MIB = 1 << 20
PUBLIC = {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def md5(body):
    return {"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()}


def answer_to_head(server, method, path, headers, length):
    """Sends the head of a request without its body, and returns the response."""
    with Connection(server, timeout=5) as connection:
        pairs = [("Host", connection.host), *headers.items(), ("Content-Length", length)]
        connection.head(*method_path_query(method, path), pairs)
        return connection.response(method)


def method_path_query(method, path):
    path, _, query = path.partition("?")
    return method, path, query


@pytest.mark.parametrize(
    "method, sub_resource",
    [("PUT", ""), ("PUT", "tagging"), ("PUT", "policy"), ("PUT", "lifecycle"), ("PUT", "cors"), ("POST", "delete")],
)
def test_an_unsigned_document_for_a_private_bucket(server, bucket, method, sub_resource):
    path = path_of(bucket) + (f"?{sub_resource}" if sub_resource else "")
    answer_to_head(server, method, path, md5(b""), 8 * MIB).is_error(403, "AccessDenied")


@pytest.mark.parametrize("sub_resource", ["tagging", "retention", "legal-hold", "encryption", "acl"])
def test_an_unsigned_document_for_an_object(server, bucket, sub_resource):
    path = path_of(bucket, "k") + f"?{sub_resource}"
    answer_to_head(server, "PUT", path, md5(b""), 8 * MIB).is_error(403, "AccessDenied")


def test_an_unsigned_document_for_a_bucket_that_does_not_exist(server, bucket_name):
    answer_to_head(server, "PUT", f"/{bucket_name}?tagging", md5(b""), MIB).is_error(404, "NoSuchBucket")


def test_a_document_with_a_wrong_signature(server, bucket):
    with Connection(server, timeout=5) as connection:
        given = {"query": "tagging=", "secret": "x" * 40, "length": 8 * MIB, "host": connection.host}
        pairs = head_of(server, "PUT", path_of(bucket), headers=md5(b""), **given)
        connection.head("PUT", path_of(bucket), "tagging=", pairs)
        connection.response("PUT").is_error(403, "SignatureDoesNotMatch")


def allow(s3, bucket, action, resource):
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=PUBLIC)
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}{resource}"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))


def test_what_a_policy_allows_everybody(server, s3, bucket):
    """Each key of a document is judged, and tags in it count."""
    for key in ["open/a", "closed"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    allow(s3, bucket, ["s3:DeleteObject", "s3:PutObjectTagging"], "/open/*")
    tags = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    for key, status in [("open/a", 200), ("closed", 403)]:
        path = path_of(bucket, key)
        assert send_unsigned(server, "PUT", path, query="tagging", headers=md5(tags), body=tags).status == status
    both = b"<Delete><Object><Key>open/a</Key></Object><Object><Key>closed</Key></Object></Delete>"
    response = send_unsigned(server, "POST", path_of(bucket), query="delete", headers=md5(both), body=both)
    assert response.status == 200 and response.body.count(b"<Deleted>") == response.body.count(b"<Error>") == 1
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["closed"]
    # No other action than these costs a body.
    answer_to_head(server, "PUT", path_of(bucket) + "?tagging", md5(b""), MIB).is_error(403, "AccessDenied")


@pytest.mark.parametrize(
    "method, key, sub_resource, most",
    [
        ("PUT", "k", "tagging", 16 << 10),
        ("PUT", None, "cors", 64 << 10),
        ("PUT", None, "versioning", 64 << 10),
        ("PUT", None, "lifecycle", 2 << 20),
        ("POST", None, "delete", 2252 << 10),
        ("POST", "k", "uploadId=none", 3 << 20),
    ],
)
def test_each_kind_of_document_has_its_maximum(server, bucket, method, key, sub_resource, most):
    query = sub_resource if "=" in sub_resource else f"{sub_resource}="
    path, body = path_of(bucket, key), b" " * (most + 1)
    response = send(server, method, path, query=query, headers=md5(body), body=body)
    response.is_error(400, "MaxMessageLengthExceeded", "Your request was too big.")
    response = send(server, method, path, query=query, headers=md5(body[1:]), body=body[1:])
    response.is_error(400, "MalformedXML")


def test_beyond_the_budget(start_server):
    """Uploads that hold the memory make others wait, and give it back when they end."""
    server = start_server("--memory-buffers", "32")
    server.s3().create_bucket(Bucket="bucket")
    held = []
    for number in range(10):
        connection, path = Connection(server), path_of("bucket", f"k{number}")
        pairs = head_of(server, "PUT", path, payload=UNSIGNED, length=64 * MIB, host=connection.host)
        connection.head("PUT", path, "", pairs)
        connection.body(bytes(MIB))
        held.append(connection)
    time.sleep(0.5)
    refused = send(server, "PUT", path_of("bucket", "late"), body=bytes(4 * MIB))
    refused.is_error(503, "SlowDown", "Please reduce your request rate.")
    assert int(refused.headers["retry-after"]) > 0
    # What needs little is served.
    assert send(server, "PUT", path_of("bucket", "small"), body=b"x" * 100_000).status == 200
    for connection in held:
        connection.close()

    def is_served():
        return send(server, "PUT", path_of("bucket", "late"), body=bytes(4 * MIB)).status == 200

    assert wait_until(is_served)


def test_a_body_that_arrives_too_slowly(start_server):
    server = start_server("--requests-rate-window", "1")
    server.s3().create_bucket(Bucket="bucket")
    with Connection(server) as connection:
        path = path_of("bucket", "k")
        pairs = head_of(server, "PUT", path, payload=UNSIGNED, length=MIB, host=connection.host)
        connection.head("PUT", path, "", pairs)
        connection.body(b"x")
        connection.response("PUT").is_error(400, "RequestTimeout")
