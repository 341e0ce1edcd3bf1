"""Operations on buckets."""

import secrets

import pytest
from botocore.exceptions import ClientError

from support.raw import path_of, send


def test_life_of_a_bucket(server, s3, bucket_name):
    path = path_of(bucket_name)
    send(server, "GET", path).is_error(404, "NoSuchBucket", "The specified bucket does not exist")
    assert send(server, "HEAD", path).status == 404
    send(server, "DELETE", path).is_error(404, "NoSuchBucket")

    created = send(server, "PUT", path)
    assert created.status == 200 and created.headers["location"] == path
    head = send(server, "HEAD", path)
    assert head.status == 200 and head.headers["x-amz-bucket-region"] == "us-east-1"
    assert bucket_name in [b["Name"] for b in s3.list_buckets()["Buckets"]]

    assert send(server, "PUT", f"{path}/k", body=b"x").status == 200
    send(server, "DELETE", path).is_error(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
    assert send(server, "DELETE", f"{path}/k").status == 204
    assert send(server, "DELETE", path).status == 204
    assert send(server, "HEAD", path).status == 404
    assert bucket_name not in [b["Name"] for b in s3.list_buckets()["Buckets"]]


def test_every_operation_needs_the_bucket(server, bucket_name):
    requests = [
        ("GET", None, ""), ("GET", None, "list-type=2"), ("GET", None, "location="), ("DELETE", None, ""),
        ("PUT", "k", ""), ("GET", "k", ""), ("DELETE", "k", ""),
    ]  # fmt: skip
    for method, key, query in requests:
        response = send(server, method, path_of(bucket_name, key), query=query)
        response.is_error(404, "NoSuchBucket", "The specified bucket does not exist")
        assert response.error["BucketName"] == bucket_name
    assert send(server, "HEAD", path_of(bucket_name, "k")).status == 404


def test_a_recreated_bucket_is_empty(server, s3, bucket_name):
    for _ in range(3):
        s3.create_bucket(Bucket=bucket_name)
        assert s3.list_objects_v2(Bucket=bucket_name)["KeyCount"] == 0
        s3.put_object(Bucket=bucket_name, Key="k", Body=b"x" * 100_000)
        s3.delete_object(Bucket=bucket_name, Key="k")
        s3.delete_bucket(Bucket=bucket_name)


def test_creating_an_existing_bucket(s3, bucket):
    """Succeeds in us-east-1, as on AWS, and leaves the bucket unchanged."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    s3.create_bucket(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"


def test_location(start_server, server, s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    other = start_server("--region", "eu-central-1")
    path = "/second"
    region = {"region": "eu-central-1"}
    configuration = (
        b'<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
    )
    assert send(other, "PUT", path, body=configuration, **region).status == 200
    response = send(other, "GET", path, query="location=", **region)
    assert b">eu-central-1</LocationConstraint>" in response.body
    send(other, "PUT", path, body=configuration, **region).is_error(409, "BucketAlreadyOwnedByYou")
    wrong = configuration.replace(b"eu-central-1", b"ap-south-1")
    send(other, "PUT", "/third", body=wrong, **region).is_error(400, "IllegalLocationConstraintException")
    assert send(other, "HEAD", "/third", **region).status == 404


def test_another_location_is_refused(s3, bucket_name):
    with pytest.raises(ClientError) as error:
        s3.create_bucket(Bucket=bucket_name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert error.value.response["Error"]["Code"] == "IllegalLocationConstraintException"


@pytest.mark.parametrize(
    "name",
    ["ab", "a" * 64, "Upper", "under_score", "-begin", "end-", "dot..dot", "192.168.1.1", ".begin", "end.", "sp%20ace",
     "xn--begin", "%C3%BCber", "end-s3alias"],
)  # fmt: skip
def test_invalid_names(server, s3, name):
    before = [b["Name"] for b in s3.list_buckets()["Buckets"]]
    send(server, "PUT", f"/{name}").is_error(400, "InvalidBucketName", "The specified bucket is not valid.")
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == before


@pytest.mark.parametrize("name", ["abc", "a" * 63, "1digit", "dots.in.name", "hyphen-in-name"])
def test_valid_names(server, name):
    assert send(server, "PUT", f"/{name}").status == 200
    assert send(server, "DELETE", f"/{name}").status == 204


def test_list_buckets_in_pages(start_server):
    server = start_server()
    s3 = server.s3()
    assert s3.list_buckets()["Buckets"] == []
    names = sorted([f"page-{n:02}" for n in range(12)] + ["other-a", "other-b"])
    for name in secrets.SystemRandom().sample(names, len(names)):
        s3.create_bucket(Bucket=name)
    whole = s3.list_buckets()
    assert [b["Name"] for b in whole["Buckets"]] == names
    assert whole["Owner"]["ID"] and "ContinuationToken" not in whole
    assert all(b["CreationDate"] for b in whole["Buckets"])

    def pages(**requested):
        found, token = [], {}
        for _ in range(len(names) + 1):
            page = s3.list_buckets(**requested, **token)
            found.append([b["Name"] for b in page["Buckets"]])
            if "ContinuationToken" not in page:
                return found
            token = {"ContinuationToken": page["ContinuationToken"]}
        raise AssertionError("the pages do not end")

    assert pages(MaxBuckets=5) == [names[:5], names[5:10], names[10:]]
    assert pages(MaxBuckets=14) == [names]
    assert pages(Prefix="page-", MaxBuckets=6) == [names[2:8], names[8:]]
    assert pages(Prefix="other-", MaxBuckets=1) == [["other-a"], ["other-b"]]
    assert pages(Prefix="none") == [[]]


@pytest.mark.parametrize("query", ["max-buckets=0", "max-buckets=10001", "max-buckets=x", "continuation-token=%21"])
def test_list_buckets_with_bad_arguments(server, query):
    send(server, "GET", "/", query=query).is_error(400, "InvalidArgument")


def test_requests_of_clients_before_they_start(s3, bucket):
    """Versioning is off and encryption is on, as AWS reports for a bucket that was never configured."""
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert [rule["ApplyServerSideEncryptionByDefault"] for rule in rules] == [{"SSEAlgorithm": "AES256"}]


def test_unsupported_options(server, bucket_name):
    for given, code in [
        ({"x-amz-acl": "public-read"}, "InvalidBucketAclWithObjectOwnership"),
        ({"x-amz-grant-read": "id=1"}, "InvalidBucketAclWithObjectOwnership"),
        ({"x-amz-object-ownership": "Nobody"}, "InvalidArgument"),
        ({"x-amz-bucket-object-lock-enabled": "perhaps"}, "InvalidArgument"),
    ]:
        send(server, "PUT", path_of(bucket_name), headers=given).is_error(400, code)
    assert send(server, "HEAD", path_of(bucket_name)).status == 404


def test_expected_bucket_owner(server, s3, bucket):
    """A request with an expected owner succeeds only on that owner's bucket."""
    given = {"x-amz-expected-bucket-owner": "111122223333"}
    send(server, "GET", path_of(bucket), headers=given).is_error(403, "AccessDenied")
    send(server, "PUT", path_of(bucket, "k"), headers=given, body=b"x").is_error(403, "AccessDenied")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
