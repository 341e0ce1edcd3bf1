"""Two customers on one store: neither sees or reaches what is the other's, except what the other shares."""

import json
import os

import pytest

from support import audit_log
from support.accounts import FIRST, Account, client, code_of, command, policy
from support.raw import path_of, send_unsigned
from support.server import Server, run

DENIED = (403, "AccessDenied")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("accounts"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def museum(place):
    account = Account(place, "museum")
    account.s3.create_bucket(Bucket="paintings")
    account.s3.put_object(Bucket="paintings", Key="night", Body=b"night watch")
    return account


@pytest.fixture(scope="module")
def library(place):
    account = Account(place, "The Library")
    account.s3.create_bucket(Bucket="books")
    return account


def test_a_new_account(museum):
    assert len(museum.id) == 12 and museum.id.isdigit() and len(museum.canonical_id) == 64
    assert "aws configure set aws_access_key_id" in museum.page and "--profile museum" in museum.page
    listed = museum.s3.list_buckets()
    assert [bucket["Name"] for bucket in listed["Buckets"]] == ["paintings"]
    assert listed["Owner"]["ID"] == museum.canonical_id


def test_the_lists_of_accounts(place, museum, library):
    lines = command(place, "list", "--json").stdout.decode().splitlines()
    accounts = {account["name"]: account for account in map(json.loads, lines)}
    assert accounts["museum"]["id"] == museum.id and accounts["museum"]["status"] == "active"
    assert accounts["The Library"]["root_keys"] == [library.access_key]
    assert FIRST in {account["id"] for account in accounts.values()}
    assert "museum" in command(place, "list").stdout.decode()


def test_buckets_belong_to_their_account(place, museum, library):
    names = [bucket["Name"] for bucket in library.s3.list_buckets()["Buckets"]]
    assert names == ["books"]
    assert place.s3().list_buckets()["Buckets"] == []
    assert code_of(library.s3.create_bucket, Bucket="paintings") == (409, "BucketAlreadyExists")
    # In us-east-1 the owner may create its bucket again.
    assert code_of(museum.s3.create_bucket, Bucket="paintings") is None


def test_nobody_reaches_what_is_anothers(place, museum, library):
    first = place.s3()
    for other in (library.s3, first):
        on = {"Bucket": "paintings"}
        for call, parameters in [
            (other.get_object, {"Key": "night"}),
            (other.put_object, {"Key": "forged", "Body": b""}),
            (other.delete_object, {"Key": "night"}),
            (other.list_objects_v2, {}),
            (other.get_bucket_policy, {}),
            (other.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Enabled"}}),
            (other.delete_bucket, {}),
            (other.create_multipart_upload, {"Key": "k"}),
            (other.get_bucket_acl, {}),
        ]:
            assert code_of(call, **on, **parameters) == DENIED, call
        # HEAD has no body with a code.
        assert code_of(other.head_bucket, **on)[0] == 403
        assert code_of(other.head_object, **on, Key="night")[0] == 403
        source = {"Bucket": "paintings", "Key": "night"}
        assert code_of(library.s3.copy_object, Bucket="books", Key="stolen", CopySource=source) == DENIED
        objects = {"Objects": [{"Key": "night"}]}
        assert code_of(other.delete_objects, Bucket="paintings", Delete=objects) == DENIED
    assert museum.s3.get_object(Bucket="paintings", Key="night")["Body"].read() == b"night watch"


def test_owners_in_documents(museum):
    listed = museum.s3.list_objects_v2(Bucket="paintings", FetchOwner=True)["Contents"]
    assert {item["Owner"]["ID"] for item in listed} == {museum.canonical_id}
    versions = museum.s3.list_object_versions(Bucket="paintings")["Versions"]
    assert {item["Owner"]["ID"] for item in versions} == {museum.canonical_id}
    upload = museum.s3.create_multipart_upload(Bucket="paintings", Key="big")["UploadId"]
    begun = museum.s3.list_multipart_uploads(Bucket="paintings")["Uploads"]
    assert {item["Owner"]["ID"] for item in begun} == {museum.canonical_id}
    parts = museum.s3.list_parts(Bucket="paintings", Key="big", UploadId=upload)
    assert parts["Owner"]["ID"] == parts["Initiator"]["ID"] == museum.canonical_id
    museum.s3.abort_multipart_upload(Bucket="paintings", Key="big", UploadId=upload)
    acl = museum.s3.get_object_acl(Bucket="paintings", Key="night")
    assert acl["Owner"]["ID"] == acl["Grants"][0]["Grantee"]["ID"] == museum.canonical_id
    assert code_of(museum.s3.put_object_acl, Bucket="paintings", Key="night", AccessControlPolicy=acl_of(acl)) is None


def acl_of(acl):
    return {"Owner": acl["Owner"], "Grants": acl["Grants"]}


def test_the_expected_owner(museum):
    get = {"Bucket": "paintings", "Key": "night"}
    assert code_of(museum.s3.get_object, **get, ExpectedBucketOwner=museum.id) is None
    assert code_of(museum.s3.get_object, **get, ExpectedBucketOwner=FIRST) == DENIED
    source = {"CopySource": get, "Bucket": "paintings", "Key": "copy"}
    assert code_of(museum.s3.copy_object, **source, ExpectedSourceBucketOwner=FIRST) == DENIED
    assert code_of(museum.s3.copy_object, **source, ExpectedSourceBucketOwner=museum.id) is None


def test_a_bucket_policy_shares_with_another_account(museum, library):
    for principal in (library.id, f"arn:aws:iam::{library.id}:root"):
        share = {
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::paintings/*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": library.id, "aws:ResourceAccount": museum.id}},
        }
        museum.s3.put_bucket_policy(Bucket="paintings", Policy=policy(share))
        assert library.s3.get_object(Bucket="paintings", Key="night")["Body"].read() == b"night watch"
        assert code_of(library.s3.delete_object, Bucket="paintings", Key="night") == DENIED
        # The policy of a bucket is its account's: nobody else may read or change it.
        assert code_of(library.s3.get_bucket_policy, Bucket="paintings") == DENIED
        source = {"Bucket": "paintings", "Key": "night"}
        library.s3.copy_object(Bucket="books", Key="night", CopySource=source)
        museum.s3.delete_bucket_policy(Bucket="paintings")
        assert code_of(library.s3.get_object, Bucket="paintings", Key="night") == DENIED


def test_a_policy_that_locks_out(museum):
    nobody = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::paintings", "arn:aws:s3:::paintings/*"],
    }
    museum.s3.put_bucket_policy(Bucket="paintings", Policy=policy(nobody))
    assert code_of(museum.s3.get_object, Bucket="paintings", Key="night") == DENIED
    museum.s3.delete_bucket_policy(Bucket="paintings")
    assert code_of(museum.s3.get_object, Bucket="paintings", Key="night") is None


def test_a_suspended_account(place, library):
    assert command(place, "suspend", "the library").returncode == 0
    assert code_of(library.s3.list_buckets) == (403, "AccountProblem")
    assert command(place, "activate", library.id).returncode == 0
    assert code_of(library.s3.list_buckets) is None


def test_access_keys_of_the_root_user(place):
    account = Account(place, "keys")
    page = command(place, "new-key", "keys").stdout.decode()
    access_key, secret = (page.split(name)[1].split()[0] for name in ("Access key ID", "Secret access key"))
    second = client(place, "s3", access_key, secret)
    assert code_of(second.list_buckets) is None
    log = place.log()
    assert "account create" in log and "account key create" in log
    assert secret not in log and account.secret not in log
    third = command(place, "new-key", "keys")
    assert third.returncode != 0 and b"AccessKeysPerUser" in third.stderr
    assert command(place, "delete-key", "keys", account.access_key).returncode == 0
    assert code_of(account.s3.list_buckets) == (403, "InvalidAccessKeyId")
    assert code_of(second.list_buckets) is None


def test_deleting_an_account(place):
    account = Account(place, "short-lived")
    account.s3.create_bucket(Bucket="short-lived-bucket")
    refused = command(place, "delete", "short-lived")
    assert refused.returncode != 0 and b"short-lived-bucket" in refused.stderr
    # The refusal leaves the account as it was.
    account.s3.delete_bucket(Bucket="short-lived-bucket")
    assert command(place, "delete", "short-lived").returncode == 0
    assert code_of(account.s3.list_buckets) == (403, "InvalidAccessKeyId")


def test_changes_are_audited(start_server):
    server = start_server()
    account = Account(server, "audited")
    iam = account.client("iam")
    iam.create_user(UserName="ann")
    assert code_of(iam.delete_user, UserName="bob") == (404, "NoSuchEntity")
    server.stop()
    changes = [line for line in audit_log.lines(server.data_dir / "audit") if line.get("event") == "identity"]
    created, key_created, user, refused = changes
    assert created["operation"] == "account create" and created["who"] == f"operator:{os.getuid()}"
    assert key_created["entity"] == account.access_key and key_created["account"] == account.id
    assert (user["operation"], user["result"], user["who"]) == ("iam:CreateUser", "ok", account.access_key)
    assert user["entity"] == f"arn:aws:iam::{account.id}:user/ann"
    assert user["principal"] == f"arn:aws:iam::{account.id}:root" and user["address"] == "127.0.0.1"
    assert (refused["operation"], refused["result"]) == ("iam:DeleteUser", "NoSuchEntity")
    # The secret is nowhere.
    assert account.secret not in json.dumps(changes)
    shown = run("audit", "show", "--data-dir", server.data_dir, "--who", account.access_key, cwd=server.place)
    assert b"iam:CreateUser" in shown.stdout and b"account create" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["delete", FIRST], "first account"),
        (["new-key", FIRST], "strongroom credentials"),
        (["suspend", "nobody"], "no account nobody"),
        (["suspend", "999999999999"], "999999999999"),
        (["create", "museum"], "museum"),
        (["create", " "], "name"),
        (["delete-key", "museum", "SRAAAAAAAAAAAAAAAAAA"], "SRAAAAAAAAAAAAAAAAAA"),
    ],
)
def test_mistakes(place, museum, arguments, message):
    done = command(place, *arguments)
    assert done.returncode == 1 and message in done.stderr.decode(), done.stderr


def test_tokens_that_are_none(place, museum):
    forged = client(place, "s3", museum.access_key, museum.secret, token="x" * 200)
    assert code_of(forged.list_buckets) == (400, "InvalidToken")
    assert send_unsigned(place, "GET", path_of("paintings", "night")).status == 403


def test_an_account_survives_a_restart(start_server):
    server = start_server()
    account = Account(server, "museum")
    account.s3.create_bucket(Bucket="paintings")
    server.stop()
    server.start()
    again = client(server, "s3", account.access_key, account.secret)
    assert [bucket["Name"] for bucket in again.list_buckets()["Buckets"]] == ["paintings"]
    # The commands work without a server, too.
    server.stop()
    assert command(server, "suspend", "museum").returncode == 0
    server.start()
    again = client(server, "s3", account.access_key, account.secret)
    assert code_of(again.list_buckets) == (403, "AccountProblem")
