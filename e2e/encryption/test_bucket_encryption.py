"""Default encryption of a bucket, and blocking SSE-C."""

import pytest
from botocore.exceptions import ClientError

from support.documents import put, refused
from support.raw import SSE_C_ALGORITHM, path_of, send, sse_c

AES256 = {"SSEAlgorithm": "AES256"}
APPLY = "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>{}</SSEAlgorithm>{}</ApplyServerSideEncryptionByDefault>"
RULE = APPLY.format("AES256", "")


def document(*rules):
    rules = "".join(f"<Rule>{rule}</Rule>" for rule in rules)
    return f"<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>"


def blocks(*kinds):
    kinds = "".join(f"<EncryptionType>{kind}</EncryptionType>" for kind in kinds)
    return f"<BlockedEncryptionTypes>{kinds}</BlockedEncryptionTypes>"


def rules(s3, bucket):
    return s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]


def test_default_encryption(s3, bucket):
    unblocked = {"ApplyServerSideEncryptionByDefault": AES256, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    default = [{**unblocked, "BucketKeyEnabled": False}]
    assert rules(s3, bucket) == default
    given = [{**unblocked, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": given})
    assert rules(s3, bucket) == given
    for _ in range(2):
        deleted = s3.delete_bucket_encryption(Bucket=bucket)
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert rules(s3, bucket) == default


@pytest.mark.parametrize(
    "rules, status, code",
    [
        ([], 400, "MalformedXML"),
        ([RULE, RULE], 400, "MalformedXML"),
        ([""], 400, "MalformedXML"),
        ([APPLY.format("SSE-C", "")], 400, "MalformedXML"),
        ([APPLY.format("aws:kms", "<KMSMasterKeyID>no key</KMSMasterKeyID>")], 400, "MalformedXML"),
        ([APPLY.format("aws:kms:dsse", "<KMSMasterKeyID>k</KMSMasterKeyID>")], 501, "NotImplemented"),
        ([APPLY.format("AES256", "<KMSMasterKeyID>k</KMSMasterKeyID>")], 400, "InvalidArgument"),
        ([RULE + blocks("SSE-KMS")], 400, "MalformedXML"),
        ([RULE + blocks("SSE-C", "NONE")], 400, "MalformedXML"),
        ([RULE + "<BucketKeyEnabled>perhaps</BucketKeyEnabled>"], 400, "MalformedXML"),
        ([RULE + "<Other/>"], 400, "MalformedXML"),
    ],
)
def test_invalid_documents(server, s3, bucket, rules, status, code):
    assert put(server, bucket, "encryption", document(RULE + blocks("SSE-C"))).status == 200
    put(server, bucket, "encryption", document(*rules)).is_error(status, code)
    reported = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert reported["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}


def test_a_missing_bucket_is_reported_before_an_invalid_rule(server, bucket_name):
    put(server, bucket_name, "encryption", document(APPLY.format("aws:kms:dsse", ""))).is_error(404, "NoSuchBucket")


def test_blocking_customer_keys(server, s3, bucket, customer_key):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    s3.put_object(Bucket=bucket, Key="before", Body=b"data", **key)
    given = {"Rules": [{"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=given)
    assert rules(s3, bucket)[0]["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}

    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="after", Body=b"data", **key)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert error.value.response["Error"]["Code"] == "AccessDenied"
    assert "this bucket has blocked" in error.value.response["Error"]["Message"]
    # The block applies before the headers are checked.
    for headers in [{SSE_C_ALGORITHM: "AES128"}, {**sse_c(customer_key), "x-amz-server-side-encryption": "AES256"}]:
        response = send(server, "PUT", path_of(bucket, "after"), headers=headers, body=b"data")
        response.is_error(403, "AccessDenied")
    refused(s3.get_object, "NoSuchKey", Bucket=bucket, Key="after")

    # Setting the default encryption does not lift the block, nor does an empty list.
    for rule in [RULE, RULE + blocks()]:
        assert put(server, bucket, "encryption", document(rule)).status == 200
        assert rules(s3, bucket)[0]["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}

    # Existing objects can be read, and objects with other encryption can be written.
    assert s3.get_object(Bucket=bucket, Key="before", **key)["Body"].read() == b"data"
    assert s3.head_object(Bucket=bucket, Key="before", **key)["ContentLength"] == 4
    s3.put_object(Bucket=bucket, Key="plain", Body=b"data")
    s3.put_object(Bucket=bucket, Key="requested", Body=b"data", ServerSideEncryption="AES256")

    rule = {"ApplyServerSideEncryptionByDefault": AES256, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert rules(s3, bucket)[0]["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    s3.put_object(Bucket=bucket, Key="after", Body=b"data", **key)


def test_keys_over_clear_text_are_refused_before_the_block_applies(start_server, bucket_name, customer_key):
    server = start_server("--sse-c-cleartext", "never")
    s3 = server.s3()
    s3.create_bucket(Bucket=bucket_name)
    assert put(server, bucket_name, "encryption", document(RULE + blocks("SSE-C"))).status == 200
    path = path_of(bucket_name, "k")
    response = send(server, "PUT", path, headers=sse_c(customer_key), body=b"x", secure=False)
    response.is_error(400, "InvalidRequest")
