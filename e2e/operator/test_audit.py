"""The audit log: events of requests, the log after a kill, and the output of `strongroom audit`."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from support.audit_log import ZEROS, files, lines, of_request
from support.raw import path_of, presign, send, send_unsigned, sse_c
from support.server import run

POLICY = {"Version": "2012-10-17"}


def audit(server, *arguments):
    return run("audit", *arguments, "--data-dir", server.data_dir, cwd=server.place)


def uses(audited):
    return [line["use"] for line in audited]


@pytest.fixture
def audited(server, bucket):
    """Sends a request and returns its audit events: every line has the same who, operation and address."""

    def audited(operation, method, key, *, who=None, status=200, response=None, **more):
        response = response or send(server, method, path_of(bucket, key), **more)
        assert response.status == status, response
        found = of_request(server, response)
        for line in found:
            assert line["who"] == (who or server.access_key)
            assert (line["operation"], line["address"], line["bucket"]) == (operation, "127.0.0.1", bucket)
            age = datetime.now(UTC) - datetime.fromisoformat(line["time"])
            assert timedelta(0) <= age < timedelta(minutes=1)
        return found

    return audited


@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-C"])
def test_objects(server, bucket, audited, customer_key, mode):
    key = sse_c(customer_key) if mode == "SSE-C" else {}
    put = audited("PutObject", "PUT", "k", headers=key, body=b"content")
    assert uses(put) == ["wrap"]
    assert (put[0]["key"], put[0]["mode"], put[0]["result"]) == ("k", mode, "ok")
    assert ("key_id" in put[0]) == (mode == "SSE-S3"), "a customer key is never named"
    for operation, method in [("GetObject", "GET"), ("HeadObject", "HEAD")]:
        read = audited(operation, method, "k", headers=key)
        assert uses(read) == ["unwrap"]
        assert (read[0]["key"], read[0]["mode"], read[0].get("key_id")) == ("k", mode, put[0].get("key_id"))
    assert uses(audited("GetObjectTagging", "GET", "k", query="tagging=")) == [], "no key was needed"
    assert uses(audited("DeleteObject", "DELETE", "k", status=204)) == []


def test_large_bodies_need_no_key_after_the_first_byte(server, bucket, audited):
    body = b"x" * (5 << 20)
    assert uses(audited("PutObject", "PUT", "large", body=body)) == ["wrap"]
    assert uses(audited("GetObject", "GET", "large")) == ["unwrap"]


def test_refusals(server, bucket, audited, customer_key):
    send(server, "PUT", path_of(bucket, "k"), headers=sse_c(customer_key), body=b"content")
    for key, status in [(sse_c(b"another key of thirty-two bytes."), 403), ({}, 400)]:
        refused = audited("GetObject", "GET", "k", headers=key, status=status)
        assert uses(refused) == ["refuse"]
        assert refused[0]["result"] != "ok" and refused[0]["mode"] == "SSE-C"


def test_copies(server, bucket, audited, customer_key):
    send(server, "PUT", path_of(bucket, "from"), body=b"content")
    source = {"x-amz-copy-source": f"/{bucket}/from"}
    copied = audited("CopyObject", "PUT", "to", headers={**source, **sse_c(customer_key)})
    assert [(line["use"], line["key"], line["mode"]) for line in copied] == [
        ("unwrap", "from", "SSE-S3"),
        ("wrap", "to", "SSE-C"),
    ]
    own = audited("CopyObject", "PUT", "from", headers={**source, **sse_c(customer_key)})
    assert {line["use"] for line in own} >= {"unwrap"} and own[-1]["mode"] == "SSE-C"


def test_multipart(server, s3, bucket, audited, customer_key):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **key)["UploadId"]
    query = f"partNumber=1&uploadId={upload}"
    part = audited("UploadPart", "PUT", "k", query=query, headers=sse_c(customer_key), body=b"content")
    assert uses(part) and all(line["mode"] in ("SSE-C", "upload") for line in part)
    etag = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"][0]["ETag"]
    document = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    document += "</CompleteMultipartUpload>"
    audited("CompleteMultipartUpload", "POST", "k", query=f"uploadId={upload}", body=document.encode())
    assert uses(audited("GetObject", "GET", "k", headers=sse_c(customer_key))) == ["unwrap"]


def test_actors(server, s3, bucket, audited):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    path = path_of(bucket, "k")
    presigned = send_unsigned(server, "GET", path, query=presign(server, "GET", path))
    assert uses(audited("GetObject", "GET", "k", response=presigned)) == ["unwrap"]
    s3.delete_public_access_block(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**POLICY, "Statement": [statement]}))
    public = send_unsigned(server, "GET", path)
    assert uses(audited("GetObject", "GET", "k", who="anonymous", response=public)) == ["unwrap"]
    # Not PutObject, although the form becomes one internally.
    form = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n'
    form += b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\ncontent\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    posted = send_unsigned(server, "POST", path_of(bucket), headers=headers, body=form)
    assert uses(audited("PostObject", "POST", "k", who="anonymous", status=204, response=posted)) == ["wrap"]


def test_signed_forms(server, s3, bucket, audited):
    post = s3.generate_presigned_post(bucket, "k")
    form = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in post["fields"].items()
    )
    form += '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\ncontent\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    posted = send_unsigned(server, "POST", path_of(bucket), headers=headers, body=form.encode())
    assert uses(audited("PostObject", "POST", "k", status=204, response=posted)) == ["wrap"]


def test_the_log_of_a_run(start_server):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    for number in range(20):
        s3.put_object(Bucket="bucket", Key=f"k{number}", Body=b"content")
    running = audit(server, "verify")
    assert running.returncode == 0 and b"The chain is intact." in running.stdout, running
    assert server.stop() == 0
    found = lines(server.data_dir / "audit")
    assert found[0]["prev"] == ZEROS
    marks = [line for line in found if line.get("event", "request") != "request"]
    assert [line["event"] for line in marks] == ["begin", "start", "head", "head", "stop"]
    assert marks[2]["store"] == marks[3]["store"] and marks[2]["commit"] < marks[3]["commit"]
    assert f'sequence={len(found)} head="{found[-1]["hash"]}"' in server.log(), "the head is logged"

    shown = audit(server, "show", "--use", "wrap", "--bucket", "bucket", "--key", "k7", "--since", "1h", "--json")
    assert [json.loads(line)["key"] for line in shown.stdout.splitlines()] == ["k7"]
    shown = audit(server, "show", "--who", server.access_key, "--use", "wrap")
    assert shown.stdout.count(b"operation=PutObject") == 20, shown.stdout
    server.start()
    server.stop()
    checked = audit(server, "verify", "--expect", found[-1]["hash"])
    assert checked.returncode == 0 and b"The log contains the expected line." in checked.stdout


def test_the_chain_continues_after_a_kill(start_server):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    for number in range(3):
        response = send(server, "PUT", path_of("bucket", f"k{number}"), body=b"content")
        assert of_request(server, response)
        server.kill()
        # Remains that a power cut can leave as well.
        with files(server.data_dir / "audit")[-1].open("ab") as log:
            log.write(b'{"seq":1000,"time":"2026-')
        unfinished = audit(server, "verify")
        assert unfinished.returncode == 0 and b"last line is incomplete" in unfinished.stdout
        server.start()
    assert server.stop() == 0
    found = lines(server.data_dir / "audit")
    events = [line["event"] for line in found if line.get("event", "head") not in ("head", "request")]
    assert events == ["begin", "start", *["torn", "start"] * 3, "stop"]
    assert [line["key"] for line in found if line.get("operation") == "PutObject" and "use" in line] == [
        "k0",
        "k1",
        "k2",
    ]


def test_tampering_is_detected(start_server, tmp_path):
    server = start_server("--audit-requests", "none")
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    for number in range(10):
        s3.put_object(Bucket="bucket", Key=f"k{number}", Body=b"content")
    server.stop()
    log = server.data_dir / "audit"
    whole = files(log)[0].read_bytes().splitlines(keepends=True)
    head = json.loads(whole[-1])["hash"]

    def found(changed, *arguments):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(log, copy)
        files(copy)[0].write_bytes(b"".join(changed))
        checked = run("audit", "verify", "--directory", copy, *arguments, cwd=tmp_path)
        assert checked.returncode == 1 and checked.stdout == b"", checked
        return checked.stderr.decode()

    assert b'"operation":"PutObject"' in whole[7]
    assert "line 8: the line was changed" in found([*whole[:7], whole[7].replace(b'"ok"', b'"no"'), *whole[8:]])
    assert "line 8: sequence number" in found([*whole[:7], *whole[8:]])
    assert "line 8: sequence number" in found([*whole[:7], whole[8], whole[7], *whole[9:]])
    assert "line 9: sequence number" in found([*whole[:8], *whole[7:]])
    assert f"no line has the hash {head}" in found(whole[:-1], "--expect", head)


def test_the_log_can_be_moved_or_disabled(start_server, tmp_path):
    server = start_server("--audit-directory", tmp_path / "trail")
    server.s3().create_bucket(Bucket="bucket")
    server.stop()
    assert lines(tmp_path / "trail") and not (server.data_dir / "audit").exists()
    server = start_server("--audit-enabled", "false")
    server.s3().create_bucket(Bucket="bucket")
    assert "the audit log is disabled" in server.log()
    server.stop()
    assert not (server.data_dir / "audit").exists()
    none = audit(server, "verify")
    assert none.returncode == 1 and b"there is no audit log in" in none.stderr


def test_the_server_does_not_start_without_its_log(start_server, tmp_path):
    (tmp_path / "trail").write_text("a file where the directory belongs")
    with pytest.raises(AssertionError, match="cannot write the audit log in .*trail"):
        start_server("--audit-directory", tmp_path / "trail")
    taken = start_server("--audit-directory", tmp_path / "taken")
    with pytest.raises(AssertionError, match="another process writes the audit log in .*taken"):
        start_server("--audit-directory", tmp_path / "taken")
    assert taken.process.poll() is None
