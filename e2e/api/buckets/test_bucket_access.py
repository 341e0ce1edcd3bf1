"""Access settings of a bucket: policy, public access block, ownership, access control lists."""

import json

import pytest

from support.documents import get, put, refused
from support.raw import path_of, send

OWNER = "5374726f6e67726f6f6d20726f6f74206163636f756e74000000000000000000"
BLOCK = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]


def policy(bucket, principal="*", **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    statement["Resource"] = f"arn:aws:s3:::{bucket}/*"
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **more}]})


def test_policy(s3, bucket):
    for operation in [s3.get_bucket_policy, s3.get_bucket_policy_status]:
        assert refused(operation, "NoSuchBucketPolicy", Bucket=bucket) == 404
    private = policy(bucket, {"AWS": "arn:aws:iam::000000000000:root"})
    response = s3.put_bucket_policy(Bucket=bucket, Policy=private)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == private
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    for _ in range(2):
        assert s3.delete_bucket_policy(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_policy, "NoSuchBucketPolicy", Bucket=bucket) == 404


def test_public_policies_are_blocked_until_the_block_is_lifted(s3, bucket):
    """The default of AWS for new buckets since April 2023."""
    assert refused(s3.put_bucket_policy, "AccessDenied", Bucket=bucket, Policy=policy(bucket)) == 403
    assert refused(s3.get_bucket_policy, "NoSuchBucketPolicy", Bucket=bucket) == 404
    flags = {name: name != "BlockPublicPolicy" for name in BLOCK}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=flags)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "rubbish",
        "<Policy/>",
        '{"Version": "2012-10-17", "Statement": []}',
        policy("another-bucket"),
        "[" * 10000,
    ],
)
def test_invalid_policies(server, s3, bucket, text):
    response = send(server, "PUT", path_of(bucket), query="policy=", body=text.encode())
    response.is_error(400, "MalformedPolicy")
    assert get(server, bucket, "policy").status == 404


def test_public_access_block(server, s3, bucket):
    reported = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert reported == dict.fromkeys(BLOCK, True)
    given = {
        "BlockPublicAcls": False,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": True,
    }
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=given)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == given
    root = "PublicAccessBlockConfiguration"
    for wrong in [f"<{root}><BlockPublicAcls>no</BlockPublicAcls></{root}>", f"<{root}><Other/></{root}>"]:
        put(server, bucket, "publicAccessBlock", wrong).is_error(400, "MalformedXML")
    for _ in range(2):
        assert s3.delete_public_access_block(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    code = "NoSuchPublicAccessBlockConfiguration"
    assert refused(s3.get_public_access_block, code, Bucket=bucket) == 404


def test_ownership(server, s3, bucket):
    def reported():
        return s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]

    assert reported() == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    for ownership in ["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"]:
        rules = [{"ObjectOwnership": ownership}]
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})
        assert reported() == rules
    rule = "<Rule><ObjectOwnership>{}</ObjectOwnership></Rule>"
    for wrong in ["", rule.format("Nobody"), rule.format("ObjectWriter") * 2]:
        document = f"<OwnershipControls>{wrong}</OwnershipControls>"
        put(server, bucket, "ownershipControls", document).is_error(400, "MalformedXML")
    for _ in range(2):
        s3.delete_bucket_ownership_controls(Bucket=bucket)
    code = "OwnershipControlsNotFoundError"
    assert refused(s3.get_bucket_ownership_controls, code, Bucket=bucket) == 404


def test_access_control_lists(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    of_object = {"Bucket": bucket, "Key": "k"}
    for read, write, of in [
        (s3.get_bucket_acl, s3.put_bucket_acl, {"Bucket": bucket}),
        (s3.get_object_acl, s3.put_object_acl, of_object),
    ]:
        reported = read(**of)
        assert reported["Owner"]["ID"] == OWNER
        [grant] = reported["Grants"]
        assert grant == {"Grantee": {"ID": OWNER, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
        write(**of, ACL="private")
        write(**of, AccessControlPolicy={"Owner": reported["Owner"], "Grants": reported["Grants"]})
        write(**of, GrantFullControl=f'id="{OWNER}"')
        anyone = "uri=http://acs.amazonaws.com/groups/global/AllUsers"
        other = {**grant, "Permission": "READ", "Grantee": {"Type": "CanonicalUser", "ID": "a" * 64}}
        for more in [
            {"ACL": "public-read"},
            {"GrantRead": anyone},
            {"AccessControlPolicy": {"Owner": reported["Owner"], "Grants": [grant, other]}},
        ]:
            assert refused(write, "AccessControlListNotSupported", **of, **more) == 400
        assert read(**of)["Grants"] == [grant]
    refused(s3.get_object_acl, "NoSuchKey", Bucket=bucket, Key="missing")
    refused(s3.put_object_acl, "NoSuchKey", Bucket=bucket, Key="missing", ACL="private")


def test_access_control_lists_with_object_writer_ownership(s3, bucket):
    """A new bucket blocks public lists; grants are tested with accounts."""
    for ownership in ["BucketOwnerPreferred", "ObjectWriter"]:
        rules = [{"ObjectOwnership": ownership}]
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})
        s3.put_bucket_acl(Bucket=bucket, ACL="private")
        refused(s3.put_bucket_acl, "AccessDenied", Bucket=bucket, ACL="public-read")
        refused(s3.put_object, "AccessDenied", Bucket=bucket, Key="k", Body=b"", ACL="public-read")
        s3.put_object(Bucket=bucket, Key="k", Body=b"", ACL="bucket-owner-full-control")


def test_writing_with_an_access_control_list(server, s3, bucket, bucket_name):
    for acl in ["private", "bucket-owner-full-control"]:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL=acl)
    refused(s3.put_object, "AccessControlListNotSupported", Bucket=bucket, Key="new", Body=b"x", ACL="public-read")
    send(server, "PUT", path_of(bucket, "new"), headers={"x-amz-acl": "rubbish"}).is_error(400, "InvalidArgument")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    other = f"{bucket_name}-2"
    code = "InvalidBucketAclWithObjectOwnership"
    assert refused(s3.create_bucket, code, Bucket=other, ACL="public-read") == 400
    code = "InvalidBucketAclWithBlockPublicAccessError"
    refused(s3.create_bucket, code, Bucket=other, ACL="public-read", ObjectOwnership="ObjectWriter")
    s3.create_bucket(Bucket=other, ACL="private", ObjectOwnership="ObjectWriter")
    rules = s3.get_bucket_ownership_controls(Bucket=other)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "ObjectWriter"}]


def test_an_access_control_list_needs_no_customer_key(s3, bucket, customer_key):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", **key)
    assert s3.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == OWNER
