"""A customer key is wiped from the server's memory when its request ends: every mapping of the process is searched.

Keep-alive connections are covered too, with the buffers of HTTP and TLS.
"""

import json
import os
import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from support.chunked import SIGNED, put_chunked
from support.http2 import Http2
from support.process_memory import Memory, fragments
from support.raw import (
    ALGORITHM,
    SSE_C_ALGORITHM,
    SSE_C_KEY,
    SSE_C_MD5,
    UNSIGNED,
    Connection,
    Signer,
    b64,
    head_of,
    path_of,
    send_unsigned,
    sse_c,
    wait_until,
)
from support.wire import COPY_SOURCE, LEAST_PART, Upload, Wire, of_source

CONTENT = random.Random(3).randbytes(3 << 20)
# Time for the server's work after the last byte of a response, on a busy machine.
SETTLED = 2.0
# Time for which an HTTP/2 connection accepts requests after a customer key, see docs/threat-model.md.
KEY_LIMIT = 5.0


@pytest.fixture
def server(start_server):
    # Only root can read the memory of a process that forbids core dumps; its parent can if they are allowed.
    allowed = [] if os.geteuid() == 0 else ["--memory-core-dumps", "true"]
    server = start_server(*allowed)
    server.s3().create_bucket(Bucket="bucket")
    return server


@pytest.fixture
def keys():
    return {name: secrets.token_bytes(32) for name in ("key", "other key", "wrong key")}


def left(server, keys):
    """Returns the remains of the keys in memory."""
    needles = {what: needle for name, key in keys.items() for what, needle in fragments(name, key).items()}
    with Memory(server.process) as memory:
        return memory.places(needles)


def assert_gone(server, keys, limit=SETTLED):
    places = []

    def gone():
        places[:] = left(server, keys)
        return not places

    assert wait_until(gone, limit), f"{len(places)} places, such as {places[:8]}"


@pytest.mark.parametrize("stays_open", [True, False], ids=["kept", "closed"])
@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_nothing_is_left_of_a_key(server, keys, secure, stays_open):
    wire = Wire(server, secure)
    use_objects(wire, keys)
    use_an_upload(wire, keys)
    be_refused(wire, keys)
    if not stays_open:
        wire.close()
    assert_gone(server, keys)
    # The kept connection is still open.
    assert wire("HEAD", path_of("bucket", "plain")).status == 200
    wire.close()


def use_objects(wire, keys):
    key, other, wrong = (sse_c(key) for key in keys.values())
    for name, content in [("small", CONTENT[:100]), ("medium", CONTENT[:200_000]), ("large", CONTENT)]:
        path = path_of("bucket", name)
        assert wire("PUT", path, body=content, headers=key).status == 200
        assert wire("GET", path, headers=key).body == content
        assert wire("GET", path, headers={**key, "Range": "bytes=10-20"}).status == 206
        assert wire("HEAD", path, headers=key).status == 200
        requested = {**key, "x-amz-object-attributes": "ObjectSize,ObjectParts"}
        assert wire("GET", path, query="attributes=", headers=requested).status == 200
        assert wire("GET", path, headers=wrong).status == 403
        assert wire("HEAD", path, headers={**key, "If-None-Match": "*"}).status == 304
        copy = path_of("bucket", f"copy of {name}")
        assert wire("PUT", copy, headers={COPY_SOURCE: path, **of_source(key), **other}).status == 200
        assert wire("PUT", path, headers={COPY_SOURCE: path, **of_source(key), **other}).status == 200
        assert wire("GET", path, headers=other).body == content
    plain = {COPY_SOURCE: path_of("bucket", "small"), **of_source(other)}
    assert wire("PUT", path_of("bucket", "plain"), headers=plain).status == 200


