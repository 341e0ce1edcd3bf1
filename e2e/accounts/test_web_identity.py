"""Temporary credentials for the token of an identity provider: boto3 and the AWS CLI."""

import json
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from support import audit_log
from support.accounts import client, code_of, policy
from support.oidc import CONFIGURATION, Provider
from support.programs.program import Place
from support.server import REGION, Server

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("provider"))
    provider.roll("first")
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory, provider):
    flags = ["--oidc-ca-file", provider.ca_file, "--oidc-private-network", "127.0.0.0/8"]
    server = Server(tmp_path_factory.mktemp("web-identity"), *flags)
    set_up(server, provider)
    yield server
    server.kill()


def arn(provider):
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider.name}"


def set_up(server, provider):
    """Creates the provider, a bucket, and a role in which everybody has a folder of their own."""
    iam = client(server, "iam", server.access_key, server.secret)
    created = iam.create_open_id_connect_provider(Url=provider.url, ClientIDList=["app"])
    assert created["OpenIDConnectProviderArn"] == arn(provider)
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": arn(provider)},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{provider.name}:aud": "app"},
                "ForAnyValue:StringEquals": {f"{provider.name}:groups": "painters"},
            },
        },
    )
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=trust)
    own = f"arn:aws:s3:::studio/${{{provider.name}:sub}}/*"
    allowed = policy({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": own})
    iam.put_role_policy(RoleName="web", PolicyName="own", PolicyDocument=allowed)
    server.s3().create_bucket(Bucket="studio")


def sts(server):
    """Returns a client that signs nothing, like that of a program without an access key."""
    return boto3.client(
        "sts",
        endpoint_url=server.https,
        region_name=REGION,
        verify=server.ca_file,
        config=Config(retries={"max_attempts": 1}, signature_version=UNSIGNED),
    )


def assume(server, token, **more):
    parameters = {"RoleArn": ROLE, "RoleSessionName": "work", "WebIdentityToken": token, **more}
    return sts(server).assume_role_with_web_identity(**parameters)


def refusal(server, token, **more):
    return code_of(assume, server, token, **more)


def test_a_token_is_exchanged_for_credentials(server, provider):
    token = provider.token(groups=["painters", "others"])
    answer = assume(server, token, DurationSeconds=900)
    assert answer["SubjectFromWebIdentityToken"] == "ann"
    assert (answer["Provider"], answer["Audience"]) == (provider.url, "app")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/work"
    key = answer["Credentials"]
    s3 = client(server, "s3", key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
    s3.put_object(Bucket="studio", Key="ann/sketch", Body=b"sketch")
    assert s3.get_object(Bucket="studio", Key="ann/sketch")["Body"].read() == b"sketch"
    assert code_of(s3.put_object, Bucket="studio", Key="bob/sketch", Body=b"") == (403, "AccessDenied")


def test_tokens_that_are_refused(server, provider):
    painter = {"groups": ["painters"]}
    now = int(time.time())
    assert refusal(server, provider.token()) == (403, "AccessDenied")
    assert refusal(server, provider.token(exp=now - 120, **painter)) == (400, "ExpiredTokenException")
    assert refusal(server, provider.token(nbf=now + 120, **painter)) == (403, "IDPRejectedClaim")
    assert refusal(server, provider.token(aud="other", **painter)) == (400, "InvalidIdentityToken")
    assert refusal(server, provider.token(iss="https://example.com", **painter)) == (400, "InvalidIdentityToken")
    tampered = provider.token(**painter)[:-10] + "AAAAAAAAAA"
    assert refusal(server, tampered) == (400, "InvalidIdentityToken")
    answer = refusal(server, provider.token(**painter), Policy="{")
    assert answer == (400, "MalformedPolicyDocument")


def test_the_aws_cli_assumes_the_role_of_its_profile(server, provider, tmp_path):
    place = Place(tmp_path / "home", AWS_PROFILE="web", AWS_CA_BUNDLE=server.ca_file)
    (place / "token").write_text(provider.token(sub="carl", groups=["painters"]))
    (place / ".aws").mkdir()
    (place / ".aws/config").write_text(
        "[profile web]\n"
        f"endpoint_url = {server.https}\n"
        f"region = {REGION}\n"
        f"role_arn = {ROLE}\n"
        f"web_identity_token_file = {place / 'token'}\n"
        "role_session_name = cli\n"
    )
    identity = json.loads(place.run("aws", "sts", "get-caller-identity"))
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/cli"
    (place / "sketch").write_text("sketch")
    place.run("aws", "s3", "cp", "sketch", "s3://studio/carl/sketch")
    place.fail("AccessDenied", "aws", "s3", "cp", "sketch", "s3://studio/ann/other")


def test_the_audit_log_says_who(server, provider):
    assume(server, provider.token(sub="dora", groups=["painters"]))
    # A token that is not verified writes nothing: everybody could fill the log.
    refusal(server, provider.token()[:-10] + "AAAAAAAAAA", RoleSessionName="forged")

    def found():
        lines = audit_log.lines(server.data_dir / "audit")
        return [line for line in lines if line.get("operation") == "sts:AssumeRoleWithWebIdentity"]

    deadline = time.monotonic() + 10
    while not any("dora" in line["principal"] for line in found()) and time.monotonic() < deadline:
        time.sleep(0.1)
    [line] = [line for line in found() if line["principal"] == f"{arn(provider)}:app:dora"]
    assert (line["who"], line["result"], line["entity"]) == ("web-identity", "ok", ROLE)
    assert line["account"] == ACCOUNT
    assert all(line["principal"].startswith(arn(provider)) for line in found())


def test_keys_roll(server, provider):
    """The last test of the provider: for a minute, tokens of the new key are refused."""
    old = list(provider.keys.values())[-1]
    painter = {"groups": ["painters"]}
    new = provider.roll("second", "EC")
    asked = len(provider.requests)
    deadline = time.monotonic() + 90
    while (answer := refusal(server, provider.token(new, **painter))) and time.monotonic() < deadline:
        assert answer == (400, "InvalidIdentityToken")
        time.sleep(1)
    assert answer is None
    assert refusal(server, provider.token(old, **painter)) == (400, "InvalidIdentityToken")
    assert provider.requests[asked:] == [CONFIGURATION, "/keys"]


def test_private_addresses_are_not_asked(tmp_path, provider):
    """Without the setting, a provider on a private address is never connected to; with it, redirects are not followed."""
    server = Server(tmp_path / "server", "--oidc-ca-file", provider.ca_file)
    try:
        set_up(server, provider)
        asked = len(provider.requests)
        token = provider.token(groups=["painters"])
        assert refusal(server, token) == (400, "IDPCommunicationError")
        assert len(provider.requests) == asked
        server.stop()
        server.flags += ["--oidc-private-network", "127.0.0.1"]
        server.start()
        provider.redirects = True
        assert refusal(server, token) == (400, "IDPCommunicationError")
        assert provider.requests[asked:] == [CONFIGURATION]
    finally:
        provider.redirects = False
        server.kill()
