"""boto3: versions, tags and locks of objects."""

import secrets
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.programs.program import holds, holds_sealed, sse_c
from support.server import REGION


@pytest.fixture
def resource(server):
    return boto3.resource(
        "s3",
        endpoint_url=server.https,
        region_name=REGION,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret,
        verify=server.ca_file,
        config=Config(s3={"addressing_style": "path"}),
    )


def refused(operation, code, **arguments):
    """Asserts that an operation returns this error."""
    with pytest.raises(ClientError) as error:
        operation(**arguments)
    assert error.value.response["Error"]["Code"] == code


def test_versions(resource, s3, bucket, customer_key):
    place = resource.Bucket(bucket)
    place.Versioning().enable()
    assert place.Versioning().status == "Enabled"
    contents = [secrets.token_bytes(size) for size in (100, 70_000, 0)]
    keys = [customer_key, secrets.token_bytes(32), None]
    versions = []
    for content, key in zip(contents, keys, strict=True):
        given = sse_c(key) if key else {}
        versions.append(s3.put_object(Bucket=bucket, Key="k", Body=content, **given)["VersionId"])
    assert len(set(versions)) == 3

    found = list(place.object_versions.filter(Prefix="k"))
    assert [version.id for version in found] == versions[::-1]
    assert [version.is_latest for version in found] == [True, False, False]
    first = place.Object("k").Version(versions[0])
    assert first.get(**sse_c(customer_key))["Body"].read() == contents[0]
    assert first.head(**sse_c(customer_key))["ContentLength"] == 100
    refused(first.get, "InvalidRequest")
    refused(first.get, "AccessDenied", **sse_c(keys[1]))
    holds_sealed(s3, bucket, "k", contents[1], keys[1], VersionId=versions[1])
    holds(s3, bucket, "k", contents[2])

    assert place.Object("k").delete()["DeleteMarker"] is True
    refused(place.Object("k").load, "404")
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    seen = [entry["VersionId"] for page in pages for entry in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert len(seen) == 4 and seen[1:] == versions[::-1]
    resource.ObjectVersion(bucket, "k", seen[0]).delete()
    holds(s3, bucket, "k", contents[2])

    # The old version becomes the newest, with another key.
    source = {"Bucket": bucket, "Key": "k", "VersionId": versions[0]}
    given = {f"CopySource{name}": value for name, value in sse_c(customer_key).items()}
    place.Object("k").copy_from(CopySource=source, **given, **sse_c(keys[1]))
    holds_sealed(s3, bucket, "k", contents[0], keys[1])
    place.object_versions.delete()
    assert list(place.object_versions.all()) == []
    place.delete()


def test_suspended_versions(resource, s3, bucket):
    place = resource.Bucket(bucket)
    place.put_object(Key="k", Body=b"before")
    place.Versioning().enable()
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"during")["VersionId"]
    place.Versioning().suspend()
    place.put_object(Key="k", Body=b"after")
    assert {entry.id for entry in place.object_versions.all()} == {"null", version}
    holds(s3, bucket, "k", b"after", VersionId="null")
    holds(s3, bucket, "k", b"during", VersionId=version)
    place.Object("k").delete()
    assert {entry.id for entry in place.object_versions.all()} == {"null", version}
    refused(place.Object("k").load, "404")


def test_tags(s3, bucket, customer_key):
    at = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**at, Body=b"data", Tagging="a=1&b=x%20y", **sse_c(customer_key))
    assert s3.get_object(**at, **sse_c(customer_key))["TagCount"] == 2
    assert s3.get_object_tagging(**at)["TagSet"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}]
    s3.put_object_tagging(**at, Tagging={"TagSet": [{"Key": "ü", "Value": ""}]})
    assert s3.get_object_tagging(**at)["TagSet"] == [{"Key": "ü", "Value": ""}]
    s3.delete_object_tagging(**at)
    assert s3.get_object_tagging(**at)["TagSet"] == []
    tags = {"TagSet": [{"Key": "of", "Value": "the bucket"}]}
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags["TagSet"]
    s3.delete_bucket_tagging(Bucket=bucket)
    refused(s3.get_bucket_tagging, "NoSuchTagSet", Bucket=bucket)


def test_locks(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    at = {"Bucket": bucket_name, "Key": "k"}
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    version = s3.put_object(**at, Body=b"data", **lock)["VersionId"]
    assert s3.get_object_retention(**at)["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    refused(s3.delete_object, "AccessDenied", **at, VersionId=version)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"})
    refused(s3.delete_object, "AccessDenied", **at, VersionId=version, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    s3.delete_object(**at)
    holds(s3, bucket_name, "k", b"data", VersionId=version)
    s3.delete_object(**at, VersionId=version, BypassGovernanceRetention=True)
    refused(s3.get_object, "NoSuchVersion", **at, VersionId=version)
