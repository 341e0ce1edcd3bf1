"""A restored store: credentials that were deleted after the snapshot do not work again."""

import json

import pytest

from support.accounts import FIRST, Account, client, code_of, command
from support.server import Server, run

UNKNOWN = (403, "InvalidAccessKeyId")


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "server")
    yield server
    server.kill()


def on_store(server, *arguments):
    done = run(*arguments, "--data-dir", server.data_dir, cwd=server.place)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def restore(server, snapshot):
    """Stops the server, puts the store of the snapshot in place of today's, and starts the server."""
    assert server.stop() == 0
    store = server.data_dir / "store"
    lost = server.data_dir / "store.lost"
    store.rename(lost)
    printed = on_store(server, "restore", snapshot, "--keys-of", lost)
    assert "strongroom account unconfirmed" in printed
    server.start()


def user(museum, name):
    iam = museum.client("iam")
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    return iam.create_access_key(UserName=name)["AccessKey"]


def test_revived_keys_wait_for_confirmation(server, tmp_path):
    museum = Account(server, "museum")
    ann, bob = user(museum, "ann"), user(museum, "bob")
    museum.client("iam").create_login_profile(UserName="ann", Password="a long password")

    def buckets(key, **more):
        """Returns the error of a request with an access key."""
        s3 = client(server, "s3", key["AccessKeyId"], key["SecretAccessKey"], **more)
        return code_of(s3.list_buckets)

    sts = client(server, "sts", ann["AccessKeyId"], ann["SecretAccessKey"])
    session = sts.get_session_token()["Credentials"]
    assert buckets(session, token=session["SessionToken"]) is None
    assert "Nothing waits" in command(server, "unconfirmed").stdout.decode()
    on_store(server, "snapshot", tmp_path / "snapshot")
    museum.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob["AccessKeyId"])
    assert buckets(bob) == UNKNOWN

    restore(server, tmp_path / "snapshot")
    # The root credentials of the server are not in the store.
    server.s3().list_buckets()
    for key in [ann, bob, {"AccessKeyId": museum.access_key, "SecretAccessKey": museum.secret}]:
        assert buckets(key)[0] == 403
    assert buckets(session, token=session["SessionToken"])[0] in (400, 403)
    listed = [json.loads(line) for line in command(server, "unconfirmed", "--json").stdout.splitlines()]
    found = {(row["account"], row["user"], row["access_key"]) for row in listed}
    assert found == {
        (museum.id, None, museum.access_key),
        (museum.id, "ann", ann["AccessKeyId"]),
        (museum.id, "ann", None),
        (museum.id, "bob", bob["AccessKeyId"]),
    }
    done = command(server, "confirm", "museum", "--user", "ann")
    assert "Confirmed: 2." in done.stdout.decode(), done
    assert buckets(ann) is None and buckets(bob)[0] == 403
    done = command(server, "confirm", "--access-key", museum.access_key)
    assert "Confirmed: 1." in done.stdout.decode(), done
    keys = museum.client("iam").list_access_keys(UserName="bob")["AccessKeyMetadata"]
    assert [key["Status"] for key in keys] == ["Inactive"]
    # The key that should be gone is deleted again.
    museum.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob["AccessKeyId"])
    assert "Nothing waits" in command(server, "unconfirmed").stdout.decode()
    assert buckets(session, token=session["SessionToken"])[0] in (400, 403)
    # Until the next restore.
    server.stop()
    server.start()
    assert buckets(ann) is None


def test_a_second_restore_voids_what_was_confirmed_in_between(server, tmp_path):
    museum = Account(server, "museum")
    on_store(server, "snapshot", tmp_path / "snapshot")
    restore(server, tmp_path / "snapshot")
    assert "Confirmed: 1." in command(server, "confirm", "--all").stdout.decode()
    museum.client("s3").list_buckets()
    (server.data_dir / "store.lost").rename(server.data_dir / "store.older")
    restore(server, tmp_path / "snapshot")
    assert code_of(museum.client("s3").list_buckets)[0] == 403


def test_confirm_needs_to_know_what(server):
    Account(server, "museum")
    for arguments in [[], ["museum", "--all"], ["--user", "ann"], ["--all", "--access-key", "SRX"]]:
        assert command(server, "confirm", *arguments).returncode == 2, arguments
    assert b"cannot be found" in command(server, "confirm", "--access-key", "SRX").stderr
    assert b"no account nobody" in command(server, "confirm", "nobody").stderr
    assert b"Confirmed: 0." in command(server, "confirm", FIRST).stdout
