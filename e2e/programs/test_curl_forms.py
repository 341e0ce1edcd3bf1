"""Browser forms (POST Object), sent by curl as a browser sends them, with policies written and signed by the tests."""

import json
import re
import secrets
import xml.etree.ElementTree
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from support import raw
from support.programs.program import MIB, Place, holds, holds_sealed, names_in
from support.programs.recipe import CONTENT, Recipe

NAME = "photo ü.jpg"


class Form:
    """A form for one bucket: its fields and the conditions of its policy, which a test may change before sending."""

    def __init__(self, server, bucket, place):
        self.server, self.bucket, self.place = server, bucket, place
        self.expires = datetime.now(UTC) + timedelta(minutes=5)
        self.secret = server.secret
        self.fields = {"key": "uploads/${filename}"}
        self.conditions = [{"bucket": bucket}, ["starts-with", "$key", "uploads/"]]
        self.late = {}

    def field(self, name, value, condition=True):
        """Adds a field, with an exact condition in the policy, with the given condition, or with none."""
        self.fields[name] = value
        if condition:
            self.conditions.append({name: value} if condition is True else condition)

    def sign(self):
        signer, conditions = raw.Signer(self.server.access_key, self.secret), [*self.conditions]
        self.field("x-amz-algorithm", raw.ALGORITHM)
        self.field("x-amz-credential", signer.credential)
        self.field("x-amz-date", signer.date)
        expiration = self.expires.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        policy = raw.b64(json.dumps({"expiration": expiration, "conditions": self.conditions}).encode())
        self.fields |= {"policy": policy, "x-amz-signature": signer.signature(policy)}
        # A form that is signed again, in another second, has another date.
        self.conditions = conditions

    def send(self, file="up", signed=True, file_type="image/jpeg"):
        """Sends the form; returns status, headers and body."""
        if signed:
            self.sign()
        fields = [option for name, value in self.fields.items() for option in ("--form-string", f"{name}={value}")]
        if file:
            fields += ["--form", f'file=@{file};filename="{NAME}";type={file_type}']
        fields += [option for name, value in self.late.items() for option in ("--form-string", f"{name}={value}")]
        url = f"{self.server.https}/{self.bucket}"
        done = self.place.run("curl", "-s", "-D", "head", "--cacert", self.server.ca_file, *fields, url)
        # A 100 response precedes it if the server sends one.
        head = (self.place / "head").read_text().strip().replace("\r", "").split("\n\n")[-1]
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        return int(head.split()[1]), headers, done

    def is_refused(self, status, code, message="", **more):
        """Sends the form, which must be refused without storing anything."""
        answered, _, body = self.send(**more)
        error = {child.tag: child.text or "" for child in xml.etree.ElementTree.fromstring(body)}
        assert (answered, error["Code"]) == (status, code), body
        assert message in error["Message"], error["Message"]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "home")


@pytest.fixture
def form(server, bucket, place):
    return Form(server, bucket, place)


@pytest.fixture
def refused(form, s3, bucket):
    """A form that will be refused: the bucket stays empty."""
    form.place.file("up", 100)
    yield form
    assert names_in(s3, bucket) == []


def test_the_recipe(server, s3, bucket, place):
    recipe = Recipe("curl", server, bucket)
    recipe.follow(place, recipe.named["form"])
    holds(s3, bucket, "uploads/plan.txt", CONTENT)


@pytest.mark.parametrize("requested, status", [(None, 204), ("200", 200), ("201", 201), ("204", 204), ("404", 204)])
def test_a_form(form, s3, bucket, place, requested, status):
    content = place.file("up", 100_000)
    if requested:
        form.field("success_action_status", requested)
    form.field("Content-Type", "text/x-own", ["starts-with", "$Content-Type", "text/"])
    form.field("x-amz-meta-owner", "me")
    answered, headers, body = form.send()
    assert answered == status
    assert names_in(s3, bucket) == [f"uploads/{NAME}"]
    got = holds(s3, bucket, f"uploads/{NAME}", content)
    assert got["ContentType"] == "text/x-own" and got["Metadata"] == {"owner": "me"}
    assert headers["etag"] == got["ETag"] and headers["location"]
    if status != 201:
        assert body == b""
        return
    reported = {child.tag: child.text for child in xml.etree.ElementTree.fromstring(body)}
    assert (reported["Bucket"], reported["Key"], reported["ETag"]) == (bucket, f"uploads/{NAME}", got["ETag"])
    assert reported["Location"].startswith("https://") and bucket in reported["Location"]


def test_a_redirect(form, s3, bucket, place):
    content = place.file("up", 100)
    target = "https://example.com/thanks?from=form"
    form.field("success_action_redirect", target, ["starts-with", "$success_action_redirect", "https://example.com/"])
    form.field("success_action_status", "201")
    status = form.send()[0]
    location = re.search(r"^location: (.*)$", (place / "head").read_text(), re.M | re.I)[1].strip()
    assert status == 303 and location.startswith(target)
    query = parse_qs(urlsplit(location).query)
    etag = holds(s3, bucket, f"uploads/{NAME}", content)["ETag"]
    assert query == {"from": ["form"], "bucket": [bucket], "key": [f"uploads/{NAME}"], "etag": [etag]}


def test_a_customer_key(form, s3, bucket, place, customer_key):
    content = place.file("up", 300_000)
    for name, value in raw.sse_c(customer_key).items():
        form.field(name, value)
    status, headers, _ = form.send()
    assert status == 204 and headers[raw.SSE_C_ALGORITHM] == "aes256"
    holds_sealed(s3, bucket, f"uploads/{NAME}", content, customer_key)


