"""boto3's resources for multipart uploads and copies, and the paginators of uploads and parts."""

import secrets

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.programs.program import MIB, holds, holds_sealed, names_in, sse_c
from support.server import REGION


@pytest.fixture
def place(server, bucket):
    """The bucket as a resource."""
    resource = boto3.resource(
        "s3",
        endpoint_url=server.https,
        region_name=REGION,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret,
        verify=server.ca_file,
        config=Config(s3={"addressing_style": "path"}),
    )
    return resource.Bucket(bucket)


def source_key(key):
    return {f"CopySource{name}": value for name, value in sse_c(key).items()}


def test_a_multipart_upload(place, s3, bucket, customer_key):
    key, other = sse_c(customer_key), secrets.token_bytes(32)
    source = secrets.token_bytes(7 * MIB)
    place.put_object(Key="source", Body=source, **sse_c(other))
    upload = place.Object("k").initiate_multipart_upload(Metadata={"a": "b"}, **key)
    end = secrets.token_bytes(1000)
    third = upload.Part(3).upload(Body=end, **key)["ETag"]
    copied = upload.Part(1).copy_from(
        CopySource={"Bucket": bucket, "Key": "source"},
        CopySourceRange=f"bytes=10-{6 * MIB + 9}",
        **source_key(other),
        **key,
    )["CopyPartResult"]["ETag"]
    for given in [{}, source_key(customer_key)]:
        with pytest.raises(ClientError):
            upload.Part(2).copy_from(CopySource=f"{bucket}/source", **given, **key)
    assert [(part.part_number, part.size) for part in upload.parts.all()] == [(1, 6 * MIB), (3, 1000)]
    assert [found.id for found in place.multipart_uploads.all()] == [upload.id]
    parts = [{"PartNumber": 1, "ETag": copied}, {"PartNumber": 3, "ETag": third}]
    made = upload.complete(MultipartUpload={"Parts": parts})
    assert made.get(**key)["Metadata"] == {"a": "b"}
    holds_sealed(s3, bucket, "k", source[10 : 6 * MIB + 10] + end, customer_key)
    assert list(place.multipart_uploads.all()) == []


def test_an_aborted_upload(place, s3, bucket):
    upload = place.Object("k").initiate_multipart_upload()
    upload.Part(1).upload(Body=b"data")
    upload.abort()
    with pytest.raises(ClientError) as error:
        upload.Part(1).upload(Body=b"data")
    assert error.value.response["Error"]["Code"] == "NoSuchUpload"
    assert list(place.multipart_uploads.all()) == [] and names_in(s3, bucket) == []


def test_copies(place, s3, bucket, customer_key):
    content = secrets.token_bytes(70_000)
    place.put_object(Key="a ü+%", Body=content, Metadata={"a": "b"}, ContentType="text/x-own", **sse_c(customer_key))
    source = {"Bucket": bucket, "Key": "a ü+%"}
    place.Object("plain").copy_from(CopySource=source, **source_key(customer_key))
    got = holds(s3, bucket, "plain", content)
    assert got["Metadata"] == {"a": "b"} and got["ContentType"] == "text/x-own"
    place.Object("plain").copy_from(
        CopySource={"Bucket": bucket, "Key": "plain"}, MetadataDirective="REPLACE", Metadata={"c": "d"}
    )
    got = holds(s3, bucket, "plain", content)
    assert got["Metadata"] == {"c": "d"} and got["ContentType"] == "binary/octet-stream"
    # Changes the key of the same object.
    new = secrets.token_bytes(32)
    place.Object("a ü+%").copy_from(CopySource=source, **source_key(customer_key), **sse_c(new))
    got = holds_sealed(s3, bucket, "a ü+%", content, new)
    assert got["Metadata"] == {"a": "b"}
    for given, code in [({}, "InvalidRequest"), (source_key(customer_key), "AccessDenied")]:
        with pytest.raises(ClientError) as error:
            place.Object("x").copy_from(CopySource=source, **given)
        assert error.value.response["Error"]["Code"] == code
    assert names_in(s3, bucket) == ["a ü+%", "plain"]


def test_paginators_of_uploads_in_progress(s3, bucket):
    at = {"Bucket": bucket, "Key": "k"}
    uploads = [s3.create_multipart_upload(Bucket=bucket, Key=f"{number}")["UploadId"] for number in range(3)]
    uploads += [s3.create_multipart_upload(**at)["UploadId"] for _ in range(3)]
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    found = [[(entry["Key"], entry["UploadId"]) for entry in page["Uploads"]] for page in pages]
    assert [len(page) for page in found] == [2, 2, 2]
    assert sorted(sum(found, [])) == sorted(zip(["0", "1", "2", "k", "k", "k"], uploads, strict=True))
    assert [key for page in found for key, _ in page] == ["0", "1", "2", "k", "k", "k"]

    for number in [1, 2, 3, 9, 10]:
        s3.upload_part(**at, UploadId=uploads[3], PartNumber=number, Body=bytes(number))
    pages = s3.get_paginator("list_parts").paginate(**at, UploadId=uploads[3], PaginationConfig={"PageSize": 2})
    numbers = [[part["PartNumber"] for part in page["Parts"]] for page in pages]
    assert numbers == [[1, 2], [3, 9], [10]]
