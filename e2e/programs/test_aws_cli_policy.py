"""`aws s3api`: a bucket policy and its effect."""

import json
import secrets

import pytest

from support.programs.aws import Aws
from support.programs.program import holds, holds_sealed


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


def test_a_policy_that_demands_encryption(aws, s3, bucket, server):
    """A well-known policy: no object without a customer key."""
    url = f"arn:aws:s3:::{bucket}/*"
    header = "s3:x-amz-server-side-encryption-customer-algorithm"
    deny = {"Sid": "OnlySSEC", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": url}
    policy = {"Version": "2012-10-17", "Statement": [{**deny, "Condition": {"Null": {header: "true"}}}]}
    aws.api("put-bucket-policy", "--policy", json.dumps(policy))
    assert json.loads(aws.api("get-bucket-policy")["Policy"]) == policy
    content = aws.place.file("up", 100)
    aws.fails("(AccessDenied)", "s3", "cp", "up", f"{aws.url}/k")
    aws.s3("cp", "up", f"{aws.url}/k", *aws.key("customer.key", secret := secrets.token_bytes(32)))
    holds_sealed(s3, bucket, "k", content, secret)
    aws.api("delete-bucket-policy")
    aws.fails("(NoSuchBucketPolicy)", "s3api", "get-bucket-policy", "--bucket", bucket)
    aws.s3("cp", "up", f"{aws.url}/k")
    holds(s3, bucket, "k", content)
