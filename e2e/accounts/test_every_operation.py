"""Every S3 operation with every kind of identity: the operations come from the table in the server's source."""

import re
import time

import pytest
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.accounts import Account, client, policy
from support.offered_operations import SOURCE, rows
from support.server import REGION, Server
from support.wire import content_md5

# A form has its own way; its PUT is judged as that of PutObject.
OPERATIONS = [row for row in rows() if row[0] != "PostObject"]
# Queries that tell operations apart which have the same sub-resource.
QUERIES = {
    ("PUT", "uploadId"): "uploadId=none&partNumber=1",
    "uploadId": "uploadId=none",
    "analytics": "analytics&id=a",
    "inventory": "inventory&id=a",
    "metrics": "metrics&id=a",
    "intelligent-tiering": "intelligent-tiering&id=a",
}
DELETION = b"<Delete><Object><Key>key</Key></Object></Delete>"
EVERYTHING = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def actions():
    """Returns the actions of each operation, on current versions."""
    text = (SOURCE / "request" / "operation.rs").read_text()
    return {
        name: [f"s3:{action}" for action in named.split()]
        for name, named in re.findall(r"^    (\w+): \w+ \w+[^=;]*=> \[([^]]*)\]", text, re.M)
    }


ACTIONS = actions()


def statement(effect, named):
    return {"Effect": effect, "Action": named, "Resource": "*"}


class House:
    """An account with users, beside another account."""

    def __init__(self, server):
        self.server, self.pool = server, urllib3.PoolManager(retries=False)
        self.owner, self.other = Account(server, "owner"), Account(server, "other")
        self.iam = self.owner.client("iam")
        self.owner.s3.create_bucket(Bucket="bucket")
        self.identities = {
            "anonymous": None,
            "root": Credentials(self.owner.access_key, self.owner.secret),
            "other root": Credentials(self.other.access_key, self.other.secret),
            "user": self.user("user", EVERYTHING),
            "powerless user": self.user("powerless"),
            "varied user": self.user("varied"),
            "other user": self.user("stranger", EVERYTHING, of=self.other),
        }
        self.identities["ended session"] = self.ended_session()

    def user(self, name, *statements, of=None):
        iam = (of or self.owner).client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def ended_session(self):
        user = self.user("gone", EVERYTHING)
        session = client(self.server, "sts", user.access_key, user.secret_key).get_session_token()["Credentials"]
        credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        assert self.ask(("ListBuckets", "GET", "Service", ""), credentials) == (200, None)
        self.iam.delete_user_policy(UserName="gone", PolicyName="p")
        self.iam.delete_access_key(UserName="gone", AccessKeyId=user.access_key)
        self.iam.delete_user(UserName="gone")
        return credentials

    def ask(self, operation, credentials):
        """Sends a request without content. Returns the status and the code of the error."""
        name, method, level, sub_resource = operation
        path = {"Service": "/", "Bucket": "/bucket", "Object": "/bucket/key"}[level]
        query = QUERIES.get((method, sub_resource), QUERIES.get(sub_resource, sub_resource))
        body = DELETION if name == "DeleteObjects" else b""
        if name == "ListObjectsV2":
            query = "list-type=2"
        url = f"{self.server.http}{path}" + (f"?{query}" if query else "")
        digest = content_md5(body) if method in ("PUT", "POST") else {}
        request = AWSRequest(method=method, url=url, data=body, headers=digest)
        if credentials:
            S3SigV4Auth(credentials, "s3", REGION).add_auth(request)
        headers = dict(request.headers.items())
        response = self.pool.request(method, url, body=body, headers=headers)
        code = re.search(rb"<Code>(\w+)</Code>", response.data)
        return response.status, code and code[1].decode()

    def reset(self, *shared):
        """Puts back what operations may have removed. `shared` are the principals whom the bucket's policy allows all."""
        self.owner.s3.create_bucket(Bucket="bucket")
        self.owner.s3.put_object(Bucket="bucket", Key="key", Body=b"content")
        if shared:
            share = {
                "Effect": "Allow",
                "Principal": {"AWS": list(shared)},
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
            }
            self.owner.s3.put_bucket_policy(Bucket="bucket", Policy=policy(share))
        else:
            self.owner.s3.delete_bucket_policy(Bucket="bucket")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("operations"))
    yield House(server)
    server.kill()


def is_denied(answer):
    # The response to a HEAD has no code; DeleteObjects answers for each object.
    return answer == (403, None) or answer[1] == "AccessDenied"


def check(house, allowed, *shared):
    """Asks each operation with each of these identities. `allowed` says by level who may."""
    wrong = []
    for operation in OPERATIONS:
        for name, levels in allowed.items():
            house.reset(*shared)
            answer = house.ask(operation, house.identities[name])
            expected = operation[0] in levels or operation[2] in levels
            if is_denied(answer) == expected or (expected and answer[0] == 403):
                wrong.append((operation, name, answer))
    assert not wrong, wrong


ALL = ("Service", "Bucket", "Object")


def test_without_a_policy_of_the_bucket(house):
    others = ("ListBuckets", "CreateBucket")
    check(
        house,
        {
            "root": ALL,
            "user": ALL,
            "powerless user": (),
            "anonymous": (),
            # Their own buckets; and CreateBucket says that the name is taken.
            "other root": others,
            "other user": others,
        },
    )


def test_with_a_policy_that_shares_the_bucket(house):
    stranger = f"arn:aws:iam::{house.other.id}:user/stranger"
    powerless = f"arn:aws:iam::{house.owner.id}:user/powerless"
    on_bucket = {name for name, _, level, _ in OPERATIONS if level != "Service" and name != "CreateBucket"}
    check(
        house,
        {
            "other user": ALL,
            "powerless user": on_bucket,
            "other root": ("ListBuckets", "CreateBucket"),
            "anonymous": (),
        },
        stranger,
        powerless,
    )


def test_an_ended_session(house):
    house.reset()
    for operation in OPERATIONS:
        status, code = house.ask(operation, house.identities["ended session"])
        assert status == 400 and code in (None, "InvalidToken"), operation


def test_exactly_the_actions_of_an_operation(house):
    """A user with just the actions of the table may call the operation, and without any one of them may not."""
    wrong = []
    for operation in OPERATIONS:
        needed = ACTIONS[operation[0]]
        # Without it, a missing object is hidden.
        listing = statement("Allow", "s3:ListBucket")
        cases = [(True, [statement("Allow", needed), listing])]
        cases += [(False, [EVERYTHING, statement("Deny", action)]) for action in needed]
        for expected, statements in cases:
            house.reset()
            house.iam.put_user_policy(UserName="varied", PolicyName="p", PolicyDocument=policy(*statements))
            answer = house.ask(operation, house.identities["varied user"])
            if is_denied(answer) == expected:
                wrong.append((operation, statements, answer))
    assert not wrong, wrong


def test_a_change_takes_effect_at_once(house):
    house.reset()
    get = ("GetObject", "GET", "Object", "")
    varied = house.identities["varied user"]
    started = time.monotonic()
    for allowed in [True, False] * 10:
        effect = "Allow" if allowed else "Deny"
        document = policy(statement(effect, "s3:GetObject"))
        house.iam.put_user_policy(UserName="varied", PolicyName="p", PolicyDocument=document)
        assert (house.ask(get, varied) == (200, None)) == allowed
    assert time.monotonic() - started < 60
