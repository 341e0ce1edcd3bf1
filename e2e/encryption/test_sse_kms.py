"""SSE-KMS with the built-in service: requested, by default, reported, bound to a context, changed without moving data."""

import base64
import hashlib
import json
import secrets

import pytest
from botocore.exceptions import ClientError

from support.raw import path_of, send

SSE = "x-amz-server-side-encryption"
KMS = {"ServerSideEncryption": "aws:kms"}
DATA = secrets.token_bytes(200_000)


def head(s3, bucket, key, **more):
    return s3.head_object(Bucket=bucket, Key=key, **more)


def code_of(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]


@pytest.fixture(scope="module")
def key_id(s3):
    """Returns the id of the default key."""
    s3.create_bucket(Bucket="of-the-default-key")
    return s3.put_object(Bucket="of-the-default-key", Key="k", Body=b"", **KMS)["SSEKMSKeyId"]


def test_requested(s3, bucket, key_id):
    put = s3.put_object(Bucket=bucket, Key="k", Body=DATA, **KMS)
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key_id)
    context = json.loads(base64.b64decode(put["SSEKMSEncryptionContext"]))
    assert context == {"aws:s3:arn": f"arn:aws:s3:::{bucket}/k"}
    assert put["ETag"] != f'"{hashlib.md5(DATA).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == DATA
    for response in [got, head(s3, bucket, "k")]:
        assert (response["ServerSideEncryption"], response["SSEKMSKeyId"]) == ("aws:kms", key_id)
        assert "BucketKeyEnabled" not in response


@pytest.mark.parametrize("form", ["{}", "arn:aws:kms:us-east-1:000000000000:key/{}"])
def test_the_key_is_reported_as_it_was_named(s3, bucket, key_id, form):
    name = form.format(key_id)
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSEKMSKeyId=name, **KMS)["SSEKMSKeyId"] == name
    assert head(s3, bucket, "k")["SSEKMSKeyId"] == name


@pytest.mark.parametrize("alias", ["default", "alias/default"])
def test_an_alias_is_reported_as_its_key(s3, bucket, key_id, alias):
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSEKMSKeyId=alias, **KMS)["SSEKMSKeyId"] == key_id


@pytest.mark.parametrize("method", ["aes:kms", "aes256", "true"])
def test_an_unknown_method(server, bucket, method):
    for verb, query in [("PUT", ""), ("POST", "uploads=")]:
        response = send(server, verb, path_of(bucket, "k"), query=query, headers={SSE: method})
        response.is_error(400, "InvalidArgument", "The encryption method specified is not supported")
        assert (response.error["ArgumentName"], response.error["ArgumentValue"]) == (SSE, method)


def test_an_unknown_key(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSEKMSKeyId="no-such-key", **KMS)
    assert code_of(error) == (400, "KMS.NotFoundException")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_context_and_bucket_key(s3, bucket):
    context = base64.b64encode(json.dumps({"department": "blue"}).encode()).decode()
    put = s3.put_object(
        Bucket=bucket, Key="k", Body=DATA, SSEKMSEncryptionContext=context, BucketKeyEnabled=True, **KMS
    )
    assert put["BucketKeyEnabled"] is True
    reported = json.loads(base64.b64decode(put["SSEKMSEncryptionContext"]))
    assert reported == {"department": "blue", "aws:s3:arn": f"arn:aws:s3:::{bucket}"}
    assert head(s3, bucket, "k")["BucketKeyEnabled"] is True
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == DATA


@pytest.mark.parametrize(
    "headers",
    [
        {f"{SSE}-context": "e30="},
        {f"{SSE}-aws-kms-key-id": "default"},
        {f"{SSE}-bucket-key-enabled": "true"},
        {SSE: "AES256", f"{SSE}-aws-kms-key-id": "default"},
        {SSE: "AES256", f"{SSE}-bucket-key-enabled": "true"},
        {SSE: "aws:kms", f"{SSE}-context": "no base64"},
        {SSE: "aws:kms", f"{SSE}-context": base64.b64encode(b"[1]").decode()},
        {SSE: "aws:kms", f"{SSE}-context": base64.b64encode(b'{"a": 1}').decode()},
        {SSE: "aws:kms", f"{SSE}-context": base64.b64encode(b'{"aws:s3:arn": "x"}').decode()},
        {SSE: "aws:kms", f"{SSE}-bucket-key-enabled": "perhaps"},
    ],
)
def test_invalid_headers(server, s3, bucket, headers):
    send(server, "PUT", path_of(bucket, "k"), headers=headers, body=b"x").is_error(400, "InvalidArgument")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_by_default(s3, bucket, key_id):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_id},
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("aws:kms", key_id, True)
    assert (
        s3.put_object(Bucket=bucket, Key="s3", Body=b"x", ServerSideEncryption="AES256")["ServerSideEncryption"]
        == "AES256"
    )
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/s3")
    assert head(s3, bucket, "copy")["ServerSideEncryption"] == "aws:kms"


def test_an_upload(s3, bucket, key_id):
    begun = s3.create_multipart_upload(Bucket=bucket, Key="k", **KMS)
    assert begun["SSEKMSKeyId"] == key_id
    of = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    content = [secrets.token_bytes(5 << 20), DATA]
    parts = []
    for number, body in enumerate(content, 1):
        part = s3.upload_part(PartNumber=number, Body=body, **of)
        assert (part["ServerSideEncryption"], part["SSEKMSKeyId"]) == ("aws:kms", key_id)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **of)
    assert (done["ServerSideEncryption"], done["SSEKMSKeyId"]) == ("aws:kms", key_id)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"".join(content)


