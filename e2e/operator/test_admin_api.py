"""The administration API over the server's socket: each route, its errors, progress, and cancelled jobs."""

import fcntl
import json
import subprocess

import pytest

from support.admin_api import JSON, Connection, ask, begin
from support.audit_log import lines
from support.commands_on_store import DATA, OPERATOR, Store, masters, put_all
from support.raw import wait_until
from support.server import run


@pytest.fixture
def store(start_server):
    return Store(start_server(), is_running=True)


def refused(response, status, code):
    """Checks the status and code of an error, and returns its message."""
    assert (response.status, response.document["code"]) == (status, code), response
    assert response.headers["content-type"] == "application/json"
    return response.document["message"]


def result(response):
    """Returns the result of a response with a line for each event, after progress and rows."""
    assert response.status == 200 and response.headers["content-type"] == "application/x-ndjson", response
    *before, last = response.lines
    assert all(set(line) <= {"progress", "row"} and len(line) == 1 for line in before), response
    return last["result"]


def rows(response):
    return [line["row"] for line in response.lines if "row" in line]


def test_the_endpoint_with_curl(store):
    asked = ["curl", "--silent", "--show-error", "--unix-socket", "admin.sock", "http://localhost/v1/endpoint"]
    done = subprocess.run(asked, cwd=store.server.data_dir, capture_output=True, timeout=20)
    assert done.returncode == 0, done
    endpoint = json.loads(done.stdout)
    assert endpoint["here"] == store.server.https and endpoint["ca_file"] == store.server.ca_file
    assert endpoint["region"] == "us-east-1" and endpoint["elsewhere"] == []


def test_jobs_on_objects(store):
    put_all(store)
    verified = ask(store.server, "POST", "/v1/objects/verify", {"bucket": "vault", "prefix": "", "rate": 1000})
    counts = result(verified)
    assert (counts["opened"], counts["sealed"], counts["damaged"], counts["without_key"]) == (6, 2, 0, 0)
    assert counts == result(ask(store.server, "POST", "/v1/objects/verify", {}))
    usage = ask(store.server, "GET", "/v1/keys/usage")
    assert result(usage) == {"damaged": 0}
    reported = json.loads(store.done("report", "keys", "--json"))["usage"]
    assert [row["usage"] for row in rows(usage)] == reported and len(reported) == 3
    rewrap = {"bucket": "vault", "from": "sse-s3", "to": "sse-kms:default"}
    rewrapped = {"seen": 8, "rewrapped": 4, "uploads": 0, "failures": 0}
    assert result(ask(store.server, "POST", "/v1/objects/rewrap", rewrap)) == rewrapped
    audited = store.audited("rewrap")
    assert [line["use"] for line in audited].count("rewrap") == 4


