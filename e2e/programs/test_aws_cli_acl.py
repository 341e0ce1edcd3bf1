"""The AWS CLI with access control lists: `--acl`, `--grants`, `s3api put-object-acl`."""

import json

import pytest

from support.programs.aws import Aws
from support.raw import path_of, send_unsigned


@pytest.fixture
def aws(server, bucket, tmp_path):
    return Aws(server, bucket, tmp_path / "home")


def test_a_public_object(aws, server, bucket):
    content = aws.place.file("up", 100)
    aws.fails("(AccessControlListNotSupported)", "s3", "cp", "up", f"{aws.url}/k", "--acl", "public-read")
    aws.api("put-bucket-ownership-controls", "--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerPreferred}]")
    aws.fails("(AccessDenied)", "s3", "cp", "up", f"{aws.url}/k", "--acl", "public-read")
    aws.api("delete-public-access-block")
    aws.s3("cp", "up", f"{aws.url}/k", "--acl", "public-read")
    assert send_unsigned(server, "GET", path_of(bucket, "k")).body == content
    aws.api("put-object-acl", "--key", "k", "--acl", "private")
    assert send_unsigned(server, "GET", path_of(bucket, "k")).status == 403
    read = aws.api("get-object-acl", "--key", "k")
    group = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    read["Grants"].append({"Grantee": group, "Permission": "READ"})
    aws.api("put-object-acl", "--key", "k", "--access-control-policy", json.dumps(read))
    assert aws.api("get-object-acl", "--key", "k") == read
    assert send_unsigned(server, "GET", path_of(bucket, "k")).body == content
    aws.s3("cp", "up", f"{aws.url}/other", "--grants", f"read=uri={group['URI']}")
    assert send_unsigned(server, "GET", path_of(bucket, "other")).body == content
    aws.api("put-bucket-acl", "--acl", "public-read")
    assert send_unsigned(server, "GET", path_of(bucket)).status == 200
    wrong = ["--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]"]
    controls = ["s3api", "put-bucket-ownership-controls", "--bucket", bucket, *wrong]
    aws.fails("(InvalidBucketAclWithObjectOwnership)", *controls)