def update(server, bucket, key, document, query="encryption=", **more):
    body = f"<ObjectEncryption>{document}</ObjectEncryption>".encode()
    md5 = {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}
    return send(server, "PUT", path_of(bucket, key), query=query, body=body, headers={**md5, **more})


def test_a_key_change_moves_no_data(s3, bucket, key_id):
    """Sent by boto3, which supports the operation."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket=bucket, Key="k", Body=DATA, Metadata={"a": "b"})
    before = head(s3, bucket, "k")
    # Clients accept nothing shorter than an ARN.
    arn = f"arn:aws:kms:us-east-1:000000000000:key/{key_id}"
    s3.update_object_encryption(
        Bucket=bucket, Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn, "BucketKeyEnabled": True}}
    )
    after = head(s3, bucket, "k")
    assert (after["ServerSideEncryption"], after["SSEKMSKeyId"], after["BucketKeyEnabled"]) == ("aws:kms", arn, True)
    for same in ["ETag", "LastModified", "VersionId", "Metadata", "ContentLength"]:
        assert after[same] == before[same]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=put["VersionId"])["Body"].read() == DATA
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 1


def test_a_change_back_to_sse_s3(server, s3, bucket):
    """An ETag that was an MD5 stays one, and any other does not look like one."""
    md5 = s3.put_object(Bucket=bucket, Key="was-s3", Body=DATA)["ETag"]
    opaque = s3.put_object(Bucket=bucket, Key="was-kms", Body=DATA, **KMS)["ETag"]
    assert update(server, bucket, "was-s3", "<SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS>").status == 200
    for key, etag in [("was-s3", md5), ("was-kms", f'{opaque[:-1]}-1"')]:
        assert update(server, bucket, key, "<SSE-S3/>").status == 200
        now = head(s3, bucket, key)
        assert (now["ServerSideEncryption"], now["ETag"]) == ("AES256", etag)
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == DATA


def test_an_older_version(server, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    document = "<SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS>"
    assert update(server, bucket, "k", document, query=f"encryption=&versionId={old}").status == 200
    assert head(s3, bucket, "k")["ServerSideEncryption"] == "AES256"
    assert head(s3, bucket, "k", VersionId=old)["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=old)["Body"].read() == b"old"


@pytest.mark.parametrize(
    "document, status, code",
    [
        ("", 400, "InvalidRequest"),
        ("<SSE-KMS/>", 400, "InvalidRequest"),
        ("<SSE-KMS><KMSKeyArn>no-such-key</KMSKeyArn></SSE-KMS>", 400, "KMS.NotFoundException"),
        (
            "<SSE-KMS><KMSKeyArn>default</KMSKeyArn><BucketKeyEnabled>x</BucketKeyEnabled></SSE-KMS>",
            400,
            "MalformedXML",
        ),
        ("<SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS><SSE-S3/>", 400, "InvalidRequest"),
        ("<SSE-C/>", 400, "MalformedXML"),
    ],
)
def test_invalid_updates(server, s3, bucket, document, status, code):
    s3.put_object(Bucket=bucket, Key="k", Body=DATA)
    update(server, bucket, "k", document).is_error(status, code)
    assert head(s3, bucket, "k")["ServerSideEncryption"] == "AES256"


def test_an_update_of_a_missing_object_or_one_with_a_customer_key(server, s3, bucket, customer_key):
    document = "<SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS>"
    update(server, bucket, "missing", document).is_error(404, "NoSuchKey")
    s3.put_object(Bucket=bucket, Key="k", Body=DATA, SSECustomerAlgorithm="AES256", SSECustomerKey=customer_key)
    update(server, bucket, "k", document).is_error(400, "InvalidRequest")


def test_a_policy_that_denies_updates(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=DATA)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:UpdateObjectEncryption",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    document = "<SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS>"
    update(server, bucket, "k", document).is_error(403, "AccessDenied")


def test_a_policy_about_writes_applies_to_key_changes(server, s3, bucket, key_id):
    s3.put_object(Bucket=bucket, Key="k", Body=DATA, SSEKMSKeyId=key_id, **KMS)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key_id}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    update(server, bucket, "k", "<SSE-S3/>").is_error(403, "AccessDenied")
    for key, status in [("default", 403), (key_id, 200)]:
        assert update(server, bucket, "k", f"<SSE-KMS><KMSKeyArn>{key}</KMSKeyArn></SSE-KMS>").status == status


def test_a_key_name_that_fits_no_header_is_refused(server, s3, bucket, key_id):
    s3.put_object(Bucket=bucket, Key="k", Body=DATA)
    for region in ["\u00e4", "a b", "a" * 2048]:
        document = f"<SSE-KMS><KMSKeyArn>arn:aws:kms:{region}:1:key/{key_id}</KMSKeyArn></SSE-KMS>"
        update(server, bucket, "k", document).is_error(400, "MalformedXML")
    assert head(s3, bucket, "k")["ServerSideEncryption"] == "AES256"


def test_a_locked_version_is_unchanged(server, s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket_name, Key="k", Body=DATA, ObjectLockLegalHoldStatus="ON")
    document = "<SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS>"
    update(server, bucket_name, "k", document).is_error(403, "AccessDenied")


def test_policies_see_the_requested_key(s3, bucket, key_id):
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key_id}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSEKMSKeyId=key_id, **KMS)
    # The policy is evaluated before the key is looked up.
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSEKMSKeyId="no-such-key", **KMS)
    assert code_of(error) == (403, "AccessDenied")
