"""A bucket policy means the users and roles that it named when it was stored."""

import json

import pytest

from support.accounts import Account, client, code_of, policy
from support.server import Server

DENIED = (403, "AccessDenied")


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("principals"))
    museum = Account(server, "museum")
    museum.s3.create_bucket(Bucket="paintings")
    museum.s3.put_object(Bucket="paintings", Key="night", Body=b"night watch")
    yield museum
    server.kill()


def user(museum, name):
    """Creates a user. Returns the ARN, the unique id, and a client with an access key of the user."""
    iam = museum.client("iam")
    made = iam.create_user(UserName=name)["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return made["Arn"], made["UserId"], client(museum.server, "s3", key["AccessKeyId"], key["SecretAccessKey"])


def delete_user(museum, name):
    iam = museum.client("iam")
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def put(museum, principals, effect="Allow"):
    statement = {
        "Sid": "Some",
        "Effect": effect,
        "Principal": {"AWS": principals},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::paintings/*",
    }
    museum.s3.put_bucket_policy(Bucket="paintings", Policy=policy(statement))


def shown(museum):
    [statement] = json.loads(museum.s3.get_bucket_policy(Bucket="paintings")["Policy"])["Statement"]
    return statement["Principal"]["AWS"]


def get(s3):
    return code_of(s3.get_object, Bucket="paintings", Key="night")


def test_a_new_user_has_none_of_the_rights_of_an_old_one(museum):
    arn, old_id, ann = user(museum, "ann")
    other_arn, _, bob = user(museum, "bob")
    put(museum, [arn, other_arn])
    assert shown(museum) == [arn, other_arn]
    assert get(ann) is None and get(bob) is None
    delete_user(museum, "ann")
    assert shown(museum) == [old_id, other_arn]
    again, new_id, new_ann = user(museum, "ann")
    assert again == arn and new_id != old_id
    assert get(new_ann) == DENIED and get(bob) is None
    assert shown(museum) == [old_id, other_arn]
    # What is shown after a deletion cannot be stored again, as on AWS.
    assert code_of(put, museum, [old_id]) == (400, "MalformedPolicy")
    put(museum, new_id)
    assert get(new_ann) is None and shown(museum) == arn


def test_a_renamed_user_keeps_the_rights(museum):
    arn, _, carl = user(museum, "carl")
    put(museum, arn)
    museum.client("iam").update_user(UserName="carl", NewUserName="karl", NewPath="/staff/")
    assert get(carl) is None
    assert shown(museum) == f"arn:aws:iam::{museum.id}:user/staff/karl"


def test_principals_that_do_not_exist_are_refused(museum):
    account = f"arn:aws:iam::{museum.id}"
    put(museum, f"{account}:root")
    for principal in [
        f"{account}:user/nobody",
        f"{account}:role/none",
        f"{account}:user/wrong/path/bob",
        "AIDAAAAAAAAAAAAAAAAAA",
    ]:
        assert code_of(put, museum, [museum.id, principal]) == (400, "MalformedPolicy")
    try:
        put(museum, f"{account}:user/nobody")
    except museum.s3.exceptions.ClientError as error:
        assert "Invalid principal in policy" in error.response["Error"]["Message"]
    assert shown(museum) == f"{account}:root"
