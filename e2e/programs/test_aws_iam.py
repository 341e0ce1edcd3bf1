"""`aws iam`, `aws sts` and boto3: users, groups, roles, policies and temporary credentials."""

import json
import secrets

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.programs.aws import Aws
from support.server import REGION

ACCOUNT = "000000000000"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def allow(action, resource="*", **more):
    """Returns the document of a policy with one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal, **more):
    """Returns the document of a trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Cli:
    """Runs `aws iam` and `aws sts` with the profile of the recipe, or with other credentials."""

    def __init__(self, server, path):
        self.place = Aws(server, "unused", path).place

    def __call__(self, service, operation, *arguments, **variables):
        """Runs an operation and returns its response."""
        printed = self.place.run("aws", service, operation, *arguments, **variables)
        return json.loads(printed) if printed.strip() else {}

    def fails(self, text, service, operation, *arguments, **variables):
        """Runs an operation, which must fail with `text` in its error."""
        self.place.fail(text, "aws", service, operation, *arguments, **variables)

    def user(self, name):
        """Creates a user with an access key, and returns the variables of its credentials."""
        self("iam", "create-user", "--user-name", name)
        key = self("iam", "create-access-key", "--user-name", name)["AccessKey"]
        return credentials(key)


def credentials(key):
    """Returns credentials of a response as variables, which count more than the profile's."""
    variables = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    if "SessionToken" in key:
        variables["AWS_SESSION_TOKEN"] = key["SessionToken"]
    return variables


@pytest.fixture
def aws(server, tmp_path):
    return Cli(server, tmp_path / "home")


@pytest.fixture
def name():
    """An unused name of an entity."""
    return f"e-{secrets.token_hex(4)}"


