"""Each request of the console gets the decision that the same request of S3 gets, for every kind of identity."""

import json

import pytest
from botocore.exceptions import ClientError

from support.accounts import Account
from support.console import Raw
from support.server import Server

BUCKET = "judged-bucket"


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


IDENTITIES = {
    "nobody": None,
    "reader": document(allow("s3:GetObject", "s3:ListBucket", "s3:ListAllMyBuckets")),
    "writer": document(allow("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")),
    "versions": document(allow("s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:ListBucketVersions")),
    "prefix": document(
        allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "mine/*"}}),
        allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/mine/*"),
    ),
    "settings": document(allow("s3:GetBucket*", "s3:PutBucket*", "s3:GetEncryptionConfiguration")),
    "elsewhere": document(allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
    "here": document(allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})),
    "denied": document(allow("s3:*"), {"Effect": "Deny", "Action": "s3:GetObject*", "Resource": "*"}),
    "no own keys": document(
        allow("s3:*"),
        {
            "Effect": "Deny",
            "Action": "s3:PutObject",
            "Resource": "*",
            "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        },
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("judged"), "--trusted-proxy", "127.0.0.1")
    account = Account(server, "Judged")
    owner, iam = account.s3, account.client("iam")
    owner.create_bucket(Bucket=BUCKET)
    owner.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in ["plan.txt", "mine/plan.txt"]:
        version = owner.put_object(Bucket=BUCKET, Key=key, Body=b"x")["VersionId"]
    people = {"root": (account.access_key, account.secret)}
    for name, policies in IDENTITIES.items():
        user = name.replace(" ", "-")
        iam.create_user(UserName=user)
        if policies:
            iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policies)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        people[name] = (key["AccessKeyId"], key["SecretAccessKey"])
    stranger = Account(server, "Stranger")
    people["another account"] = (stranger.access_key, stranger.secret)
    people["the operator"] = (server.access_key, server.secret)
    yield server, people, version
    server.stop()


def status_of(call, **parameters):
    try:
        return call(**parameters)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def test_the_console_decides_as_s3_does(judged):
    server, people, version = judged
    key_header = {"x-amz-server-side-encryption-customer-key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="}
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    at = f"/b/{BUCKET}"
    differences, seen = [], set()
    for name, (access_key, secret) in people.items():
        s3 = server.s3(access_key=access_key, secret=secret, s3={"addressing_style": "path"})
        raw = Raw(server)
        session = raw.session(server, access_key, secret)
        script = {**session, "x-strongroom": "1"}

        def ask(method, path, headers=session, form=None, raw=raw):
            return raw.ask(method, path, headers, form)[0]

        def put(key, headers=None, script=script, raw=raw):
            return raw.ask("PUT", f"{at}/object?key={key}", {**script, "content-length": "0", **(headers or {})})[0]

        there = {"Bucket": BUCKET}
        pairs = {
            "ListBuckets": (status_of(s3.list_buckets), ask("GET", "/buckets")),
            "ListObjects": (status_of(s3.list_objects_v2, **there, Delimiter="/"), ask("GET", at)),
            "ListObjects of a prefix": (
                status_of(s3.list_objects_v2, **there, Prefix="mine/", Delimiter="/"),
                ask("GET", f"{at}?prefix=mine/"),
            ),
            "ListObjectVersions": (
                status_of(s3.list_object_versions, **there, Delimiter="/"),
                ask("GET", f"{at}?show=versions"),
            ),
            "GetObject": (
                status_of(s3.get_object, **there, Key="plan.txt"),
                ask("GET", f"{at}/download?key=plan.txt"),
            ),
            "GetObject by form": (
                status_of(s3.get_object, **there, Key="mine/plan.txt"),
                ask("POST", f"{at}/download", form={"key": "mine/plan.txt"}),
            ),
            "GetObject of a version": (
                status_of(s3.get_object, **there, Key="mine/plan.txt", VersionId=version),
                ask("GET", f"{at}/download?key=mine/plan.txt&version={version}"),
            ),
            "GetObject for a preview": (
                status_of(s3.get_object, **there, Key="plan.txt"),
                ask("GET", f"{at}/content?key=plan.txt", script),
            ),
            "GetObject of nothing": (
                status_of(s3.get_object, **there, Key="none"),
                ask("GET", f"{at}/download?key=none"),
            ),
            "HeadObject": (
                status_of(s3.head_object, **there, Key="plan.txt"),
                ask("GET", f"{at}/object?key=plan.txt"),
            ),
            "PutObject": (status_of(s3.put_object, **there, Key="new", Body=b""), put("new")),
            "PutObject with a key": (
                status_of(s3.put_object, **there, Key="new", Body=b"", **own),
                put("new", key_header),
            ),
            "CreateMultipartUpload": (
                status_of(s3.create_multipart_upload, **there, Key="new"),
                ask("POST", f"{at}/uploads?key=new", script),
            ),
            "ListMultipartUploads": (
                status_of(s3.list_multipart_uploads, **there),
                ask("GET", f"{at}/uploads"),
            ),
            "AbortMultipartUpload of nothing": (
                status_of(s3.abort_multipart_upload, **there, Key="new", UploadId="0" * 32),
                ask("DELETE", f"{at}/uploads/{'0' * 32}?key=new", script),
            ),
            "PutBucketVersioning": (
                status_of(s3.put_bucket_versioning, **there, VersioningConfiguration={"Status": "Enabled"}),
                ask("POST", f"{at}/settings", form={"setting": "versions", "value": "on"}),
            ),
            "PutPublicAccessBlock": (
                status_of(
                    s3.put_public_access_block,
                    **there,
                    PublicAccessBlockConfiguration={
                        "BlockPublicAcls": True,
                        "IgnorePublicAcls": True,
                        "BlockPublicPolicy": True,
                        "RestrictPublicBuckets": True,
                    },
                ),
                ask("POST", f"{at}/settings", form={"setting": "public", "value": "block"}),
            ),
            "DeleteBucket that is not empty": (
                status_of(s3.delete_bucket, **there),
                ask("POST", f"{at}/delete", form={"word": BUCKET}),
            ),
            "CreateBucket of a bad name": (
                403 if name in ("nobody", "reader", "writer", "versions", "prefix", "settings", "elsewhere") else 400,
                ask("POST", "/buckets/new", form={"name": "NO"}),
            ),
            "a bucket that does not exist": (
                status_of(s3.list_objects_v2, Bucket="does-not-exist"),
                ask("GET", "/b/does-not-exist"),
            ),
        }
        for what, (by_s3, by_console) in pairs.items():
            # Forms lead back to a page; documents of S3 have no body.
            by_s3, by_console = ({204: 200, 303: 200}.get(status, status) for status in (by_s3, by_console))
            seen.add(by_s3)
            if by_s3 != by_console:
                differences.append(f"{name}: {what}: S3 {by_s3}, console {by_console}")
    assert differences == []
    assert {200, 403, 404, 409} <= seen
