"""Unsupported operations return 501 and do nothing: never a silent 200, never another operation."""

import re
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.exceptions import ClientError

from support import offered_operations
from support.raw import Connection, Response, head_of, path_of, send

CONTENT = b"data"
MODEL = botocore.session.get_session().get_service_model("s3")
OFFERED = offered_operations.sub_resources()
METHODS = ["GET", "PUT", "DELETE", "POST"]


def names_of(level):
    """Returns the sub-resources of AWS's model and some unknown ones."""
    uris = [MODEL.operation_model(name).http["requestUri"] for name in MODEL.operation_names]
    uris = [uri for uri in uris if uri.startswith("/{Bucket}") and ("{Key+}" in uri) == (level == "Object")]
    named = {found[1] for uri in uris if (found := re.search(r"\?([\w-]+)(?:&|$)", uri))}
    return sorted(
        (named - {"list-type", "x-id"}) | {"torrent", "foo", "append", "usage", "events", "encryption", "acl"}
    )


def not_offered(level):
    return [(method, name) for name in names_of(level) for method in METHODS if (level, name, method) not in OFFERED]


@pytest.fixture
def untouched(server, s3, bucket):
    """A bucket with one object; after the test it must contain exactly that object."""
    s3.put_object(Bucket=bucket, Key="k", Body=CONTENT)
    yield bucket
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == CONTENT
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def is_refused(response: Response, requested):
    """Asserts a refusal with 501 or 405, or with 400 for a missing document or argument, which these requests do not have."""
    assert response.status in (501, 405, 400), (requested, response)
    assert response.error["Code"] in (
        "NotImplemented", "MethodNotAllowed", "MissingRequestBodyError", "MalformedXML", "InvalidRequest", "InvalidArgument",
    ), (requested, response)  # fmt: skip


def test_the_lists_of_unsupported_sub_resources_are_not_empty():
    """The lists that the tests below use must not be empty by accident."""
    assert len(names_of("Bucket")) > 25 and len(names_of("Object")) > 10
    assert len(not_offered("Bucket")) > 20 and len(not_offered("Object")) > 20


@pytest.mark.parametrize("spelling", ["?name=", "?name"])
def test_sub_resources_of_buckets(server, s3, bucket, spelling):
    """Sent to an empty bucket, which could be deleted."""
    path = path_of(bucket)
    for method, name in not_offered("Bucket"):
        with Connection(server) as connection:
            pairs = head_of(server, method, path, query=f"{name}=", host=connection.host)
            connection.head(method, path, f"{name}=" if spelling == "?name=" else name, pairs)
            is_refused(connection.response(method), (method, name))
        assert send(server, "HEAD", path).status == 200, f"the bucket was deleted by {method} ?{name}"


def test_sub_resources_with_an_id(server, s3, bucket):
    """Configurations that a bucket can have several of."""
    for method in ["PUT", "POST"]:
        for name in ["analytics", "intelligent-tiering", "inventory", "metrics"]:
            is_refused(send(server, method, path_of(bucket), query=f"{name}=&id=1"), (method, name))
    assert send(server, "HEAD", path_of(bucket)).status == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "DELETE"])
def test_other_methods_than_get_on_the_service(server, method):
    response = send(server, method, "/")
    assert response.status == 405 and response.headers["allow"] == "GET"
    if method != "HEAD":
        response.is_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")


def test_no_bucket_is_created_by_accident(server, bucket_name):
    for name in names_of("Bucket"):
        for method in ["PUT", "POST"]:
            assert send(server, method, path_of(bucket_name), query=f"{name}=").status >= 400
    assert send(server, "HEAD", path_of(bucket_name)).status == 404


# It reads the object as if it had no other parameter.
HARMLESS = [("GET", "uploads"), ("GET", "encryption")]


@pytest.mark.parametrize("key", ["k", "new", "dir/new"])
def test_sub_resources_of_objects(server, untouched, key):
    for method, name in not_offered("Object"):
        if (method, name) not in HARMLESS:
            body = b"other" if method == "PUT" else b""
            response = send(server, method, path_of(untouched, key), query=f"{name}=", body=body)
            is_refused(response, (method, name))


MISPLACED = [
    ("PUT", "versionId=null"), ("PUT", "partNumber=1"), ("DELETE", "partNumber=1"), ("POST", "partNumber=1"),
    ("POST", "versionId=null"), ("POST", ""), ("PUT", "x=", ), ("DELETE", "x="),
    # Two at once: the server must not guess which of them is meant.
    ("DELETE", "tagging=&uploadId=1"), ("PUT", "acl=&tagging="), ("DELETE", "acl=&tagging="), ("GET", "acl=&tagging="),
    ("PUT", "tagging=&uploads="), ("DELETE", "legal-hold=&retention="), ("DELETE", "foo=&uploadId=1"),
]  # fmt: skip


