"""`aws s3api`: multipart uploads step by step."""

import json
import secrets

import pytest

from support.programs.aws import Aws
from support.programs.program import MIB, holds_sealed, names_in, sse_c


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


def test_an_upload_step_by_step(aws, s3, bucket, customer_key):
    key = aws.api_key("customer.key", customer_key)
    first, second = aws.place.file("1", 5 * MIB), aws.place.file("2", 100_000)
    source = secrets.token_bytes(8 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=source, **sse_c(customer_key))

    made = aws.api("create-multipart-upload", "--key", "k", *key, "--metadata", "a=b", "--content-type", "text/x-own")
    assert made["SSECustomerAlgorithm"] == "AES256"
    at = ["--key", "k", "--upload-id", made["UploadId"]]
    parts = [aws.api("upload-part", *at, "--part-number", "1", "--body", "1", *key)]
    range_of = ["--copy-source-range", f"bytes=100-{100 + 6 * MIB - 1}"]
    source_key = [option.replace("--sse-", "--copy-source-sse-") for option in key]
    source_at = ["--copy-source", f"{bucket}/source", *range_of, *source_key]
    parts.append(aws.api("upload-part-copy", *at, "--part-number", "2", *source_at, *key)["CopyPartResult"])
    parts.append(aws.api("upload-part", *at, "--part-number", "7", "--body", "2", *key))

    listed = aws.api("list-parts", *at)["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in listed] == [(1, 5 * MIB), (2, 6 * MIB), (7, 100_000)]
    assert [part["ETag"] for part in listed] == [part["ETag"] for part in parts]
    uploads = aws.api("list-multipart-uploads")["Uploads"]
    assert [(upload["Key"], upload["UploadId"]) for upload in uploads] == [("k", made["UploadId"])]
    assert names_in(s3, bucket) == ["source"], "an upload in progress is no object"

    requested = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in zip([1, 2, 7], parts, strict=True)]
    (aws.place / "parts.json").write_text(json.dumps({"Parts": requested}))
    done = aws.api("complete-multipart-upload", *at, "--multipart-upload", "file://parts.json")
    assert done["ETag"].endswith('-3"') and done["Key"] == "k"
    content = first + source[100 : 100 + 6 * MIB] + second
    got = holds_sealed(s3, bucket, "k", content, customer_key)
    assert got["Metadata"] == {"a": "b"} and got["ContentType"] == "text/x-own"
    aws.api("get-object", "--key", "k", "--part-number", "2", *key, "down")
    assert (aws.place / "down").read_bytes() == source[100 : 100 + 6 * MIB]
    assert aws.api("list-multipart-uploads").get("Uploads", []) == []


def test_parts_need_the_key_of_their_upload(aws, s3, bucket, customer_key):
    aws.place.file("1", 1000)
    made = aws.api("create-multipart-upload", "--key", "k", *aws.api_key("customer.key", customer_key))
    part = ["s3api", "upload-part", "--bucket", bucket, "--key", "k", "--upload-id", made["UploadId"]]
    part += ["--part-number", "1", "--body", "1"]
    aws.fails("(InvalidRequest)", *part)
    aws.fails("(InvalidRequest)", *part, *aws.api_key("wrong.key", secrets.token_bytes(32)))
    assert aws.api("list-parts", "--key", "k", "--upload-id", made["UploadId"]).get("Parts", []) == []
    aws.api("abort-multipart-upload", "--key", "k", "--upload-id", made["UploadId"])
    aws.fails("(NoSuchUpload)", *part, *aws.api_key("customer.key", customer_key))
