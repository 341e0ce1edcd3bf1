"""Large objects are streamed: the server's memory does not grow with them. The test does not hold one either."""

import contextlib
import hashlib
import os
import random
import re
import threading
import time
from pathlib import Path

import pytest

from support.raw import UNSIGNED, Connection, head_of, path_of, send, sse_c, wait_until

MIB = 1 << 20
# LARGE_OBJECT_MIB=4096 does the same with 4 GiB; run it with a release build, see docs/performance.md.
SIZE = int(os.environ.get("LARGE_OBJECT_MIB", "512")) * MIB
MOST_MEMORY = 256 * MIB
KEY = bytes(range(32))


def resident(server):
    """Returns the resident memory of the process in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.M)[1]) * 1024


def pieces(seed, size=SIZE):
    """Content generated on the fly: a random MiB, repeated with a different number in front."""
    block = random.Random(seed).randbytes(MIB)
    for number in range(size // MIB):
        yield number.to_bytes(8, "big") + block[8:]


def upload(server, path, headers, seed):
    digest = hashlib.md5()
    with Connection(server, timeout=300) as connection:
        pairs = head_of(server, "PUT", path, headers=headers, payload=UNSIGNED, length=SIZE, host=connection.host)
        connection.head("PUT", path, "", pairs)
        for piece in pieces(seed):
            digest.update(piece)
            connection.body(piece)
        response = connection.response("PUT")
    assert response.status == 200, response
    return response, digest.hexdigest()


def download(server, path, headers, seed):
    with Connection(server, timeout=300) as connection:
        pairs = head_of(server, "GET", path, headers=headers, host=connection.host)
        connection.head("GET", path, "", pairs)
        response = connection.http.getresponse()
        assert response.status == 200 and response.getheader("Content-Length") == str(SIZE)
        for number, piece in enumerate(pieces(seed)):
            assert response.read(MIB) == piece, f"MiB {number} differs"
        assert response.read() == b""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-C"])
def test_a_large_object(start_server, mode):
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    path, headers = path_of("bucket", "large"), sse_c(KEY) if mode == "SSE-C" else {}
    response, md5 = upload(server, path, headers, mode)
    assert (response.headers["etag"] == f'"{md5}"') == (mode == "SSE-S3")
    after_put = server.peak_memory()
    download(server, path, headers, mode)
    after_get = server.peak_memory()
    assert max(after_put, after_get) < MOST_MEMORY, f"{after_put // MIB} MiB, {after_get // MIB} MiB"
    end = {**headers, "Range": f"bytes={SIZE - 10}-"}
    assert send(server, "GET", path, headers=end).body == list(pieces(mode, MIB))[0][-10:]


def test_many_slow_uploads(start_server):
    """Stalled uploads cost little memory each."""
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    before = server.peak_memory()
    waiting = []
    for number in range(100):
        path = path_of("bucket", f"k{number}")
        connection = Connection(server)
        pairs = head_of(server, "PUT", path, payload=UNSIGNED, length=SIZE, host=connection.host)
        connection.head("PUT", path, "", pairs)
        connection.body(bytes(MIB // 2))
        waiting.append(connection)
    time.sleep(1)
    assert server.peak_memory() - before < 200 * MIB
    for connection in waiting:
        connection.close()
    assert send(server, "GET", path_of("bucket"), query="list-type=2").status == 200


def test_many_slow_downloads(start_server):
    """The server does not read ahead for stalled readers."""
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    path = path_of("bucket", "k")
    assert send(server, "PUT", path, body=bytes(64 * MIB)).status == 200
    before, waiting = server.peak_memory(), []
    for _ in range(50):
        connection = Connection(server)
        connection.head("GET", path, "", head_of(server, "GET", path, host=connection.host))
        assert connection.http.getresponse().read(10) == bytes(10)
        waiting.append(connection)
    time.sleep(1)
    assert server.peak_memory() - before < 200 * MIB
    for connection in waiting:
        connection.close()


def test_many_listings_at_once(start_server):
    """Pages of a thousand long names, requested by many clients at once."""
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    for number in range(1000):
        s3.put_object(Bucket="bucket", Key=f"{number:04}" + "k" * 1000, Body=b"")
    before, failures = server.peak_memory(), []

    def ask():
        for _ in range(3):
            response = send(server, "GET", path_of("bucket"), query="list-type=2")
            if response.status != 200 or len(response.body) < 1_000_000:
                failures.append(response)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert server.peak_memory() - before < 200 * MIB


# Buffers of the blobs' writers, and the rest of the server.
MOST_LEFT = 96 * MIB


def test_after_a_peak(start_server):
    """Memory goes back to the system a few seconds after a peak."""
    server = start_server("--memory-buffers", "256")
    server.s3().create_bucket(Bucket="bucket")
    body = random.Random(1).randbytes(8 * MIB)
    before = resident(server)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Connection(server, secure=False)) for _ in range(60)]
        for number, client in enumerate(clients):
            path = path_of("bucket", f"k{number}")
            head = head_of(server, "PUT", path, payload=UNSIGNED, length=len(body), host=client.host)
            client.head("PUT", path, "", head)
            client.body(body[: 6 * MIB])
        for client in clients:
            client.body(body[6 * MIB :])
        assert {client.response("PUT").status for client in clients} == {200}
        for number, client in enumerate(clients):
            path = path_of("bucket", f"k{number}")
            client.head("GET", path, "", head_of(server, "GET", path, host=client.host))
        for client in clients:
            assert client.response("GET").body == body
    peak = server.peak_memory() - before
    assert peak < 384 * MIB, f"{peak // MIB} MiB"
    assert wait_until(lambda: resident(server) - before <= MOST_LEFT, 20), (
        f"{(resident(server) - before) // MIB} MiB left"
    )
