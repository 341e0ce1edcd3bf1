"""Refused uploads over HTTPS: every client reports the S3 error of the server, not a broken connection.

The file is so large that neither side buffers it: the client is still sending when the server responds.
"""

import pytest

from support.programs.program import MIB, Place, output_of
from support.programs.uploaders import Upload, aws_cli, curl, javascript, python, rclone
from support.raw import sse_c

SIZE = 20 * MIB
CLIENTS = {
    "aws-cli": aws_cli,
    "boto3": python("boto3"),
    "aioboto3": python("aioboto3"),
    "minio-py": python("minio"),
    "obstore": python("obstore"),
    "opendal": python("opendal"),
    "aws-sdk-js": javascript("aws-sdk"),
    "minio-js": javascript("minio"),
    "rclone": rclone,
    "curl": curl(),
    "curl-sends-at-once": curl("-H", "Expect:"),
    "curl-chunked": curl("-H", "Transfer-Encoding: chunked"),
    "curl-chunked-at-once": curl("-H", "Transfer-Encoding: chunked", "-H", "Expect:"),
}
KMS = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "no-such-key"}
# Code and a part of the message.
REFUSALS = {
    "wrong-secret": ("SignatureDoesNotMatch", "The request signature we calculated does not match"),
    "no-bucket": ("NoSuchBucket", "The specified bucket does not exist"),
    "blocked-sse-c": ("AccessDenied", "this bucket has blocked"),
    "unknown-kms-key": ("KMS.NotFoundException", "no-such-key"),
    "condition": ("PreconditionFailed", "At least one of the pre-conditions you specified did not hold"),
    "no-length": ("NotImplemented", "A header you provided implies functionality that is not implemented"),
}
CHUNKED = {"curl-chunked", "curl-chunked-at-once"}
# They have no way to send a condition: minio-py has no argument for it, rclone refuses the header ("Don't know how to set").
NO_CONDITIONS = {"minio-py", "rclone"}


def does_not_happen(client, refusal):
    """Returns whether a client cannot be refused for this reason."""
    # A body without a length is refused for that first, if the signature is right.
    needs_length = client in CHUNKED and refusal != "wrong-secret"
    return (refusal == "no-length") != needs_length or (refusal == "condition" and client in NO_CONDITIONS)


CASES = [(client, refusal) for client in CLIENTS for refusal in REFUSALS if not does_not_happen(client, refusal)]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("upload") / "file"
    file.write_bytes(bytes(SIZE))
    return file


@pytest.mark.parametrize("client, refusal", CASES)
def test_the_client_shows_the_error(server, s3, bucket, bucket_name, file, tmp_path, customer_key, client, refusal):
    secret, headers = server.secret, {}
    match refusal:
        case "wrong-secret":
            secret = "x" * 40
        case "no-bucket":
            s3.delete_bucket(Bucket=bucket)
        case "blocked-sse-c":
            headers = sse_c(customer_key)
            rule = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        case "unknown-kms-key":
            headers = KMS
        case "condition":
            headers = {"If-None-Match": "*"}
            s3.put_object(Bucket=bucket, Key="refused", Body=b"data")
    upload = Upload(server, bucket, file, secret, headers)
    done = CLIENTS[client](upload, Place(tmp_path / "home"))
    output = output_of(done)
    assert done.returncode != 0, output
    for part in REFUSALS[refusal]:
        assert part in output, output