@pytest.mark.parametrize(
    "wrong", [{raw.SSE_C_MD5: raw.b64(bytes(16))}, {raw.SSE_C_KEY: raw.b64(bytes(16))}, {raw.SSE_C_MD5: None}]
)
def test_invalid_customer_keys(refused, customer_key, wrong):
    """Objects are never stored with other encryption than requested."""
    for name, value in {**raw.sse_c(customer_key), **wrong}.items():
        if value:
            refused.field(name, value)
    refused.is_refused(400, "InvalidArgument")


def test_sse_s3_and_sse_kms(form, s3, bucket, place):
    content = place.file("up", 100)
    form.field(raw.SSE, "AES256")
    assert form.send()[1][raw.SSE] == "aes256"
    holds(s3, bucket, f"uploads/{NAME}", content)


def test_a_customer_key_that_is_blocked(refused, s3, bucket, customer_key):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    rule["BlockedEncryptionTypes"] = {"EncryptionType": ["SSE-C"]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    for name, value in raw.sse_c(customer_key).items():
        refused.field(name, value)
    refused.is_refused(403, "AccessDenied")


@pytest.mark.parametrize("condition", [raw.SSE, raw.SSE_C_ALGORITHM, "x-amz-server-side-encryption-aws-kms-key-id"])
def test_encryption_required_by_the_bucket_policy(form, s3, bucket, place, customer_key, condition):
    """Without the field the form is refused, with it accepted."""
    place.file("up", 100)
    demand = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [{**demand, "Condition": {"Null": {f"s3:{condition}": "true"}}}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    form.is_refused(403, "AccessDenied")
    assert names_in(s3, bucket) == []
    key_id = "x-amz-server-side-encryption-aws-kms-key-id"
    fields = {
        raw.SSE: {raw.SSE: "AES256"},
        raw.SSE_C_ALGORITHM: raw.sse_c(customer_key),
        key_id: {raw.SSE: "aws:kms", key_id: "default"},
    }
    for name, value in fields[condition].items():
        form.field(name, value)
    assert form.send()[0] == 204
    assert names_in(s3, bucket) == [f"uploads/{NAME}"]


@pytest.mark.parametrize("size, code", [(9, "EntityTooSmall"), (10, None), (1000, None), (1001, "EntityTooLarge")])
def test_a_range_of_lengths(form, s3, bucket, place, size, code):
    content = place.file("up", size)
    form.conditions.append(["content-length-range", 10, 1000])
    if code:
        form.is_refused(400, code)
        assert names_in(s3, bucket) == []
    else:
        assert form.send()[0] == 204
        holds(s3, bucket, f"uploads/{NAME}", content)


def test_a_large_file(form, s3, bucket, place):
    content = place.file("up", 20 * MIB + 7)
    form.conditions.append(["content-length-range", 0, 30 * MIB])
    assert form.send()[0] == 204
    holds(s3, bucket, f"uploads/{NAME}", content)


def test_fields_that_need_no_condition(form, s3, bucket, place):
    """Fields that begin with x-ignore-, and fields after the file, are ignored."""
    content = place.file("up", 100)
    form.field("x-ignore-this", "anything", False)
    form.late = {"x-amz-meta-late": "late"}
    assert form.send()[0] == 204
    assert holds(s3, bucket, f"uploads/{NAME}", content)["Metadata"] == {}


def test_a_condition_that_does_not_hold(refused):
    refused.fields["key"] = "elsewhere/${filename}"
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed")


def test_a_different_value(refused):
    refused.field("x-amz-meta-owner", "me", {"x-amz-meta-owner": "you"})
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed")


def test_a_condition_without_its_field(refused):
    refused.conditions.append({"x-amz-meta-owner": "me"})
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed")


def test_a_field_that_the_policy_does_not_know(refused):
    refused.field("x-amz-meta-owner", "me", False)
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Extra input fields: x-amz-meta-owner")


def test_a_customer_key_that_the_policy_does_not_know(refused, customer_key):
    for name, value in raw.sse_c(customer_key).items():
        refused.field(name, value, False)
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Extra input fields")


def test_another_bucket(refused):
    refused.conditions[0] = {"bucket": "another-bucket"}
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed")


@pytest.mark.parametrize("more", ["%3F", "%23", "%2Fkey%3F"])
def test_a_bucket_field_with_more_than_a_name(form, s3, bucket, place, more):
    """Text after the name must not become a query or another key of the internal request."""
    place.file("up", 100)
    form.conditions[0] = ["starts-with", "$bucket", bucket[:4]]
    form.bucket = f"{bucket}-new{more}"
    status = form.send()[0]
    assert status in (400, 405, 501)
    assert f"{bucket}-new" not in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert names_in(s3, bucket) == []


def test_a_policy_that_names_no_bucket(refused):
    del refused.conditions[0]
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy")


def test_a_policy_that_has_expired(refused):
    refused.expires = datetime.now(UTC) - timedelta(minutes=1)
    refused.is_refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")


def test_a_wrong_signature(refused):
    refused.secret = secrets.token_urlsafe(30)
    refused.is_refused(403, "SignatureDoesNotMatch")


def test_a_policy_changed_after_it_was_signed(refused):
    refused.sign()
    policy = {"expiration": "2099-01-01T00:00:00Z", "conditions": refused.conditions}
    refused.fields["policy"] = raw.b64(json.dumps(policy).encode())
    refused.is_refused(403, "SignatureDoesNotMatch", signed=False)


def test_no_policy_at_all(refused):
    refused.is_refused(403, "AccessDenied", signed=False)


def test_no_file(refused):
    refused.is_refused(400, "InvalidArgument", "POST requires exactly one file upload per request.", file=None)


def test_no_key(refused):
    del refused.fields["key"]
    refused.is_refused(400, "InvalidArgument", "Bucket POST must contain a field named 'key'.")