def client(server, service, key=None):
    """Returns a client of boto3: of the root user, or with credentials of a response."""
    key = key or {"AccessKeyId": server.access_key, "SecretAccessKey": server.secret}
    return boto3.client(
        service,
        endpoint_url=server.https,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key.get("SessionToken"),
        verify=server.ca_file,
        config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def code_of(error):
    return error.value.response["Error"]["Code"]


def test_who_am_i(aws, name):
    root = aws("sts", "get-caller-identity")
    assert root == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    user = aws.user(name)
    identity = aws("sts", "get-caller-identity", **user)
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    info = aws("sts", "get-access-key-info", "--access-key-id", user["AWS_ACCESS_KEY_ID"])
    assert info == {"Account": ACCOUNT}


def test_a_user_gets_a_policy_and_loses_it(aws, name):
    user = aws.user(name)
    denied = f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: iam:ListUsers"
    aws.fails(denied, "iam", "list-users", **user)
    aws("iam", "put-user-policy", "--user-name", name, "--policy-name", "list", "--policy-document", allow("iam:List*"))
    assert name in [one["UserName"] for one in aws("iam", "list-users", **user)["Users"]]
    shown = aws("iam", "get-user-policy", "--user-name", name, "--policy-name", "list")
    assert shown["PolicyDocument"] == json.loads(allow("iam:List*"))
    assert aws("iam", "list-user-policies", "--user-name", name)["PolicyNames"] == ["list"]
    aws.fails("(DeleteConflict)", "iam", "delete-user", "--user-name", name)
    aws("iam", "delete-user-policy", "--user-name", name, "--policy-name", "list")
    aws.fails("(AccessDenied)", "iam", "list-users", **user)
    key = user["AWS_ACCESS_KEY_ID"]
    aws("iam", "update-access-key", "--user-name", name, "--access-key-id", key, "--status", "Inactive")
    aws.fails("(InvalidClientTokenId)", "sts", "get-caller-identity", **user)
    aws("iam", "delete-access-key", "--user-name", name, "--access-key-id", key)
    aws("iam", "delete-user", "--user-name", name)
    aws.fails("(NoSuchEntity)", "iam", "get-user", "--user-name", name)


def test_managed_policies_groups_and_tags(aws, name):
    user = aws.user(name)
    policy = aws("iam", "create-policy", "--policy-name", name, "--policy-document", allow("iam:List*"))["Policy"]
    arn = policy["Arn"]
    assert policy["DefaultVersionId"] == "v1" and policy["AttachmentCount"] == 0
    aws("iam", "create-group", "--group-name", name, "--path", "/staff/")
    aws("iam", "attach-group-policy", "--group-name", name, "--policy-arn", arn)
    aws("iam", "add-user-to-group", "--group-name", name, "--user-name", name)
    aws("iam", "list-users", **user)
    entities = aws("iam", "list-entities-for-policy", "--policy-arn", arn)
    assert [group["GroupName"] for group in entities["PolicyGroups"]] == [name]
    aws("iam", "create-policy-version", "--policy-arn", arn, "--policy-document", allow("iam:Get*"), "--set-as-default")
    aws.fails("(AccessDenied)", "iam", "list-users", **user)
    version = aws("iam", "get-policy-version", "--policy-arn", arn, "--version-id", "v2")["PolicyVersion"]
    assert version["IsDefaultVersion"] and version["Document"] == json.loads(allow("iam:Get*"))
    versions = aws("iam", "list-policy-versions", "--policy-arn", arn)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v2", "v1"]
    aws("iam", "tag-user", "--user-name", name, "--tags", "Key=team,Value=storage", "Key=cost,Value=7")
    aws("iam", "untag-user", "--user-name", name, "--tag-keys", "cost")
    tags = aws("iam", "list-user-tags", "--user-name", name)["Tags"]
    assert tags == [{"Key": "team", "Value": "storage"}]
    local = aws("iam", "list-policies", "--scope", "Local", "--only-attached")["Policies"]
    assert arn in [policy["Arn"] for policy in local]
    groups = aws("iam", "list-groups", "--path-prefix", "/staff/")["Groups"]
    assert name in [group["GroupName"] for group in groups]


def test_listings_have_pages(aws, name):
    names = [f"{name}-{number}" for number in range(5)]
    for one in names:
        aws("iam", "create-user", "--user-name", one, "--path", f"/{name}/")
    listed = aws("iam", "list-users", "--path-prefix", f"/{name}/", "--page-size", "2")
    assert [user["UserName"] for user in listed["Users"]] == names


def test_a_role_is_assumed_by_a_profile(aws, server, s3, bucket, name):
    """The usual way: a profile with `role_arn` and `source_profile`."""
    aws.user(name)
    key = aws("iam", "create-access-key", "--user-name", name)["AccessKey"]
    external = {"StringEquals": {"sts:ExternalId": "shop-1"}}
    document = trust(f"arn:aws:iam::{ACCOUNT}:user/{name}", Condition=external)
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", document)["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(document)
    aws("iam", "attach-role-policy", "--role-name", name, "--policy-arn", READ_ONLY)
    config, secrets_file = aws.place / ".aws/config", aws.place / ".aws/credentials"
    own = f"region = {REGION}\nendpoint_url = {server.https}\nca_bundle = {server.ca_file}\n"
    role_profile = f"[profile reader]\n{own}role_arn = {role['Arn']}\nsource_profile = person\nexternal_id = shop-1\n"
    config.write_text(f"{config.read_text()}\n[profile person]\n{own}\n{role_profile}")
    pair = f"aws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    secrets_file.write_text(f"{secrets_file.read_text()}\n[person]\n{pair}")
    identity = aws("sts", "get-caller-identity", AWS_PROFILE="reader")
    assert identity["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/")
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    listed = aws("s3api", "list-objects-v2", "--bucket", bucket, AWS_PROFILE="reader")
    assert [entry["Key"] for entry in listed["Contents"]] == ["k"]
    aws.fails("(AccessDenied)", "s3api", "delete-object", "--bucket", bucket, "--key", "k", AWS_PROFILE="reader")
    aws.fails("(AccessDenied)", "s3api", "list-objects-v2", "--bucket", bucket, AWS_PROFILE="person")
    wrong = ["--role-arn", role["Arn"], "--role-session-name", "s1"]
    aws.fails("(AccessDenied)", "sts", "assume-role", *wrong, AWS_PROFILE="person")


def test_a_session_is_limited_by_its_policy(aws, server, s3, bucket, name):
    aws.user(name)
    key = aws("iam", "create-access-key", "--user-name", name)["AccessKey"]
    document = trust(f"arn:aws:iam::{ACCOUNT}:user/{name}")
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", document)["Role"]
    aws("iam", "put-role-policy", "--role-name", name, "--policy-name", "all", "--policy-document", allow("s3:*"))
    sts = client(server, "sts", key)
    session = sts.assume_role(
        RoleArn=role["Arn"],
        RoleSessionName="work",
        DurationSeconds=900,
        Policy=allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*"),
    )
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/work"
    limited = client(server, "s3", session["Credentials"])
    limited.put_object(Bucket=bucket, Key="k", Body=b"content")
    with pytest.raises(ClientError) as error:
        limited.get_object(Bucket=bucket, Key="k")
    assert code_of(error) == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"content"
    changed = {**session["Credentials"], "SessionToken": session["Credentials"]["SessionToken"][:-4] + "AAAA"}
    with pytest.raises(ClientError) as error:
        client(server, "sts", changed).get_caller_identity()
    assert code_of(error) == "InvalidClientTokenId"


def test_temporary_credentials_of_a_user(aws, server, name):
    aws.user(name)
    key = aws("iam", "create-access-key", "--user-name", name)["AccessKey"]
    aws("iam", "put-user-policy", "--user-name", name, "--policy-name", "all", "--policy-document", allow("*"))
    session = client(server, "sts", key).get_session_token(DurationSeconds=900)["Credentials"]
    assert client(server, "sts", session).get_caller_identity()["Arn"].endswith(f":user/{name}")
    client(server, "s3", session).list_buckets()
    with pytest.raises(ClientError) as error:
        client(server, "iam", session).list_users()
    assert code_of(error) == "InvalidClientTokenId"


def test_a_delegate_stays_within_a_boundary(aws, name):
    user = aws.user(name)
    condition = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    document = allow(["iam:CreateUser", "iam:AttachUserPolicy"], Condition=condition)
    aws("iam", "put-user-policy", "--user-name", name, "--policy-name", "p", "--policy-document", document)
    new = ["--user-name", f"{name}-new"]
    aws.fails("(AccessDenied)", "iam", "create-user", *new, **user)
    created = aws("iam", "create-user", *new, "--permissions-boundary", READ_ONLY, **user)["User"]
    assert created["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    aws("iam", "attach-user-policy", *new, "--policy-arn", admin, **user)
    aws.fails("(AccessDenied)", "iam", "attach-user-policy", "--user-name", name, "--policy-arn", admin, **user)


def test_simulations_say_what_decides(aws, name):
    aws.user(name)
    document = allow("s3:Get*", "arn:aws:s3:::photos/*")
    aws("iam", "put-user-policy", "--user-name", name, "--policy-name", "p", "--policy-document", document)
    source = ["--policy-source-arn", f"arn:aws:iam::{ACCOUNT}:user/{name}"]
    actions = ["--action-names", "s3:GetObject", "s3:PutObject", "--resource-arns", "arn:aws:s3:::photos/cat.jpg"]
    results = aws("iam", "simulate-principal-policy", *source, *actions)["EvaluationResults"]
    decisions = {result["EvalActionName"]: result["EvalDecision"] for result in results}
    assert decisions == {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"}
    custom = aws("iam", "simulate-custom-policy", "--policy-input-list", document, *actions)["EvaluationResults"]
    assert [result["EvalDecision"] for result in custom] == ["allowed", "implicitDeny"]


def test_what_is_not_offered_says_so(aws, name):
    aws.fails("(InvalidAction)", "iam", "list-saml-providers")
    aws.fails("(ValidationError)", "iam", "create-user", "--user-name", "a b")
    aws.fails("(MalformedPolicyDocument)", "iam", "create-policy", "--policy-name", name, "--policy-document", "{}")
    aws.fails("(NoSuchEntity)", "iam", "attach-user-policy", "--user-name", name, "--policy-arn", READ_ONLY)


def test_the_account(aws):
    summary = aws("iam", "get-account-summary")["SummaryMap"]
    assert summary["UsersQuota"] == 5000 and summary["Users"] >= 0
    assert "AccountAliases" in aws("iam", "list-account-aliases")
    names = [policy["PolicyName"] for policy in aws("iam", "list-policies", "--scope", "AWS")["Policies"]]
    assert "AdministratorAccess" in names
    details = aws("iam", "get-account-authorization-details", "--filter", "AWSManagedPolicy", "--page-size", "2")
    assert [policy["PolicyName"] for policy in details["Policies"]] == names
    versions = details["Policies"][0]["PolicyVersionList"]
    assert versions[0]["Document"]["Statement"][0]["Effect"] == "Allow"
