"""Readers of an object that is overwritten and deleted meanwhile."""

import random
import threading
import time

import pytest

from support.raw import Connection, head_of, path_of, send, sse_c


@pytest.mark.parametrize("size", [5_000, 400_000])
@pytest.mark.parametrize("sealed", [False, True], ids=["SSE-S3", "SSE-C"])
def test_readers_during_overwrites(server, bucket, size, sealed):
    """A reader gets one whole version with its ETag, never a mix."""
    path = path_of(bucket, "k")
    key = sse_c(bytes(range(32))) if sealed else {}
    versions = {number: bytes([number]) * (size + number) for number in range(1, 6)}
    etags, failures, stop = {}, [], threading.Event()
    assert send(server, "PUT", path, headers=key, body=versions[1]).status == 200

    def write():
        for number in list(versions) * 8:
            response = send(server, "PUT", path, headers=key, body=versions[number])
            etags[response.headers["etag"]] = number
        stop.set()

    def read():
        while not stop.is_set():
            response = send(server, "GET", path, headers=key)
            if response.status != 200 or response.body != versions.get(response.body[0]):
                failures.append(response)
            seen.append((response.headers.get("etag"), response.body[0]))

    seen = []
    threads = [threading.Thread(target=write), *(threading.Thread(target=read) for _ in range(3))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert len(seen) > 20
    assert all(etags.get(etag, number) == number for etag, number in seen)


def test_a_slow_reader_gets_the_version_it_began(server, bucket):
    """An object is overwritten and deleted while it is read: the reader still gets the whole old object."""
    path = path_of(bucket, "k")
    old = random.Random(6).randbytes(20_000_000)
    assert send(server, "PUT", path, body=old).status == 200
    with Connection(server) as connection:
        connection.head("GET", path, "", head_of(server, "GET", path, host=connection.host))
        response = connection.http.getresponse()
        got = response.read(100_000)
        assert send(server, "PUT", path, body=b"new").status == 200
        assert send(server, "DELETE", path).status == 204
        time.sleep(2)
        got += response.read()
    assert got == old
    assert send(server, "GET", path).status == 404
