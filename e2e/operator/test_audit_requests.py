"""Lines of requests in the audit log: who changed or removed what, with which result."""

import json
import socket
import time

import pytest

from support.audit_log import all_of_request, lines
from support.raw import path_of, send, send_unsigned, sse_c
from support.server import run

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{}/public/*"}
    ],
}


def line_of(server, response):
    """Returns the line of a request about one object or bucket."""
    (line,) = [line for line in all_of_request(server, response) if line.get("event") == "request"]
    assert line["who"] == server.access_key and line["principal"] == "arn:aws:iam::000000000000:root"
    assert (line["account"], line["address"]) == ("000000000000", "127.0.0.1")
    assert line["micros"] > 0
    return line


def test_changes_of_objects(server, bucket, customer_key):
    put = send(server, "PUT", path_of(bucket, "k"), body=b"content", headers=sse_c(customer_key))
    line = line_of(server, put)
    assert (line["category"], line["operation"], line["bucket"], line["key"]) == ("writes", "PutObject", bucket, "k")
    assert (line["status"], line["result"], line["mode"]) == (200, "ok", "SSE-C")
    assert (line["received"], line["sent"]) == (7, 0)
    assert "key_id" not in line, "a customer key is never named"
    deleted = send(server, "DELETE", path_of(bucket, "k"))
    line = line_of(server, deleted)
    assert (line["operation"], line["status"], line["result"]) == ("DeleteObject", 204, "ok")
    tagged = send(server, "PUT", path_of(bucket, "missing"), query="tagging=", body=b"<Tagging><TagSet/></Tagging>")
    assert (line_of(server, tagged)["result"], line_of(server, tagged)["status"]) == ("NoSuchKey", 404)


def test_changes_of_settings(server, bucket):
    put = send(server, "PUT", path_of(bucket), query="policy=", body=b"{}")
    line = line_of(server, put)
    assert (line["category"], line["operation"], line["result"]) == ("settings", "PutBucketPolicy", "MalformedPolicy")
    deleted = send(server, "DELETE", path_of(bucket), query="policy=")
    assert line_of(server, deleted)["operation"] == "DeleteBucketPolicy"
    created = send(server, "PUT", path_of(bucket + "-two"))
    line = line_of(server, created)
    assert (line["operation"], line["bucket"], "key" in line) == ("CreateBucket", bucket + "-two", False)


def test_each_of_several_deleted_objects(server, bucket):
    s3 = server.s3()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    deleted = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "a", "VersionId": version}, {"Key": "b"}], "Quiet": True}
    )
    answered = type("Answer", (), {"headers": deleted["ResponseMetadata"]["HTTPHeaders"]})
    *objects, whole = all_of_request(server, answered)
    assert [(line["key"], line.get("version"), line["result"]) for line in objects] == [
        ("a", version, "ok"),
        ("b", None, "ok"),
    ]
    assert whole["operation"] == "DeleteObjects" and whole["status"] == 200 and "key" not in whole


def test_reads_have_no_line_unless_they_are_selected(server, bucket, start_server):
    send(server, "PUT", path_of(bucket, "k"), body=b"content")
    read = send(server, "GET", path_of(bucket, "k"))
    assert [line.get("event") for line in all_of_request(server, read)] == [None]
    every = start_server("--audit-requests", "all")
    every.s3().create_bucket(Bucket="bucket")
    send(every, "PUT", path_of("bucket", "k"), body=b"content" * 100_000)
    read = send(every, "GET", path_of("bucket", "k"))
    line = line_of(every, read)
    assert (line["category"], line["operation"], line["sent"]) == ("reads", "GetObject", 700_000)
    listed = send(every, "GET", path_of("bucket"), query="list-type=2")
    assert line_of(every, listed)["sent"] == len(listed.body)
    assert every.stop() == 0
    none = start_server("--audit-requests", "none")
    none.s3().create_bucket(Bucket="bucket")
    assert none.stop() == 0
    assert not [line for line in lines(none.data_dir / "audit") if line.get("event") == "request"]


def test_strangers_have_a_line_only_for_what_they_may_do(server, bucket):
    s3 = server.s3()
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(POLICY).replace("{}", bucket))
    refused = send_unsigned(server, "PUT", path_of(bucket, "k"), body=b"1")
    assert refused.status == 403 and all_of_request(server, refused) == []
    allowed = send_unsigned(server, "PUT", path_of(bucket, "public/k"), body=b"1")
    assert allowed.status == 200
    (line,) = [line for line in all_of_request(server, allowed) if line.get("event") == "request"]
    assert (line["who"], line["result"], "principal" in line) == ("anonymous", "ok", False)


def test_an_upload_that_is_cut_off(start_server):
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    url = server.s3(secure=False).generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k"})
    host, target = url.removeprefix("http://").split("/", 1)
    head = f"PUT /{target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1000000\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.http_port)) as stranger:
        stranger.sendall(head + b"x" * 70_000)
        time.sleep(0.3)
    deadline, found = time.monotonic() + 10, []
    while not found and time.monotonic() < deadline:
        time.sleep(0.1)
        text = b"".join(file.read_bytes() for file in (server.data_dir / "audit").glob("audit-*.jsonl"))
        found = [line for line in map(json.loads, text.splitlines()) if line.get("operation") == "PutObject"]
    (line,) = found
    assert line["result"] in ("cut off", "IncompleteBody") and 0 < line["received"] <= 70_000


def test_what_lifecycle_removed(start_server):
    server = start_server("--lifecycle-day", "1")
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="bucket", Key="k", Body=b"1")["VersionId"]
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 1},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    deadline = time.monotonic() + 30
    while s3.list_object_versions(Bucket="bucket").get("Versions") and time.monotonic() < deadline:
        time.sleep(0.3)
    time.sleep(1)
    assert server.stop() == 0
    removed = [line for line in lines(server.data_dir / "audit") if line.get("operation", "").startswith("lifecycle:")]
    assert [(line["operation"], line["version"]) for line in removed[:2]] == [
        ("lifecycle:Expiration", version),
        ("lifecycle:NoncurrentVersionExpiration", version),
    ]
    assert {(line["who"], line["bucket"], line["key"]) for line in removed} == {("server", "bucket", "k")}


def test_show(server, bucket):
    send(server, "PUT", path_of(bucket, "k"), body=b"content")
    answer = send(server, "DELETE", path_of(bucket, "k"))
    all_of_request(server, answer)

    def shown(*arguments):
        done = run("audit", "show", *arguments, "--data-dir", server.data_dir, cwd=server.place)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().splitlines()

    (line,) = shown("--bucket", bucket, "--operation", "DeleteObject")
    assert f"{server.access_key}  writes     ok  operation=DeleteObject  bucket={bucket}  key=k  status=204" in line
    uses, requests = shown("--bucket", bucket, "--operation", "PutObject")
    assert "wrap" in uses and "writes" in requests
    assert len(shown("--bucket", bucket, "--use", "wrap", "--key", "k")) == 1


@pytest.mark.parametrize("value", ["read", "writes;settings", ""])
def test_unknown_categories_are_refused(tmp_path, value):
    done = run("check-config", "--audit-requests", value, cwd=tmp_path)
    assert done.returncode == 2 and b"reads, writes, settings" in done.stderr