def use_an_upload(wire, keys):
    key, other = sse_c(keys["key"]), sse_c(keys["other key"])
    upload = Upload(wire, "bucket", "uploaded", key)
    assert upload.part(1, CONTENT[:100] * (LEAST_PART // 100 + 1), key).status == 200
    source = path_of("bucket", "large")
    assert upload.copy_part(2, source, {**of_source(other), **key}).status == 200
    assert upload.complete(headers=key).status == 200
    assert wire("GET", upload.path, query="partNumber=2", headers=key).body == CONTENT
    given_up = Upload(wire, "bucket", "given up", key)
    assert given_up.part(1, CONTENT, key).status == 200
    assert given_up.abort().status == 204


def be_refused(wire, keys):
    """Sends requests with keys in wrong places and forms."""
    key, path = sse_c(keys["key"]), path_of("bucket", "refused")
    changes = [{SSE_C_MD5: b64(bytes(16))}, {SSE_C_ALGORITHM: "AES128"}, {"x-amz-server-side-encryption": "AES256"}]
    changes += [{SSE_C_KEY: key[SSE_C_KEY][:-4]}, {SSE_C_KEY: keys["key"].hex()}, {"If-Match": '"0"'}]
    changes += [{"x-amz-server-side-encryption-customer-keys": key[SSE_C_KEY]}]
    for change in changes:
        for method in ["PUT", "GET"]:
            assert wire(method, path, headers={**key, **change}).status >= 400
    assert wire("PUT", path, headers=key, body=CONTENT, secret="wrong").status == 403
    assert wire("PUT", path, headers=key, late=[(SSE_C_KEY, key[SSE_C_KEY])]).status == 400
    assert wire("GET", path, query=f"{SSE_C_KEY}={quote(key[SSE_C_KEY], safe='')}").status == 400
    assert send_unsigned(wire.server, "PUT", path, headers=key, secure=wire.secure).status == 403
    response = put_chunked(wire.server, path, [CONTENT[:70_000]], payload=SIGNED, headers=key, spoil=lambda f: f[:1])
    assert response.status == 400


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_a_key_is_found_while_its_request_runs(server, keys, secure):
    """The search finds a key in use; and a client that disconnects in the middle leaves nothing."""
    keys = {"key": keys["key"]}
    assert_gone(server, keys)
    for goes_on in [True, False]:
        with Connection(server, secure) as connection:
            path, key = path_of("bucket", "k"), sse_c(keys["key"])
            length = len(CONTENT)
            head = head_of(server, "PUT", path, headers=key, payload=UNSIGNED, length=length, host=connection.host)
            connection.head("PUT", path, "", head)
            connection.body(CONTENT[:1_500_000])
            assert wait_until(lambda: left(server, keys)), "a key in use was not found"
            if goes_on:
                connection.body(CONTENT[1_500_000:])
                assert connection.response("PUT").status == 200
                assert_gone(server, keys)
        assert_gone(server, keys)


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_heads_in_several_pieces(server, keys, secure):
    """The end of one request and the beginning of the next arrive in one piece, the rest later, repeatedly."""
    path, key = path_of("bucket", "k"), sse_c(keys["key"])
    with Connection(server, secure) as connection:
        connection.http.connect()
        stream, borders = b"", []
        for number in range(12):
            # Up to sizes at which the server reads more at once.
            body = CONTENT[: [10, 70_000, 1_000_000][number % 3]]
            head = head_of(server, "PUT", path, headers=key, payload=UNSIGNED, length=len(body), host=connection.host)
            lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head), "", ""]
            stream += "\r\n".join(lines).encode() + body
            borders.append(len(stream) + 300)
        sent = 0
        for border in borders:
            connection.body(stream[sent:border])
            sent = border
            answer_on(connection)
            # Time for the server to notice that the head is incomplete.
            time.sleep(0.01)
        assert_gone(server, keys)


def answer_on(connection):
    """Reads one response byte for byte, because http.client would read further."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.http.sock.recv(1)
    assert head.startswith(b"HTTP/1.1 200 ") and b"content-length: 0" in head.lower(), head


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_forms(server, keys, secure):
    key = keys["key"]
    assert post_form(server, key, secure) == 204
    assert_gone(server, keys)
    assert post_form(server, key, secure, CONTENT[:1000], secret="wrong") == 403
    assert_gone(server, keys)


def post_form(server, key, secure, content=CONTENT, secret=None):
    """Sends a form as a browser does, and returns the status."""
    signer = Signer(server.access_key, secret or server.secret)
    fields = {
        "key": "form",
        **sse_c(key),
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": signer.credential,
        "x-amz-date": signer.date,
    }
    conditions = [{"bucket": "bucket"}, *({name: value} for name, value in fields.items())]
    expiration = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    policy = b64(json.dumps({"expiration": expiration, "conditions": conditions}).encode())
    fields |= {"policy": policy, "x-amz-signature": signer.signature(policy)}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()]
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + content + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return send_unsigned(server, "POST", "/bucket", headers=headers, body=b"".join(parts) + file, secure=secure).status


def test_clients_that_keep_many_connections(server, keys):
    """boto3 keeps its connections open in a pool."""
    given = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": keys["key"]}
    for secure in [True, False]:
        s3 = server.s3(secure=secure)
        s3.put_object(Bucket="bucket", Key="k", Body=CONTENT, **given)
        assert s3.get_object(Bucket="bucket", Key="k", **given)["Body"].read() == CONTENT
        s3.head_object(Bucket="bucket", Key="k", **given)
        source = {f"CopySource{name}": value for name, value in given.items()}
        s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/k", **given, **source)
    assert_gone(server, keys)


def test_http2(server, keys):
    """HTTP/2 keeps headers as long as a connection: one that carried a key is closed soon, without losing a request."""
    key = {name.lower(): value for name, value in sse_c(keys["key"]).items()}
    path = path_of("bucket", "k")
    with Http2(server) as keyless, Http2(server) as connection:
        assert connection.ask("PUT", path, key, CONTENT[:50_000]) == (200, b"")
        began = time.monotonic()
        assert connection.ask("GET", path, key) == (200, CONTENT[:50_000])
        assert keyless.ask("GET", "/bucket")[0] == 200
        # An upload that takes longer than the connection's limit.
        upload = connection.begin("PUT", path, key, len(CONTENT))
        upload.send(CONTENT[:100_000])
        assert wait_until(connection.is_told_to_go, KEY_LIMIT + 5)
        assert time.monotonic() - began > KEY_LIMIT / 2, "the connection was closed too soon"
        upload.send(CONTENT[100_000:])
        assert upload.end() == (200, b"")
        assert wait_until(connection.is_closed, 5)
        assert_gone(server, keys)
        assert not keyless.is_told_to_go() and keyless.ask("GET", "/bucket")[0] == 200
