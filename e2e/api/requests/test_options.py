"""Every header of write requests in AWS's model: obeyed, refused or harmless, but never silently ignored.

Ignoring an option breaks a promise. A header that is new in the model fails the test until it is classified here.
"""

import botocore.session
import pytest

from support.raw import path_of, send
from support.wire import COPY_SOURCE, Upload, opens_only_with

MODEL = botocore.session.get_session().get_service_model("s3")
WRITES = [
    "PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload",
    "AbortMultipartUpload", "DeleteObject", "DeleteObjects", "PutObjectTagging", "PutObjectRetention", "PutObjectLegalHold",
    "DeleteObjectTagging", "PutObjectAcl", "CreateBucket", "DeleteBucket",
]  # fmt: skip

# Tested one by one in other tests.
OBEYED = {
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-length", "content-md5",
    "content-type", "expires", "if-match", "if-none-match", "x-amz-acl", "x-amz-bucket-object-lock-enabled",
    "x-amz-bypass-governance-retention", "x-amz-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256", "x-amz-checksum-type", "x-amz-copy-source",
    "x-amz-copy-source-if-match", "x-amz-copy-source-if-modified-since", "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since", "x-amz-copy-source-range",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key", "x-amz-copy-source-server-side-encryption-customer-key-md5",
    "x-amz-expected-bucket-owner", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp",
    "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-if-match-last-modified-time", "x-amz-if-match-size",
    "x-amz-meta-", "x-amz-metadata-directive", "x-amz-mp-object-size", "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-ownership",
    "x-amz-sdk-checksum-algorithm", "x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key", "x-amz-server-side-encryption-customer-key-md5",
    "x-amz-source-expected-bucket-owner", "x-amz-storage-class", "x-amz-tagging", "x-amz-tagging-directive",
}  # fmt: skip
WITHOUT_CONSEQUENCE = {
    "x-amz-request-payer": "nobody pays",
    "x-amz-mfa": "counts only where MFA delete was turned on, which is refused",
    "x-amz-object-annotation-directive": "there are no annotations that could come along",
}
# A value to send.
REFUSED = {
    "x-amz-checksum-md5": "AAAAAAAAAAAAAAAAAAAAAA==",
    "x-amz-checksum-sha512": "AAAA",
    "x-amz-checksum-xxhash3": "AAAA",
    "x-amz-checksum-xxhash64": "AAAA",
    "x-amz-checksum-xxhash128": "AAAA",
    "x-amz-server-side-encryption-aws-kms-key-id": "alias/key",
    "x-amz-server-side-encryption-bucket-key-enabled": "true",
    "x-amz-server-side-encryption-context": "e30=",
    "x-amz-website-redirect-location": "/other",
    "x-amz-write-offset-bytes": "4",
    "x-amz-object-lock-event-hold": "ON",
    "x-amz-object-lock-event-hold-duration-days": "3",
    "x-amz-object-lock-event-hold-duration-years": "3",
    "x-amz-if-match-initiated-time": "Mon, 01 Jan 2001 00:00:00 GMT",
    "x-amz-bucket-namespace": "account-regional",
}


def headers_of(operation):
    members = MODEL.operation_model(operation).input_shape.members.values()
    return {
        m.serialization["name"].lower() for m in members if m.serialization.get("location") in ("header", "headers")
    }


def test_every_header_is_classified():
    model = set().union(*map(headers_of, WRITES))
    judged = OBEYED | set(WITHOUT_CONSEQUENCE) | set(REFUSED)
    assert model - judged == set(), "unclassified headers of AWS's model"
    assert judged - model == set(), "classified headers that are in no request"


@pytest.mark.parametrize("header", list(REFUSED))
@pytest.mark.parametrize("locking", [False, True], ids=["", "with object lock"])
def test_refused_headers(server, s3, wire, bucket_name, header, locking):
    """Refused in each request that can have it, without any effect."""
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=locking)
    path, given = path_of(bucket_name, "k"), {header: REFUSED[header]}
    assert wire("PUT", path, body=b"there").status == 200
    upload = Upload(wire, bucket_name, "upload")
    upload.part(1, b"data")
    requests = {
        "PutObject": lambda: wire("PUT", path, body=b"data", headers=given),
        "CopyObject": lambda: wire("PUT", path_of(bucket_name, "copy"), headers={COPY_SOURCE: path, **given}),
        "CreateMultipartUpload": lambda: wire("POST", path, query="uploads=", headers=given),
        "UploadPart": lambda: upload.part(2, b"data", given),
        "UploadPartCopy": lambda: upload.copy_part(2, path, given),
        "CompleteMultipartUpload": lambda: upload.complete(headers=given),
        "AbortMultipartUpload": lambda: upload.abort(given),
        "DeleteObject": lambda: wire("DELETE", path, headers=given),
        "CreateBucket": lambda: send(server, "PUT", path_of(f"{bucket_name}-2"), headers=given),
    }
    requested = [operation for operation in requests if header in headers_of(operation)]
    assert requested, "none of these requests has it"
    for operation in requested:
        response = requests[operation]()
        assert response.status in (400, 403, 501), (operation, response)
        assert response.error["Code"] in ("NotImplemented", "InvalidRequest", "InvalidArgument"), (operation, response)
    opens_only_with(wire, path, b"there")
    wire("GET", path_of(bucket_name, "copy")).is_error(404, "NoSuchKey")
    assert upload.numbers() == [1]
    assert wire("HEAD", path_of(f"{bucket_name}-2")).status == 404
