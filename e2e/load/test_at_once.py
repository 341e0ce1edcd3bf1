"""Many clients on the same few keys: copies, key changes, uploads, deletions. Every read is whole and right."""

import hashlib
import random
import threading
import time

import pytest

from support.raw import path_of, sse_c
from support.versions import set_versioning
from support.wire import COPY_SOURCE, Upload, Wire, elements, of_source, the

KEYS = [None, b"1" * 32, b"2" * 32]
SECONDS = 4
SIZES = [50, 70_000, 300_000]
# Allowed errors when other clients were faster; any other is a failure.
EXPECTED = {200, 204, 206, 400, 403, 404, 405, 412, 409}


def content(number, size):
    """Returns unique bytes that can be checked without knowing which they are."""
    body = random.Random(number).randbytes(size - 32)
    return hashlib.sha256(body).digest() + body


def is_whole(body):
    return len(body) in SIZES and hashlib.sha256(body[32:]).digest() == body[:32]


class Client(threading.Thread):
    """Runs one of several independent clients."""

    def __init__(self, server, bucket, seed, until):
        super().__init__()
        self.wire, self.bucket, self.until = Wire(server), bucket, until
        self.random, self.seed, self.failures, self.done = random.Random(seed), seed, [], {}

    def run(self):
        try:
            while time.monotonic() < self.until and not self.failures:
                step = self.random.choice(
                    [self.put, self.read, self.read, self.rotate, self.copy, self.upload, self.delete]
                )
                response = step()
                self.done[step.__name__, response.status] = self.done.get((step.__name__, response.status), 0) + 1
                if response.status not in EXPECTED:
                    self.failures.append((step.__name__, response))
        except Exception as error:
            self.failures.append(error)
        finally:
            self.wire.close()

    def path(self):
        return path_of(self.bucket, self.random.choice("ab"))

    def given(self):
        key = self.random.choice(KEYS)
        return sse_c(key) if key else {}

    def body(self):
        return content(self.random.randrange(1 << 40), self.random.choice(SIZES))

    def put(self):
        return self.wire("PUT", self.path(), body=self.body(), headers=self.given())

    def read(self):
        """Reads with each key in turn; at most one may decrypt the object, which must be whole."""
        response = self.wire("GET", self.path(), headers=self.given())
        if response.status == 200 and not is_whole(response.body):
            self.failures.append(("read", len(response.body), response))
        return response

    def rotate(self):
        path, requested = self.path(), self.given() or {"x-amz-server-side-encryption": "AES256"}
        return self.wire("PUT", path, headers={COPY_SOURCE: path, **of_source(self.given()), **requested})

    def copy(self):
        headers = {COPY_SOURCE: self.path(), **of_source(self.given()), **self.given()}
        return self.wire("PUT", path_of(self.bucket, self.random.choice("abc")), headers=headers)

    def upload(self):
        given = self.given()
        upload = Upload(self.wire, self.bucket, self.random.choice("ab"), given)
        assert upload.part(1, self.body(), given).status == 200
        assert upload.part(1, self.body(), given).status == 200
        if self.random.random() < 0.2:
            return upload.abort()
        return upload.complete()

    def delete(self):
        path = self.path()
        listed = elements(self.wire("GET", path_of(self.bucket), query="versions=").body)
        versions = [(path_of(self.bucket, v["Key"][0]), v["VersionId"][0]) for v in listed.get("Version", [])]
        if versions and self.random.random() < 0.7:
            path, id = self.random.choice(versions)
            return self.wire("DELETE", path, query=f"versionId={id}")
        return self.wire("DELETE", path)


@pytest.mark.parametrize("versioned", [False, True], ids=["kept once", "in versions"])
def test_every_read_is_whole(server, wire, bucket, versioned):
    if versioned:
        set_versioning(wire, bucket, "Enabled")
    until = time.monotonic() + SECONDS
    clients = [Client(server, bucket, seed, until) for seed in range(6)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(60)
    assert [failure for client in clients for failure in client.failures] == []
    done = {}
    for client in clients:
        for what, times in client.done.items():
            done[what] = done.get(what, 0) + times
    for what in ["put", "read", "rotate", "copy", "upload"]:
        assert done.get((what, 200)), f"no {what} ever succeeded: {done}"

    # Afterwards exactly one of the keys decrypts each listed version, and the listings agree.
    listed = elements(wire("GET", path_of(bucket), query="versions=").body)
    for version in listed.get("Version", []):
        path, query = path_of(bucket, version["Key"][0]), f"versionId={version['VersionId'][0]}"
        responses = [wire("GET", path, query=query, headers=sse_c(key) if key else {}) for key in KEYS]
        opened = [response for response in responses if response.status == 200]
        assert len(opened) == 1 and is_whole(opened[0].body), (version, responses)
        assert opened[0].headers["etag"] == version["ETag"][0] and version["Size"] == [str(len(opened[0].body))]
    newest = [v["Key"][0] for v in listed.get("Version", []) if v["IsLatest"] == ["true"]]
    current = elements(wire("GET", path_of(bucket), query="list-type=2").body).get("Contents", [])
    assert sorted(entry["Key"][0] for entry in current) == sorted(newest)
    every = [
        v["Key"][0] for kind in ("Version", "DeleteMarker") for v in listed.get(kind, []) if v["IsLatest"] == ["true"]
    ]
    assert len(every) == len(set(every)), "two newest versions of one key"
    assert the(wire("GET", path_of(bucket), query="uploads=").body, "Upload") is None
