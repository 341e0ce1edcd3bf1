"""The server is killed in the middle of writes, repeatedly: acknowledged objects are whole."""

import hashlib
import random
import threading
import time

import pytest

from support.raw import Connection, head_of, path_of, send, sse_c

ROUNDS = 5
WRITERS = 6
SIZES = [100, 70_000, 1_500_000]


def content(name, number, size):
    """Returns the content of the `number`-th version of a key. It names itself, and all versions differ."""
    return random.Random(f"{name} {number}").randbytes(size)


class Writer(threading.Thread):
    """Overwrites its own keys, one after the other, until the server is killed."""

    def __init__(self, server, index):
        super().__init__()
        self.server, self.index = server, index
        self.key = sse_c(hashlib.sha256(b"key %d" % index).digest()) if index % 2 else {}
        self.last = {name: 0 for name in self.names()}
        self.acknowledged = {name: 0 for name in self.names()}
        self.failure = None

    def names(self):
        return [f"w{self.index}-{size}-{n}" for size in SIZES for n in range(2)]

    def run(self):
        try:
            while True:
                for name in self.names():
                    self.last[name] += 1
                    body = content(name, self.last[name], int(name.split("-")[1]))
                    response = send(self.server, "PUT", path_of("bucket", name), headers=self.key, body=body)
                    if response.status != 200:
                        self.failure = response
                        return
                    self.acknowledged[name] = self.last[name]
        except OSError:
            pass  # The server was killed.
        except Exception as error:  # A truncated response is caused by the kill too.
            if self.server.process.poll() is None:
                self.failure = error

    def check(self, server):
        """Checks that each key has its last acknowledged content, or that of the write in progress."""
        for name in self.names():
            response = send(server, "GET", path_of("bucket", name), headers=self.key)
            size = int(name.split("-")[1])
            may_be = [n for n in range(self.acknowledged[name], self.last[name] + 1) if n > 0]
            if response.status == 404:
                assert self.acknowledged[name] == 0, f"{name} was acknowledged but is lost"
                continue
            assert response.status == 200, f"{name}: {response}"
            holds = [n for n in may_be if response.body == content(name, n, size)]
            assert holds, f"{name} holds none of its versions {may_be}"
            self.acknowledged[name] = self.last[name] = holds[0]


def test_killed_while_writing(start_server):
    server = start_server("--log", "warn")
    server.s3().create_bucket(Bucket="bucket")
    chance = random.Random(5)
    state = None
    for round in range(ROUNDS):
        writers = [Writer(server, index) for index in range(WRITERS)]
        for writer, before in zip(writers, state or writers, strict=True):
            writer.last, writer.acknowledged = before.last, before.acknowledged
            writer.start()
        time.sleep(chance.uniform(0.5, 2.0))
        server.kill()
        for writer in writers:
            writer.join(60)
            assert not writer.is_alive() and writer.failure is None, writer.failure
        written = sum(sum(writer.acknowledged.values()) for writer in writers)
        assert written > 0, "no write completed before the server was killed"
        server.start()
        left = list((server.data_dir / "store" / "tmp").iterdir())
        assert left == [], f"round {round}: the crash left {left}"
        for writer in writers:
            writer.check(server)
        listed = {e["Key"]: e["Size"] for e in server.s3().list_objects_v2(Bucket="bucket").get("Contents", [])}
        assert listed == {name: int(name.split("-")[1]) for w in writers for name in w.names() if w.acknowledged[name]}
        state = writers
    assert server.stop() == 0


def test_killed_during_a_large_upload(start_server):
    """Nothing of an unacknowledged object is left after the next start, and the old object is whole."""
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    path, old = path_of("bucket", "k"), b"old" * 100_000
    assert send(server, "PUT", path, body=old).status == 200
    blobs = server.blobs()
    with Connection(server) as connection:
        head = head_of(server, "PUT", path, length=50_000_000, host=connection.host)
        connection.head("PUT", path, "", head)
        for _ in range(10):
            connection.body(bytes(1_000_000))
        deadline = time.monotonic() + 20
        while server.blobs() == blobs and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.blobs() != blobs, "the upload never reached the disk"
        server.kill()
    server.start()
    assert server.blobs() == blobs
    assert send(server, "GET", path).body == old


def test_killed_while_deleting(start_server):
    """Acknowledged deletions persist."""
    server = start_server("--log", "warn")
    server.s3().create_bucket(Bucket="bucket")
    names = [f"k{n}" for n in range(200)]
    for n, name in enumerate(names):
        send(server, "PUT", path_of("bucket", name), body=b"x" * (100 if n % 2 else 70_000))
    gone = []

    def delete():
        try:
            for name in names:
                if send(server, "DELETE", path_of("bucket", name)).status == 204:
                    gone.append(name)
        except Exception:
            return

    thread = threading.Thread(target=delete)
    thread.start()
    deadline = time.monotonic() + 30
    while len(gone) < 50 and time.monotonic() < deadline:
        time.sleep(0.01)
    server.kill()
    thread.join(60)
    server.start()
    left = {entry["Key"] for entry in server.s3().list_objects_v2(Bucket="bucket")["Contents"]}
    assert 50 <= len(gone) < 200 and not left & set(gone)
    assert len(left) >= 200 - len(gone) - 1
    for name in left:
        assert send(server, "GET", path_of("bucket", name)).status == 200


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
