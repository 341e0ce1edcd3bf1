"""`strongroom policy explain` says what a request gets, and names the statements that decided."""

import json

import pytest

from support.accounts import Account, client, code_of, policy
from support.server import Server, run

PAINTINGS = "arn:aws:s3:::paintings"


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("explain"))
    museum = Account(server, "museum")
    museum.s3.create_bucket(Bucket="paintings")
    museum.s3.put_object(Bucket="paintings", Key="2026/night", Body=b"night watch")
    iam = museum.client("iam")
    iam.create_user(UserName="ann")
    museum.ann = iam.create_access_key(UserName="ann")["AccessKey"]
    museum.arn = f"arn:aws:iam::{museum.id}:user/ann"
    document = policy(
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{PAINTINGS}/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": PAINTINGS,
            "Condition": {"StringLike": {"s3:prefix": "2026/*"}},
        },
    )
    iam.put_user_policy(UserName="ann", PolicyName="look", PolicyDocument=document)
    yield museum
    server.kill()


def explain(museum, *arguments):
    done = run("policy", "explain", *arguments, "--data-dir", museum.server.data_dir, cwd=museum.server.place)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def explained(museum, *arguments):
    code, out, error = explain(museum, *arguments, "--json")
    assert code in (0, 1), error
    answer = json.loads(out)
    assert answer["allowed"] == (code == 0)
    return answer


def test_an_allow_names_its_statement(museum):
    for principal in [museum.arn, museum.ann["AccessKeyId"]]:
        answer = explained(museum, principal, "s3:GetObject", f"{PAINTINGS}/2026/night")
        assert answer["allowed"] and answer["principal"] == museum.arn
        assert [statement for statement in answer["statements"] if statement["mismatch"] is None] == [
            {
                "kind": "identity-based policy",
                "policy": "user/ann/look",
                "statement": 1,
                "sid": "Read",
                "effect": "Allow",
                "mismatch": None,
            }
        ]
    code, out, _ = explain(museum, museum.arn, "s3:GetObject", f"{PAINTINGS}/2026/night")
    assert code == 0
    assert out.startswith('Allowed: statement 1 (Sid "Read") of user/ann/look (identity-based policy)\n')
    assert "statement 2  does not apply: Action" in out


def test_context_keys_decide(museum):
    listing = (museum.arn, "s3:ListBucket", PAINTINGS)
    answer = explained(museum, *listing)
    assert not answer["allowed"] and answer["missing_keys"] == ["s3:prefix"]
    assert answer["statements"][1]["mismatch"] == "Condition StringLike s3:prefix"
    assert explained(museum, *listing, "--context", "s3:prefix=2026/")["allowed"]
    assert not explained(museum, *listing, "--context", "s3:prefix=2025/")["allowed"]


def test_the_bucket_policy_and_the_public_access_block(museum):
    s3, statement = museum.s3, {"Sid": "Not this one", "Effect": "Deny", "Principal": {"AWS": museum.arn}}
    statement |= {"Action": "s3:GetObject", "Resource": f"{PAINTINGS}/2026/*"}
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{PAINTINGS}/*"}
    s3.delete_public_access_block(Bucket="paintings")
    s3.put_bucket_policy(Bucket="paintings", Policy=policy(statement, public))
    ann = client(museum.server, "s3", museum.ann["AccessKeyId"], museum.ann["SecretAccessKey"])
    try:
        night = ("s3:GetObject", f"{PAINTINGS}/2026/night")
        answer = explained(museum, museum.arn, *night)
        assert not answer["allowed"]
        assert answer["reason"] == 'statement 1 (Sid "Not this one") of the bucket policy (resource-based policy)'
        assert code_of(ann.get_object, Bucket="paintings", Key="2026/night") == (403, "AccessDenied")
        assert explained(museum, "anonymous", *night)["allowed"]
        block = {"RestrictPublicBuckets": True}
        s3.put_public_access_block(Bucket="paintings", PublicAccessBlockConfiguration=block)
        answer = explained(museum, "anonymous", *night)
        assert not answer["allowed"] and answer["reason"] == "public access block"
        assert explained(museum, f"arn:aws:iam::{museum.id}:root", *night)["allowed"]
    finally:
        s3.delete_bucket_policy(Bucket="paintings")


def test_a_boundary_and_a_role(museum):
    iam, night = museum.client("iam"), ("s3:GetObject", f"{PAINTINGS}/2026/night")
    trust = policy({"Effect": "Allow", "Principal": {"AWS": museum.id}, "Action": "sts:AssumeRole"})
    full = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    boundary = iam.create_policy(
        PolicyName="narrow",
        PolicyDocument=policy({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}),
    )["Policy"]["Arn"]
    iam.create_role(RoleName="guard", AssumeRolePolicyDocument=trust, PermissionsBoundary=boundary)
    iam.attach_role_policy(RoleName="guard", PolicyArn=full)
    role = f"arn:aws:iam::{museum.id}:role/guard"
    session = f"arn:aws:sts::{museum.id}:assumed-role/guard/monday"
    for principal in [role, session]:
        answer = explained(museum, principal, *night)
        assert not answer["allowed"] and answer["reason"] == "no permissions boundary allows it"
        assert {statement["kind"] for statement in answer["statements"]} == {
            "identity-based policy",
            "permissions boundary",
        }
    assert explained(museum, role, "s3:ListBucket", PAINTINGS)["allowed"]


def test_without_a_bucket_and_without_a_server(museum):
    buckets = (museum.arn, "s3:ListAllMyBuckets", "*")
    assert explained(museum, *buckets)["reason"] == "no identity-based policy allows it"
    assert museum.server.stop() == 0
    try:
        assert explained(museum, museum.arn, "s3:GetObject", f"{PAINTINGS}/2026/night")["allowed"]
    finally:
        museum.server.start()


def test_questions_that_have_no_answer(museum):
    object_ = f"{PAINTINGS}/a"
    for arguments, why in [
        ((museum.arn, "GetObject", object_), "SERVICE:NAME"),
        ((museum.arn, "sts:AssumeRole", object_), "SERVICE:NAME"),
        ((museum.arn, "s3:GetObject", "paintings/a"), "arn:aws:s3:::BUCKET/KEY"),
        ((museum.arn, "s3:GetObject", "arn:aws:s3:::missing/a"), "no bucket missing"),
        ((f"arn:aws:iam::{museum.id}:group/g", "s3:GetObject", object_), "not a principal"),
        ((f"arn:aws:iam::{museum.id}:user/nobody", "s3:GetObject", object_), "nobody cannot be found"),
        (("SRNOBODYNOBODYNOBODY", "s3:GetObject", object_), "cannot be found"),
    ]:
        code, out, error = explain(museum, *arguments)
        assert (code, out) == (1, "") and why in error, error
    code, _, error = explain(museum, museum.arn, "s3:GetObject", object_, "--context", "prefix")
    assert code == 2 and "KEY=VALUE" in error
