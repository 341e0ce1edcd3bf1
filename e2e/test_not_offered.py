"""What is not offered yet answers 501 and does nothing: never a silent 200, never taken for something else."""

import itertools

import pytest

from raw import Answer, Connection, head_of, path_of, send

CONTENT = b"data"


@pytest.fixture
def untouched(server, s3, bucket):
    """A bucket with one object; afterwards it must still hold that object and no other."""
    s3.put_object(Bucket=bucket, Key="k", Body=CONTENT)
    yield bucket
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == CONTENT


OF_BUCKETS = [
    *itertools.product(["PUT", "DELETE"], ["foo=", "location=", "policyStatus="]),
    *itertools.product(["PUT"], ["analytics=&id=1", "intelligent-tiering=&id=1", "inventory=&id=1", "metrics=&id=1"]),
    *itertools.product(
        ["DELETE"],
        ["accelerate=", "acl=", "logging=", "notification=", "object-lock=", "requestPayment=", "versioning="],
    ),
    *itertools.product(["GET", "PUT", "DELETE"], ["abac=", "foo=", "metadataConfiguration=", "metadataTable="]),
    *itertools.product(
        ["PUT"],
        ["accelerate=", "acl=", "cors=", "encryption=", "lifecycle=", "logging=", "notification=", "object-lock=",
         "ownershipControls=", "publicAccessBlock=", "replication=", "requestPayment=", "tagging=", "versioning=",
         "website="],
    ),
    ("GET", "session="), ("POST", "metadataTable="), ("POST", "foo="),
    ("HEAD", "foo="), ("POST", "tagging="), ("POST", "policy="),
]  # fmt: skip


def is_refused(answer: Answer, method):
    """With 501 or 405; or with 400 for the want of a document or an argument, which these requests do not have."""
    assert answer.status in (501, 405, 400), answer
    assert method == "HEAD" or answer.error["Code"] in (
        "NotImplemented", "MethodNotAllowed", "MissingRequestBodyError", "MalformedXML", "InvalidRequest",
        "MissingSecurityHeader",
    ), answer  # fmt: skip


@pytest.mark.parametrize("spelling", ["?name=", "?name"])
@pytest.mark.parametrize("method, query", OF_BUCKETS)
def test_of_buckets(server, s3, bucket_name, method, query, spelling):
    """Asked of an empty bucket, which could be deleted."""
    s3.create_bucket(Bucket=bucket_name)
    path = path_of(bucket_name)
    sent = query if spelling == "?name=" else query.replace("=&", "&").removesuffix("=")
    with Connection(server) as connection:
        pairs = head_of(server, method, path, query=query, host=connection.host)
        connection.head(method, path, sent, pairs)
        is_refused(connection.answer(method), method)
    assert send(server, "HEAD", path).status == 200, "the bucket was deleted"


@pytest.mark.parametrize(
    "query", ["acl=", "encryption=", "location=", "policy=", "tagging=", "uploads=", "versions=", "versioning=", "foo="]
)
def test_no_bucket_is_made_by_the_way(server, bucket_name, query):
    for method in ["PUT", "POST"]:
        assert send(server, method, path_of(bucket_name), query=query).status >= 400
    assert send(server, "HEAD", path_of(bucket_name)).status == 404


OF_OBJECTS = [
    *itertools.product(["GET", "PUT", "DELETE"], ["torrent=", "foo=", "encryption=", "renameObject=", "annotation="]),
    *itertools.product(["PUT", "DELETE"], ["attributes=", "uploads="]),
    ("DELETE", "acl="), ("POST", "acl="), ("DELETE", "legal-hold="), ("DELETE", "retention="), ("POST", "tagging="),
    ("POST", "restore="), ("POST", "select=&select-type=2"), ("POST", ""), ("POST", "foo="), ("HEAD", "foo="),
    ("PUT", "partNumber=1"), ("PUT", "versionId=null"),
]  # fmt: skip


# It reads the object, as if nothing else had been asked.
HARMLESS = [("GET", "encryption=")]


@pytest.mark.parametrize("key", ["k", "new", "dir/new"])
@pytest.mark.parametrize("method, query", [asked for asked in OF_OBJECTS if asked not in HARMLESS])
def test_of_objects(server, untouched, method, query, key):
    answer = send(server, method, path_of(untouched, key), query=query, body=b"other" if method == "PUT" else b"")
    is_refused(answer, method)


@pytest.mark.parametrize(
    "given",
    [
        {"x-amz-website-redirect-location": "/other"},
        {"x-amz-write-offset-bytes": "4"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_options_of_put(server, untouched, given):
    for key in ["new", "k"]:
        send(server, "PUT", path_of(untouched, key), headers=given, body=b"other").is_error(501, "NotImplemented")


@pytest.mark.parametrize("storage_class", ["GLACIER", "STANDARD_IA", "rubbish"])
def test_storage_classes(server, untouched, storage_class):
    given = {"x-amz-storage-class": storage_class}
    send(server, "PUT", path_of(untouched, "new"), headers=given, body=b"other").is_error(400, "InvalidStorageClass")
    given = {"x-amz-storage-class": "STANDARD"}
    assert send(server, "PUT", path_of(untouched, "k"), headers=given, body=CONTENT).status == 200


def test_browser_forms(server, untouched):
    form = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nnew\r\n--b--\r\n'
    given = {"Content-Type": "multipart/form-data; boundary=b"}
    send(server, "POST", path_of(untouched), headers=given, body=form).is_error(501, "NotImplemented")


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "PROPFIND", "COPY"])
def test_other_methods(server, untouched, method):
    for path in ["/", path_of(untouched), path_of(untouched, "k")]:
        assert send(server, method, path).status in (400, 403, 405, 501)


WEBSITE = {"IndexDocument": {"Suffix": "index.html"}}
ANALYTICS = {"Id": "1", "StorageClassAnalysis": {}}


def test_boto3_sees_that_it_is_refused(s3, untouched):
    """Spelled as a client library spells it."""
    for operation, arguments in [
        (s3.put_bucket_website, {"WebsiteConfiguration": WEBSITE}),
        (s3.put_bucket_analytics_configuration, {"Id": "1", "AnalyticsConfiguration": ANALYTICS}),
        (s3.put_bucket_accelerate_configuration, {"AccelerateConfiguration": {"Status": "Enabled"}}),
        (s3.restore_object, {"Key": "k", "RestoreRequest": {"Days": 1}}),
    ]:
        try:
            operation(Bucket=untouched, **arguments)
        except s3.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "NotImplemented", (operation, error)
            assert error.response["Error"]["Message"]
        else:
            raise AssertionError(f"{operation} was silently taken")