@pytest.mark.parametrize("method, query", MISPLACED)
def test_conflicting_parameters(server, untouched, method, query):
    for key in ["k", "new"]:
        body = b"other" if method == "PUT" else b""
        response = send(server, method, path_of(untouched, key), query=query, body=body)
        is_refused(response, (method, query))


@pytest.mark.parametrize(
    "given",
    [
        {"x-amz-acl": "public-read"},
        {"x-amz-grant-read": "uri=http://acs.amazonaws.com/groups/global/AllUsers"},
        {"x-amz-website-redirect-location": "/other"},
        {"x-amz-write-offset-bytes": "4"},
        {"x-amz-server-side-encryption": "aws:kms:dsse"},
        {"x-amz-server-side-encryption-context": "e30="},
        {"x-amz-server-side-encryption-bucket-key-enabled": "true"},
        {"x-amz-server-side-encryption-rubbish": "true"},
    ],
    ids=lambda given: "=".join(*given.items()),
)
def test_options_of_writes(server, untouched, given):
    """Options of PUT, copies and multipart uploads."""
    for key in ["new", "k"]:
        path = path_of(untouched, key)
        source = {"x-amz-copy-source": path_of(untouched, "k"), "x-amz-metadata-directive": "REPLACE"}
        for method, query, headers, body in [
            ("PUT", "", {}, b"other"), ("PUT", "", source, b""), ("POST", "uploads=", {}, b"")
        ]:  # fmt: skip
            response = send(server, method, path, query=query, headers={**headers, **given}, body=body)
            assert response.status in (400, 403, 501), (method, query, response)
            assert response.error["Code"] in ("NotImplemented", "InvalidArgument", "AccessControlListNotSupported"), (
                response
            )


@pytest.mark.parametrize("storage_class", ["GLACIER", "STANDARD_IA", "rubbish"])
def test_storage_classes(server, untouched, storage_class):
    given = {"x-amz-storage-class": storage_class}
    send(server, "PUT", path_of(untouched, "new"), headers=given, body=b"other").is_error(400, "InvalidStorageClass")
    response = send(server, "POST", path_of(untouched, "new"), query="uploads=", headers=given)
    response.is_error(400, "InvalidStorageClass")
    given["x-amz-copy-source"] = path_of(untouched, "k")
    send(server, "PUT", path_of(untouched, "new"), headers=given).is_error(400, "InvalidStorageClass")
    given = {"x-amz-storage-class": "STANDARD"}
    assert send(server, "PUT", path_of(untouched, "k"), headers=given, body=CONTENT).status == 200


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "PROPFIND", "COPY"])
def test_other_methods(server, untouched, method):
    for path in ["/", path_of(untouched), path_of(untouched, "k")]:
        assert send(server, method, path).status in (400, 403, 405, 501)


# Separate endpoints, other services, or superseded names of the same requests.
ELSEWHERE = {
    "CreateSession", "ListDirectoryBuckets", "WriteGetObjectResponse", "PutBucketLifecycle", "GetBucketLifecycle",
    "PutBucketNotification", "GetBucketNotification",
    # Tested by the last test.
    "PutObjectAnnotation",
}  # fmt: skip


def example(shape, bucket, name=""):
    """Returns a value of this shape with required fields only."""
    if name in ("Bucket", "Key"):
        return bucket if name == "Bucket" else "k"
    if shape.type_name == "structure":
        members = shape.required_members or list(shape.members)[: 1 if getattr(shape, "is_tagged_union", False) else 0]
        return {member: example(shape.members[member], bucket, member) for member in members}
    if shape.type_name == "list":
        return [example(shape.member, bucket)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
    values = {"integer": 1, "long": 1, "boolean": True, "timestamp": datetime.now(UTC), "blob": b"x", "map": {}}
    return values[shape.type_name]


def test_boto3_reports_the_refusal(s3, untouched):
    """Every operation of AWS's model that is missing from the server's list, sent by a client library."""
    known = offered_operations.operations()
    names = [
        name for name in MODEL.operation_names if offered_operations.flat(name) not in known and name not in ELSEWHERE
    ]
    assert len(names) > 20
    for name in names:
        operation = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
        arguments = example(MODEL.operation_model(name).input_shape, untouched)
        try:
            getattr(s3, operation)(**arguments)
        except ClientError as error:
            reported = error.response["Error"]
            assert reported["Code"] in ("NotImplemented", "MethodNotAllowed"), (name, error)
            assert reported["Message"], name
        else:
            raise AssertionError(f"{name} was silently accepted")


def test_a_refusal_arrives_while_the_body_is_being_sent(s3, untouched):
    """A client that does not wait for 100 Continue sends its small body before it reads the response."""
    for _ in range(20):
        with pytest.raises(ClientError, match="NotImplemented"):
            s3.put_object_annotation(Bucket=untouched, Key="k", AnnotationName="a", AnnotationPayload=b"x")
