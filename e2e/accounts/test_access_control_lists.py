"""Access control lists and object ownership, between two accounts and everybody."""

import pytest
import urllib3

from support.accounts import Account, client, code_of, policy
from support.raw import path_of, send_unsigned
from support.server import Server

DENIED = (403, "AccessDenied")
UNSUPPORTED = (400, "AccessControlListNotSupported")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
FULL_OF_BUCKET_OWNER = {"ACL": "bucket-owner-full-control"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("acl"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def owner(place):
    return Account(place, "owner")


@pytest.fixture(scope="module")
def other(place):
    account = Account(place, "other")
    iam = account.client("iam")
    account.users = {}
    for name, statements in {
        "able": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
        "powerless": [],
    }.items():
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        account.users[name] = client(place, "s3", key["AccessKeyId"], key["SecretAccessKey"])
    return account


@pytest.fixture
def bucket(owner, bucket_name):
    """A bucket whose access control lists are enabled and may be public."""
    owner.s3.create_bucket(Bucket=bucket_name, ObjectOwnership="ObjectWriter")
    owner.s3.delete_public_access_block(Bucket=bucket_name)
    return bucket_name


def own(owner, bucket, ownership):
    rules = {"Rules": [{"ObjectOwnership": ownership}]}
    return code_of(owner.s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=rules)


def let_write(owner, bucket, other):
    owner.s3.put_bucket_acl(
        Bucket=bucket,
        GrantFullControl=f'id="{owner.canonical_id}"',
        GrantWrite=f'id="{other.canonical_id}"',
    )


def grants_of(answer):
    def name(grantee):
        return grantee.get("ID") or grantee["URI"].rsplit("/", 1)[1]

    return [(name(grant["Grantee"]), grant["Permission"]) for grant in answer["Grants"]]


def test_canned_lists_of_an_object(place, owner, other, bucket):
    everybody, accounts = (ALL_USERS.rsplit("/", 1)[1], AUTHENTICATED.rsplit("/", 1)[1])
    mine = (owner.canonical_id, "FULL_CONTROL")
    key = {"Bucket": bucket, "Key": "k"}
    for acl, more, nobody, able in [
        ("private", [], 403, False),
        ("public-read", [(everybody, "READ")], 200, True),
        ("public-read-write", [(everybody, "READ"), (everybody, "WRITE")], 200, True),
        ("authenticated-read", [(accounts, "READ")], 403, True),
        ("bucket-owner-read", [], 403, False),
        ("bucket-owner-full-control", [], 403, False),
    ]:
        for write in ("PUT", "ACL"):
            if write == "PUT":
                owner.s3.put_object(**key, Body=b"content", ACL=acl)
            else:
                owner.s3.put_object_acl(**key, ACL="private")
                assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 403
                owner.s3.put_object_acl(**key, ACL=acl)
            assert grants_of(owner.s3.get_object_acl(**key)) == [mine, *more]
            assert send_unsigned(place, "GET", path_of(bucket, "k")).status == nobody
            for caller in [other.s3, other.users["able"]]:
                assert code_of(caller.get_object, **key) == (None if able else DENIED), acl
            assert code_of(other.users["powerless"].get_object, **key) == DENIED
            # Nothing else is granted.
            for call in [other.s3.get_object_acl, other.s3.get_object_tagging, other.s3.delete_object]:
                assert code_of(call, **key) == DENIED
            assert code_of(other.s3.put_object, **key, Body=b"x") == DENIED
    assert code_of(owner.s3.put_object_acl, **key, ACL="aws-exec-read") == (501, "NotImplemented")
    assert code_of(owner.s3.put_object_acl, **key, ACL="log-delivery-write") == (400, "InvalidArgument")


def test_lists_of_a_bucket(place, owner, other, bucket):
    owner.s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    on = {"Bucket": bucket}
    assert send_unsigned(place, "GET", path_of(bucket)).status == 403
    # An object that is missing is hidden from who may not list.
    assert send_unsigned(place, "GET", path_of(bucket, "missing")).status == 403
    owner.s3.put_bucket_acl(**on, ACL="public-read")
    assert send_unsigned(place, "GET", path_of(bucket)).status == 200
    assert send_unsigned(place, "GET", path_of(bucket, "missing")).is_error(404, "NoSuchKey")
    assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 403
    assert send_unsigned(place, "PUT", path_of(bucket, "new"), body=b"x").status == 403
    assert code_of(other.s3.get_bucket_acl, **on) == DENIED

    owner.s3.put_bucket_acl(**on, ACL="public-read-write")
    assert send_unsigned(place, "PUT", path_of(bucket, "new"), body=b"x").status == 200
    assert owner.s3.get_object(**on, Key="new")["Body"].read() == b"x"

    owner.s3.put_bucket_acl(**on, ACL="log-delivery-write")
    assert grants_of(owner.s3.get_bucket_acl(**on))[1:] == [("LogDelivery", "WRITE"), ("LogDelivery", "READ_ACP")]
    assert send_unsigned(place, "GET", path_of(bucket)).status == 403

    owner.s3.put_bucket_acl(**on, GrantReadACP=f"id={other.canonical_id}", GrantWriteACP=f"id={other.canonical_id}")
    read = other.s3.get_bucket_acl(**on)
    assert read["Owner"]["ID"] == owner.canonical_id
    assert sorted(grants_of(read)) == [(other.canonical_id, "READ_ACP"), (other.canonical_id, "WRITE_ACP")]
    assert code_of(other.s3.list_objects_v2, **on) == DENIED
    other.s3.put_bucket_acl(**on, GrantRead=f"id={other.canonical_id}", GrantFullControl=f"id={owner.canonical_id}")
    assert other.s3.list_objects_v2(**on)["KeyCount"] == 2
    assert code_of(other.s3.get_bucket_acl, **on) == DENIED
    # The owner does not need a grant.
    owner.s3.put_bucket_acl(**on, GrantRead=f"id={other.canonical_id}")
    assert owner.s3.list_objects_v2(**on)["KeyCount"] == 2


def test_documents(owner, other, bucket):
    owner.s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    by_id = {"Type": "CanonicalUser", "ID": other.canonical_id}
    for put, get, of in [
        (owner.s3.put_object_acl, owner.s3.get_object_acl, {"Bucket": bucket, "Key": "k"}),
        (owner.s3.put_bucket_acl, owner.s3.get_bucket_acl, {"Bucket": bucket}),
    ]:

        def document(*grants, by=owner.canonical_id):
            grants = [{"Grantee": grantee, "Permission": permission} for grantee, permission in grants]
            return {"AccessControlPolicy": {"Owner": {"ID": by}, "Grants": grants}}

        put(**of, **document((by_id, "READ"), ({"Type": "Group", "URI": AUTHENTICATED}, "READ_ACP"), (by_id, "READ")))
        before = [(other.canonical_id, "READ"), ("AuthenticatedUsers", "READ_ACP")]
        assert grants_of(get(**of)) == before
        unknown = {"Type": "CanonicalUser", "ID": "a" * 64}
        mail = {"Type": "AmazonCustomerByEmail", "EmailAddress": "ann@example.com"}
        for more, expected in [
            (document((unknown, "READ")), (400, "InvalidArgument")),
            (document(({"Type": "CanonicalUser", "ID": "ann"}, "READ")), (400, "InvalidArgument")),
            (document(({"Type": "Group", "URI": "http://example.com"}, "READ")), (400, "InvalidArgument")),
            (document((mail, "READ")), (400, "UnresolvableGrantByEmailAddress")),
            (document((by_id, "EVERYTHING")), (400, "MalformedACLError")),
            (document(*[(by_id, "READ")] * 101), (400, "MalformedACLError")),
            (document((by_id, "READ"), by=other.canonical_id), DENIED),
            ({"ACL": "private", "GrantRead": f"id={other.canonical_id}"}, (400, "InvalidRequest")),
            ({"ACL": "private", **document((by_id, "READ"))}, (400, "UnexpectedContent")),
            ({"GrantRead": "id=ann"}, (400, "InvalidArgument")),
            ({"GrantRead": 'emailAddress="ann@example.com"'}, (400, "UnresolvableGrantByEmailAddress")),
            ({"GrantRead": "rubbish"}, (400, "InvalidArgument")),
            ({"ACL": "rubbish"}, (400, "InvalidArgument")),
            ({}, (400, "MissingSecurityHeader")),
        ]:
            assert code_of(put, **of, **more) == expected, more
            assert grants_of(get(**of)) == before
        put(**of, **document(*[(by_id, "READ")] * 100))
        put(**of, **document())
        assert grants_of(get(**of)) == []


def test_an_object_belongs_to_its_writer(place, owner, other, bucket):
    let_write(owner, bucket, other)
    theirs = {"Bucket": bucket, "Key": "theirs"}
    assert code_of(other.s3.put_object, **theirs, Body=b"content", Tagging="a=b") == DENIED
    other.s3.put_object(**theirs, Body=b"content")
    owner.s3.put_object(Bucket=bucket, Key="own", Body=b"content")

    # The bucket's policy allows nothing on it.
    share = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    owner.s3.put_bucket_policy(Bucket=bucket, Policy=policy(share))
    reads = ["get_object", "head_object", "get_object_acl", "get_object_tagging"]
    for name in reads:
        expected = (403, "403") if name == "head_object" else DENIED
        assert code_of(getattr(owner.s3, name), **theirs) == expected, name
        assert code_of(getattr(other.s3, name), **theirs) is None, name
        assert code_of(getattr(other.users["powerless"], name), **theirs) == expected, name
    assert send_unsigned(place, "GET", path_of(bucket, "theirs")).status == 403
    assert send_unsigned(place, "GET", path_of(bucket, "own")).status == 200
    source = {"Bucket": bucket, "CopySource": f"{bucket}/theirs"}
    assert code_of(owner.s3.copy_object, **source, Key="copy") == DENIED

    # Listings name the owners.
    listed = owner.s3.list_objects(Bucket=bucket)["Contents"]
    expected = {"own": owner.canonical_id, "theirs": other.canonical_id}
    assert {entry["Key"]: entry["Owner"]["ID"] for entry in listed} == expected
    listed = owner.s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"]
    assert {entry["Key"]: entry["Owner"]["ID"] for entry in listed} == expected
    listed = owner.s3.list_object_versions(Bucket=bucket)["Versions"]
    assert {entry["Key"]: entry["Owner"]["ID"] for entry in listed} == expected

    # A Deny reaches it, and its owner can share it.
    other.s3.put_object_acl(**theirs, **FULL_OF_BUCKET_OWNER)
    assert owner.s3.get_object(**theirs)["Body"].read() == b"content"
    owner.s3.put_object_acl(**theirs, ACL="private")
    assert code_of(owner.s3.get_object, **theirs) == DENIED
    other.s3.put_object_acl(**theirs, ACL="public-read")
    assert send_unsigned(place, "GET", path_of(bucket, "theirs")).status == 200
    deny = {**share, "Effect": "Deny", "Action": "s3:GetObject"}
    owner.s3.put_bucket_policy(Bucket=bucket, Policy=policy(deny))
    for caller in (owner.s3, other.s3):
        assert code_of(caller.get_object, **theirs) == DENIED
    owner.s3.delete_bucket_policy(Bucket=bucket)
    # Its owner deletes it; so does the bucket's owner; a writer deletes nothing else.
    assert code_of(other.s3.delete_object, Bucket=bucket, Key="own") == DENIED
    other.s3.delete_object(**theirs)
    other.s3.put_object(**theirs, Body=b"content")
    owner.s3.delete_object(**theirs)
    assert [entry["Key"] for entry in owner.s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["own"]


def test_the_bucket_owner_may_be_preferred(owner, other, bucket):
    assert own(owner, bucket, "BucketOwnerPreferred") is None
    let_write(owner, bucket, other)

    def written(key, **more):
        other.s3.put_object(Bucket=bucket, Key=key, Body=b"content", **more)
        listed = owner.s3.list_objects_v2(Bucket=bucket, FetchOwner=True, Prefix=key)["Contents"]
        return listed[0]["Owner"]["ID"]

    assert written("a") == other.canonical_id
    assert written("b", **FULL_OF_BUCKET_OWNER) == owner.canonical_id
    assert code_of(other.s3.get_object, Bucket=bucket, Key="b") == DENIED
    # Only the canned list gives it away.
    full = ", ".join(f"id={account.canonical_id}" for account in (owner, other))
    assert written("c", GrantFullControl=full) == other.canonical_id
    assert owner.s3.get_object(Bucket=bucket, Key="c")["Body"].read() == b"content"
    own(owner, bucket, "ObjectWriter")
    assert written("d", **FULL_OF_BUCKET_OWNER) == other.canonical_id


def test_lists_are_disabled_and_come_back(place, owner, other, bucket):
    let_write(owner, bucket, other)
    key = {"Bucket": bucket, "Key": "k"}
    other.s3.put_object(**key, Body=b"content", ACL="public-read")
    assert code_of(owner.s3.put_object_acl, **key, ACL="private") == DENIED
    assert own(owner, bucket, "BucketOwnerEnforced") == (400, "InvalidBucketAclWithObjectOwnership")
    owner.s3.put_bucket_acl(Bucket=bucket, ACL="private")
    assert own(owner, bucket, "BucketOwnerEnforced") is None

    # Everything is the bucket owner's, and no list has an effect.
    assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 403
    assert code_of(other.s3.get_object, **key) == DENIED
    assert owner.s3.get_object(**key)["Body"].read() == b"content"
    read = owner.s3.get_object_acl(**key)
    assert read["Owner"]["ID"] == owner.canonical_id
    assert grants_of(read) == [(owner.canonical_id, "FULL_CONTROL")]
    assert owner.s3.list_objects(Bucket=bucket)["Contents"][0]["Owner"]["ID"] == owner.canonical_id
    for more in [{"ACL": "public-read"}, {"GrantRead": f"id={other.canonical_id}"}]:
        assert code_of(owner.s3.put_object_acl, **key, **more) == UNSUPPORTED
        assert code_of(owner.s3.put_object, **key, **more) == UNSUPPORTED
        assert code_of(owner.s3.copy_object, **key, CopySource=f"{bucket}/k", **more) == UNSUPPORTED
        assert code_of(owner.s3.create_multipart_upload, **key, **more) == UNSUPPORTED
        assert code_of(owner.s3.put_bucket_acl, Bucket=bucket, **more) == UNSUPPORTED
    owner.s3.put_object_acl(**key, **FULL_OF_BUCKET_OWNER)

    owner.s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 200
    assert other.s3.get_object_acl(**key)["Owner"]["ID"] == other.canonical_id


def test_the_public_access_block(place, owner, other, bucket):
    key = {"Bucket": bucket, "Key": "k"}
    owner.s3.put_object(**key, Body=b"content", ACL="public-read")
    owner.s3.put_bucket_acl(Bucket=bucket, ACL="public-read")

    def block(*names):
        every = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
        flags = {name: name in names for name in every}
        owner.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=flags)

    block("BlockPublicAcls")
    assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 200
    group = {"GrantRead": f'uri="{AUTHENTICATED}"'}
    for more in [{"ACL": "public-read"}, {"ACL": "authenticated-read"}, group]:
        assert code_of(owner.s3.put_object_acl, **key, **more) == DENIED
        assert code_of(owner.s3.put_object, **key, **more) == DENIED
        assert code_of(owner.s3.copy_object, **{**key, "Key": "copy"}, CopySource=f"{bucket}/k", **more) == DENIED
        assert code_of(owner.s3.create_multipart_upload, **key, **more) == DENIED
        assert code_of(owner.s3.put_bucket_acl, Bucket=bucket, **more) == DENIED
    block("IgnorePublicAcls")
    owner.s3.put_object_acl(**key, GrantRead=f'id={other.canonical_id}, uri="{ALL_USERS}"')
    assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 403
    assert send_unsigned(place, "GET", path_of(bucket)).status == 403
    assert code_of(other.s3.get_object, **key) is None
    block()
    assert send_unsigned(place, "GET", path_of(bucket, "k")).status == 200


def test_lists_at_the_creation_of_a_bucket(owner, other, bucket_name):
    create = owner.s3.create_bucket
    wrong = (400, "InvalidBucketAclWithObjectOwnership")
    for ownership in [{}, {"ObjectOwnership": "BucketOwnerEnforced"}]:
        assert code_of(create, Bucket=bucket_name, ACL="public-read", **ownership) == wrong
    writer = {"Bucket": bucket_name, "ObjectOwnership": "ObjectWriter"}
    blocked = (400, "InvalidBucketAclWithBlockPublicAccessError")
    assert code_of(create, **writer, ACL="public-read") == blocked
    assert code_of(create, **writer, GrantRead="id=ann") == (400, "InvalidArgument")
    assert code_of(create, Bucket=bucket_name, ObjectOwnership="Nobody") == (400, "InvalidArgument")
    create(**writer, GrantRead=f"id={other.canonical_id}")
    assert grants_of(owner.s3.get_bucket_acl(Bucket=bucket_name)) == [(other.canonical_id, "READ")]
    assert other.s3.list_objects_v2(Bucket=bucket_name)["KeyCount"] == 0
    # In us-east-1 creating it again resets the list.
    create(Bucket=bucket_name)
    assert code_of(other.s3.list_objects_v2, Bucket=bucket_name) == DENIED


def test_lists_of_versions_and_copies(place, owner, bucket):
    owner.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    key = {"Bucket": bucket, "Key": "k"}
    first = owner.s3.put_object(**key, Body=b"1", ACL="public-read")["VersionId"]
    second = owner.s3.put_object(**key, Body=b"2")["VersionId"]

    def status(version=None):
        query = f"versionId={version}" if version else ""
        return send_unsigned(place, "GET", path_of(bucket, "k"), query=query).status

    assert (status(), status(first), status(second)) == (403, 200, 403)
    owner.s3.put_object_acl(**key, VersionId=second, ACL="public-read")
    owner.s3.put_object_acl(**key, VersionId=first, ACL="private")
    assert (status(), status(first), status(second)) == (200, 403, 200)
    assert len(owner.s3.get_object_acl(**key, VersionId=first)["Grants"]) == 1
    assert len(owner.s3.get_object_acl(**key)["Grants"]) == 2
    # A copy does not take the list of its source; a change of tags keeps it.
    owner.s3.put_object_tagging(**key, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert status() == 200
    owner.s3.copy_object(**key, CopySource=f"{bucket}/k", MetadataDirective="REPLACE")
    assert status() == 403
    owner.s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", ACL="public-read")
    assert send_unsigned(place, "GET", path_of(bucket, "copy")).status == 200


def test_uploads_in_parts(place, owner, other, bucket):
    let_write(owner, bucket, other)
    able = other.users["able"]
    upload = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = able.create_multipart_upload(**upload, ACL="public-read")["UploadId"]
    etag = able.upload_part(**upload, PartNumber=1, Body=b"content")["ETag"]
    arn = f"arn:aws:iam::{other.id}:user/able"
    for listed in [
        owner.s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0],
        owner.s3.list_parts(**upload),
        able.list_parts(**upload),
        other.s3.list_parts(**upload),
    ]:
        assert (listed["Initiator"]["ID"], listed["Owner"]["ID"]) == (arn, other.canonical_id)
    assert code_of(other.users["powerless"].list_parts, **upload) == DENIED
    able.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert send_unsigned(place, "GET", path_of(bucket, "k")).body == b"content"
    assert able.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == other.canonical_id

    # Whoever began an upload may abort it, and a root user is shown as its account.
    root = {"Bucket": bucket, "Key": "r"}
    root["UploadId"] = owner.s3.create_multipart_upload(**root)["UploadId"]
    assert owner.s3.list_parts(**root)["Initiator"]["ID"] == owner.canonical_id
    for call in (other.s3.list_parts, other.s3.abort_multipart_upload):
        assert code_of(call, **root) == DENIED
    mine = {"Bucket": bucket, "Key": "m"}
    mine["UploadId"] = able.create_multipart_upload(**mine)["UploadId"]
    assert code_of(other.users["powerless"].abort_multipart_upload, **mine) == DENIED
    able.abort_multipart_upload(**mine)

    # An upload that is completed after lists were disabled belongs to the bucket's owner, for good.
    late = {"Bucket": bucket, "Key": "late"}
    late["UploadId"] = other.s3.create_multipart_upload(**late, ACL="public-read")["UploadId"]
    etag = other.s3.upload_part(**late, PartNumber=1, Body=b"late")["ETag"]
    owner.s3.put_bucket_acl(Bucket=bucket, ACL="private")
    own(owner, bucket, "BucketOwnerEnforced")
    owner.s3.complete_multipart_upload(**late, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    own(owner, bucket, "ObjectWriter")
    assert owner.s3.get_object(Bucket=bucket, Key="late")["Body"].read() == b"late"
    assert send_unsigned(place, "GET", path_of(bucket, "late")).status == 403


def test_a_grant_does_not_replace_a_customer_key(place, owner, other, bucket):
    key = {"Bucket": bucket, "Key": "k"}
    sse = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    owner.s3.put_object(**key, Body=b"content", GrantRead=f"id={other.canonical_id}", **sse)
    assert code_of(other.s3.get_object, **key)[0] == 400
    assert other.s3.get_object(**key, **sse)["Body"].read() == b"content"
    # The owner changes the list without the key, and the key alone opens nothing.
    owner.s3.put_object_acl(**key, ACL="private")
    assert code_of(other.s3.get_object, **key, **sse) == DENIED


def test_forms(place, owner, bucket):
    owner.s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    pool = urllib3.PoolManager(ca_certs=place.ca_file)
    for acl, status in [("private", 403), ("public-read", 200)]:
        fields = {"key": "k", "acl": acl, "file": ("f", b"content")}
        sent = pool.request("POST", f"{place.https}/{bucket}", fields=fields)
        assert sent.status == 204, sent.data
        assert send_unsigned(place, "GET", path_of(bucket, "k")).status == status
        # Somebody without an account owns nothing.
        assert owner.s3.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == owner.canonical_id


def test_policies_see_the_lists_of_requests(owner, other, bucket):
    """AWS's example: an upload must give the bucket's owner full control."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": other.id},
        "Action": ["s3:PutObject", "s3:PutObjectAcl"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    key = {"Bucket": bucket, "Key": "k", "Body": b"content"}
    for test, given in [
        ({"s3:x-amz-acl": "bucket-owner-full-control"}, FULL_OF_BUCKET_OWNER),
        (
            {"s3:x-amz-grant-full-control": f"id={owner.canonical_id}"},
            {"GrantFullControl": f"id={owner.canonical_id}"},
        ),
    ]:
        conditional = {**statement, "Condition": {"StringEquals": test}}
        owner.s3.put_bucket_policy(Bucket=bucket, Policy=policy(conditional))
        assert code_of(other.s3.put_object, **key) == DENIED
        assert code_of(other.s3.put_object, **key, ACL="private") == DENIED
        assert code_of(other.s3.put_object, **key, **given) is None
        assert owner.s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"content"