def test_jobs_on_keys_and_buckets(store):
    put_all(store)
    (old,) = masters(store)
    store.done("keys", "roll")
    store.done("keys", "retire", old)
    message = refused(ask(store.server, "POST", "/v1/keys/delete", {"id": old}), 409, "key-in-use")
    assert "bucket rewrap-keys" in message
    done = result(ask(store.server, "POST", "/v1/buckets/rewrap-keys", {}))
    assert (done["keys"], done["rewrapped"]) == (4, 4) and done["master"] != old
    assert ask(store.server, "POST", "/v1/keys/delete", {"id": old}).document == {}
    refused(ask(store.server, "POST", "/v1/keys/delete", {"id": old}), 404, "no-such-key")
    refused(ask(store.server, "POST", "/v1/keys/delete", {"id": done["master"]}), 409, "key-state")
    store.s3.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
    store.s3.put_object(Bucket="kept", Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
    shred = {"bucket": "kept", "with_locked": False}
    refused(ask(store.server, "POST", "/v1/buckets/shred", shred), 409, "object-lock")
    assert ask(store.server, "POST", "/v1/buckets/shred", {**shred, "with_locked": True}).document == {}
    refused(ask(store.server, "POST", "/v1/buckets/shred", shred), 404, "no-such-bucket")
    nowhere = {"bucket": "vault", "from": "sse-s3", "to": "sse-kms:no-such-key"}
    refused(ask(store.server, "POST", "/v1/objects/rewrap", nowhere), 409, "kms-key")
    assert ask(store.server, "POST", "/v1/kms/purge-cache").document == {}
    assert [bucket["Name"] for bucket in store.s3.list_buckets()["Buckets"]] == ["empty", "vault"]


def test_events_of_commands(store):
    assert ask(store.server, "GET", "/v1/audit/ready").document == {}
    event = {"event": {"key-rolled": {"id": "m-somebody"}}}
    assert ask(store.server, "POST", "/v1/audit/events", event).document == {"not_loaded": None}
    assert store.server.stop() == 0
    (line,) = [line for line in lines(store.server.data_dir / "audit") if line.get("key_id") == "m-somebody"]
    assert (line["who"], line["operation"], line["use"]) == (OPERATOR, "keys roll", "roll")


def test_what_is_not_understood(store):
    post = ("POST", "/v1/kms/purge-cache")
    for body in [b"{", b"\xff", b"[1]", {"unknown": 1}, b"{} {}"]:
        message = refused(ask(store.server, *post, body), 400, "bad-request")
        assert "does not understand this command" in message
    assert "`unknown`" in refused(ask(store.server, *post, {"unknown": 1}), 400, "bad-request")
    refused(ask(store.server, *post, b"{}", headers={}), 415, "unsupported-media-type")
    refused(ask(store.server, "GET", "/v1/endpoint?more=1"), 400, "bad-request")
    refused(ask(store.server, "GET", "/v1/nothing"), 404, "not-found")
    wrong = ask(store.server, "DELETE", "/v1/kms/purge-cache")
    refused(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "POST"
    # A body that does not fit into the socket's buffer, too.
    for length in [70_000, 3_000_000]:
        refused(ask(store.server, *post, b" " * length), 413, "too-large")
    chunked = ask(store.server, *post, iter([b" " * 50_000, b" " * 50_000]))
    refused(chunked, 413, "too-large")
    assert ask(store.server, "GET", "/v1/endpoint", headers={"Padding": "x" * 10_000}).status == 431


def test_a_command_of_another_version_is_refused(store):
    headers = {**JSON, "strongroom-version": "999.0.0"}
    message = refused(ask(store.server, "POST", "/v1/kms/purge-cache", {}, headers), 400, "other-version")
    own = run("--version", cwd=store.server.place).stdout.decode().split()[1]
    assert "999.0.0" in message and f"Strongroom {own} " in message
    assert ask(store.server, "POST", "/v1/kms/purge-cache", {}, {**headers, "strongroom-version": own}).status == 200


def slow_check(store):
    """Starts a verification that takes minutes."""
    store.s3.create_bucket(Bucket="vault")
    for number in range(10):
        store.s3.put_object(Bucket="vault", Key=f"k{number}", Body=DATA * 30)
    return begin(store.server, "POST", "/v1/objects/verify", {"rate": 1})


def test_progress_comes_while_the_job_runs(store):
    connection, response = slow_check(store)
    first, second = (json.loads(response.readline()) for _ in range(2))
    assert all("damaged" in line["progress"]["text"] for line in [first, second])
    # Other requests are served meanwhile.
    assert ask(store.server, "GET", "/v1/endpoint").status == 200
    connection.close()
    response.close()
    assert wait_until(lambda: "command cancelled" in store.server.log())
    assert "command done" not in store.server.log().split("command started")[1]


def test_a_job_without_lines_is_cancelled_too(store):
    """The connection is closed before the response begins."""
    (old,) = masters(store)
    store.done("keys", "roll")
    store.done("keys", "retire", old)
    store.done("bucket", "rewrap-keys")
    with (store.server.data_dir / "keyring.toml.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = Connection(store.server.data_dir)
        connection.request("POST", "/v1/keys/delete", json.dumps({"id": old}).encode(), JSON)
        assert wait_until(lambda: "keys delete" in store.server.log())
        assert "command cancelled" not in store.server.log()
        connection.close()
        assert wait_until(lambda: "command cancelled" in store.server.log())
