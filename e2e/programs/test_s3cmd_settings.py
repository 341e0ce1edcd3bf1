"""s3cmd: settings of buckets."""

import json
import re

import pytest

from support.programs.program import names_in
from support.programs.s3cmd import S3cmd


@pytest.fixture
def s3cmd(server, bucket, tmp_path):
    return S3cmd(server, bucket, tmp_path / "home")


def test_policies(s3cmd, s3, bucket):
    url = f"arn:aws:s3:::{bucket}/secret/*"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": url}
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    (s3cmd.place / "policy.json").write_text(json.dumps(policy))
    s3cmd("setpolicy", "policy.json", s3cmd.url)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    assert '"s3:GetObject"' in s3cmd("info", s3cmd.url)
    s3cmd("delpolicy", s3cmd.url)
    assert re.search(r"^ +Policy: +none$", s3cmd("info", s3cmd.url), re.M)


def test_cors(s3cmd, s3, bucket):
    rule = "<AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
    (s3cmd.place / "cors.xml").write_text(f"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>")
    s3cmd("setcors", "cors.xml", s3cmd.url)
    rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rules == [{"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"]}]
    assert "https://a.example" in s3cmd("info", s3cmd.url)
    s3cmd("delcors", s3cmd.url)
    assert re.search(r"^ +CORS: +none$", s3cmd("info", s3cmd.url), re.M)


def test_expiry(s3cmd, s3, bucket):
    s3cmd("expire", "--expiry-days=3", "--expiry-prefix=logs/", s3cmd.url)
    rule = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    assert rule["Expiration"] == {"Days": 3} and rule["Filter"] == {"Prefix": "logs/"}
    assert "'logs/' will expire in '3' day(s)" in s3cmd("info", s3cmd.url)
    (s3cmd.place / "rules.xml").write_text(s3cmd("getlifecycle", s3cmd.url).replace(">3<", ">4<"))
    s3cmd("setlifecycle", "rules.xml", s3cmd.url)
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["Expiration"] == {"Days": 4}
    s3cmd("dellifecycle", s3cmd.url)
    assert "Expiration Rule: none" in s3cmd("info", s3cmd.url)


def test_access_control_lists(s3cmd, s3, bucket):
    """The only list is the owner's; s3cmd reads and writes lists with every copy."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    for url in [s3cmd.url, f"{s3cmd.url}/k"]:
        assert re.search(r"^ +ACL: .*: FULL_CONTROL$", s3cmd("info", url), re.M)
        s3cmd.fails("AccessControlListNotSupported", "setacl", "--acl-public", url)
        s3cmd("setacl", "--acl-private", url)
    s3cmd("cp", f"{s3cmd.url}/k", f"{s3cmd.url}/copy")
    (s3cmd.place / "up").write_bytes(b"data")
    s3cmd.fails("AccessControlListNotSupported", "put", "--acl-public", "up", f"{s3cmd.url}/public")
    assert names_in(s3, bucket) == ["copy", "k"]
