"""No secret of a customer is in any file or log line, at the log level trace.

Every file in the data directory and all output of the server is searched for the content of objects, the values of
metadata and content headers, and the customer key in each possible encoding.
"""

import hashlib
import random
import secrets
from urllib.parse import quote

import pytest

from support.checksums import checksum, header
from support.chunked import SIGNED, UNSIGNED_TRAILER, put_chunked
from support.raw import SSE_C_KEY, SSE_C_MD5, Connection, b64, head_of, path_of, presign, send, send_unsigned, sse_c
from support.secret_search import STEP, files_of, found, key_forms


@pytest.fixture(scope="module")
def secret():
    """Returns the secrets by name, long enough that they cannot occur by chance."""
    key, wrong = secrets.token_bytes(32), secrets.token_bytes(32)
    # Printable characters, as the AWS CLI takes them: the raw and the written form are equal.
    text = secrets.token_hex(16).upper().encode()
    needles = {"content": secrets.token_bytes(32), "word": secrets.token_hex(16).encode()}
    needles |= {"metadata": secrets.token_hex(16).encode(), "header": secrets.token_hex(16).encode()}
    needles |= {"MD5 of content": hashlib.md5(needles["content"] * 4000).digest()}
    needles |= {"hex MD5 of content": hashlib.md5(needles["content"] * 4000).hexdigest().encode()}
    for owner, bytes_ in [("right", key), ("wrong", wrong), ("text", text)]:
        needles |= {f"{owner} {name}": form for name, form in key_forms(bytes_).items()}
    return {"key": key, "wrong": wrong, "text": text, "needles": needles}


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_found(start_server, secret, form):
    server = start_server("--log", "trace", "--log-format", form)
    needles, key = secret["needles"], sse_c(secret["key"])
    use(server, secret)
    assert found(needles, files_of(server)) == []
    server.kill()
    assert found(needles, files_of(server)) == []
    server.start()
    assert send(server, "GET", path_of("bucket", "sealed-large"), headers=key).status == 200
    assert server.stop() == 0
    assert found(needles, files_of(server)) == []
    assert "answered" in (server.place / "stderr-1").read_text(), "the requests were not logged"
    credentials = {"secret access key": server.secret.encode()}
    assert found(credentials, [file for file in files_of(server) if "stdout-1" not in file.name]) == []


def use(server, secret):
    """Sends every operation, with right and wrong keys."""
    needles, key, wrong = secret["needles"], sse_c(secret["key"]), sse_c(secret["wrong"])
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    reported = {
        "x-amz-meta-secret": needles["metadata"].decode(),
        "Cache-Control": needles["header"].decode(),
        "Content-Type": f"text/{needles['header'].decode()}",
    }
    small = needles["word"] + needles["content"]
    large = needles["word"] + needles["content"] * 4000
    for name, body in [("small", small), ("large", large), ("huge", large * 30)]:
        for mode, given in [("sealed", key), ("text", sse_c(secret["text"])), ("plain", {})]:
            path = path_of("bucket", f"{mode}-{name}")
            assert send(server, "PUT", path, headers={**reported, **given}, body=body).status == 200
            assert send(server, "GET", path, headers=given).body == body
            assert (
                send(server, "HEAD", path, headers=given).headers["x-amz-meta-secret"] == reported["x-amz-meta-secret"]
            )
            assert send(server, "GET", path, headers={**given, "Range": "bytes=10-20"}).status == 206
            assert send(server, "GET", path, headers=wrong).status in (400, 403)
            assert send(server, "GET", path).status in (200, 400)
    path = path_of("bucket", "sealed-large")
    # Failing requests, in every way in which a key could get into an error message.
    for change in [
        {SSE_C_KEY: key[SSE_C_KEY][:-4]}, {SSE_C_KEY: key[SSE_C_KEY] + "?"}, {SSE_C_MD5: "rubbish"},
        {"x-amz-server-side-encryption-customer-algorithm": b64(secret["key"])},
        {"x-amz-server-side-encryption": b64(secret["key"])}, {"Range": "x"}, {"Content-MD5": "x"},
        {"x-amz-server-side-encryption-context": b64(secret["key"])},
    ]:  # fmt: skip
        for method in ["PUT", "GET", "HEAD"]:
            assert send(server, method, path, headers={**key, **change}).status >= 200
    late = [*key.items(), *reported.items()]
    assert send(server, "PUT", path, late=late).status == 403
    assert send(server, "PUT", path, headers=key, late=late).status == 400
    assert send(server, "PUT", path, headers=key, secret="wrong", body=large).status == 403
    assert send(server, "PUT", path, headers={**key, "X-Forwarded-For": "192.0.2.1"}, secure=False).status == 400
    assert send(server, "PUT", path, headers=key, secure=False, body=large).status == 200
    in_url = f"{SSE_C_KEY}={quote(key[SSE_C_KEY], safe='')}&{SSE_C_MD5}={quote(key[SSE_C_MD5], safe='')}"
    for method in ["PUT", "GET"]:
        query = presign(server, method, path, query=in_url)
        assert send_unsigned(server, method, path, query=query).status == 400
        query = presign(server, method, path, headers=key)
        assert send_unsigned(server, method, path, query=query, headers=key, body=b"").status == 200
    chunks = [large[at : at + 65_536] for at in range(0, len(large), 65_536)]
    for payload in [SIGNED, UNSIGNED_TRAILER]:
        trailer = {header("CRC32"): checksum("CRC32", large)} if payload == UNSIGNED_TRAILER else None
        response = put_chunked(server, path, chunks, payload=payload, trailer=trailer, headers={**key, **reported})
        assert response.status == 200
        response = put_chunked(
            server, path, chunks, payload=payload, headers=key, trailer=trailer, spoil=lambda f: f[:2]
        )
        assert response.status == 400
    # A client that disconnects in the middle, and one that does not speak HTTP.
    with Connection(server) as connection:
        head = head_of(server, "PUT", path, headers=key, length=len(large), host=connection.host)
        connection.head("PUT", path, "", head)
        connection.body(large[:100_000])
    with Connection(server, secure=False) as connection:
        connection.http.connect()
        connection.body(
            b"PUT /bucket/k HTTP/9.9\r\n" + SSE_C_KEY.encode() + b": " + key[SSE_C_KEY].encode() + b"\r\n\r\n"
        )
        connection.http.sock.recv(1000)
    s3.list_objects_v2(Bucket="bucket")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "sealed-small"}, {"Key": "plain-small"}]})


def test_planted_secrets_are_found(start_server, secret):
    """The search finds each encoding in a file and in the log, and across the boundaries of its read steps."""
    server = start_server()
    needles, noise = secret["needles"], random.Random(4).randbytes(STEP)
    planted = server.data_dir / "store" / "index" / "planted"
    everywhere = [(name, planted) for name in sorted(needles)]
    planted.write_bytes(b"".join(noise[: 1000 + n] + needle for n, needle in enumerate(needles.values())))
    assert found(needles, files_of(server)) == everywhere, "an encoding was not found"
    # Each spans the boundary of a read step.
    halves = {name: len(needle) // 2 for name, needle in needles.items()}
    with planted.open("wb") as file:
        for n, (name, needle) in enumerate(needles.items()):
            file.seek((n + 1) * STEP - halves[name])
            file.write(needle)
    assert found(needles, files_of(server)) == everywhere, "an encoding was not found at a boundary"
    planted.write_bytes(noise)
    assert found(needles, files_of(server)) == []
    with server.stderr.open("ab") as log:
        log.write(b"trace: headers: " + needles["right key, base64"])
    assert ("right key, base64", server.stderr) in found(needles, files_of(server))
