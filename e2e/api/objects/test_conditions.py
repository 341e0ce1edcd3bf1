"""Conditional requests: reads (RFC 9110 section 13) and writes."""

import threading
from email.utils import formatdate
from time import time

import pytest

from support.raw import path_of, send, sse_c

OTHER = '"00000000000000000000000000000000"'
PAST = formatdate(time() - 86_400, usegmt=True)
FUTURE = formatdate(time() + 86_400, usegmt=True)
FAILED = "At least one of the pre-conditions you specified did not hold"


class Stored:
    def __init__(self, server, bucket, key):
        self.server, self.path, self.key = server, path_of(bucket, "k"), key
        self.etag = self.put({}).headers["etag"]
        self.modified = self.read("HEAD", {}).headers["last-modified"]

    def put(self, condition, body=b"data"):
        return send(self.server, "PUT", self.path, headers={**condition, **self.key}, body=body)

    def read(self, method, condition):
        given = {
            name: value.format(etag=self.etag, modified=getattr(self, "modified", None))
            for name, value in condition.items()
        }
        return send(self.server, method, self.path, headers={**given, **self.key})


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def stored(request, server, bucket, customer_key):
    return Stored(server, bucket, sse_c(customer_key) if request.param == "SSE-C" else {})


READS = [
    ({"If-Match": "{etag}"}, 200),
    ({"If-Match": "*"}, 200),
    ({"If-Match": OTHER}, 412),
    ({"If-None-Match": "{etag}"}, 304),
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": OTHER}, 200),
    ({"If-Modified-Since": PAST}, 200),
    ({"If-Modified-Since": "{modified}"}, 304),
    ({"If-Modified-Since": FUTURE}, 304),
    ({"If-Unmodified-Since": PAST}, 412),
    ({"If-Unmodified-Since": "{modified}"}, 200),
    ({"If-Unmodified-Since": FUTURE}, 200),
    # A condition on the ETag takes precedence over one on the time.
    ({"If-Match": "{etag}", "If-Unmodified-Since": PAST}, 200),
    ({"If-None-Match": "{etag}", "If-Modified-Since": PAST}, 304),
    ({"If-None-Match": OTHER, "If-Modified-Since": FUTURE}, 200),
    ({"If-Match": OTHER, "If-None-Match": "{etag}"}, 412),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("condition, status", READS)
def test_reads(stored, method, condition, status):
    response = stored.read(method, condition)
    assert response.status == status, response
    if status == 304:
        assert response.body == b"" and response.headers["etag"] == stored.etag
    if status == 200 and method == "GET":
        assert response.body == b"data"
    if status == 412 and method == "GET":
        response.is_error(412, "PreconditionFailed", FAILED)
        assert response.error["Condition"] in condition


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "condition, status",
    [
        ("{etag}", 206), ("{modified}", 206), (OTHER, 200), (PAST, 200), (FUTURE, 200), ("W/{etag}", 200), ("rubbish", 200),
    ],
    # Times of collection would differ between the workers of pytest-xdist.
    ids=["etag", "modified", "other", "past", "future", "weak", "rubbish"],
)  # fmt: skip
def test_if_range(stored, method, condition, status):
    """A range of another state of the object would be appended to what the client has."""
    response = stored.read(method, {"If-Range": condition, "Range": "bytes=1-2"})
    assert response.status == status, response
    assert response.headers.get("content-range") == ("bytes 1-2/4" if status == 206 else None)
    assert response.headers["content-length"] == ("2" if status == 206 else "4")


def test_etags_without_quotes(stored):
    """Many clients send ETags without quotes, and S3 accepts them."""
    bare = stored.etag.strip('"')
    assert stored.read("GET", {"If-Match": bare}).status == 200
    assert stored.read("GET", {"If-None-Match": bare}).status == 304
    assert stored.put({"If-Match": bare}).status == 200


def test_lists_of_etags(stored):
    """RFC 9110: one matching ETag of several is enough."""
    assert stored.read("GET", {"If-Match": f"{OTHER}, {stored.etag}"}).status == 200
    assert stored.read("GET", {"If-None-Match": f"{OTHER}, {stored.etag}"}).status == 304


def test_put_if_new(server, s3, bucket, stored):
    condition = {"If-None-Match": "*"}
    stored.put(condition, b"other").is_error(412, "PreconditionFailed", FAILED)
    assert stored.read("GET", {}).body == b"data"
    s3.delete_object(Bucket=bucket, Key="k")
    assert stored.put(condition, b"other").status == 200
    assert stored.read("GET", {}).body == b"other"


def test_put_if_match(stored):
    stored.put({"If-Match": OTHER}, b"other").is_error(412, "PreconditionFailed", FAILED)
    assert stored.read("GET", {}).body == b"data"
    first = stored.etag
    assert stored.put({"If-Match": first}, b"second").status == 200
    assert stored.read("GET", {}).body == b"second"
    stored.put({"If-Match": first}, b"third").is_error(412, "PreconditionFailed")
    assert stored.read("GET", {}).body == b"second"


def test_put_if_match_of_a_missing_object(server, bucket):
    response = send(server, "PUT", path_of(bucket, "new"), headers={"If-Match": OTHER}, body=b"data")
    response.is_error(404, "NoSuchKey")
    assert send(server, "HEAD", path_of(bucket, "new")).status == 404


def test_put_if_none_match_accepts_only_a_star(server, bucket):
    response = send(server, "PUT", path_of(bucket, "k"), headers={"If-None-Match": OTHER}, body=b"data")
    response.is_error(501, "NotImplemented")
    assert send(server, "HEAD", path_of(bucket, "k")).status == 404


@pytest.mark.parametrize("size", [10, 200_000])
def test_one_of_many_concurrent_puts_creates_the_key(server, bucket, size):
    """Eight clients put the same key with If-None-Match: *; exactly one may succeed."""
    outcomes = {}

    def put(number):
        body = bytes([number]) * size
        outcomes[number] = send(server, "PUT", path_of(bucket, "k"), headers={"If-None-Match": "*"}, body=body).status

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes.values()) == [200] + [412] * 7
    winner = next(number for number, status in outcomes.items() if status == 200)
    assert send(server, "GET", path_of(bucket, "k")).body == bytes([winner]) * size


def test_a_counter_of_many_writers(server, bucket):
    """Four clients increment a counter in one object with If-Match; no increment may be lost."""
    path, steps = path_of(bucket, "counter"), 10
    send(server, "PUT", path, body=b"0")
    failures = []

    def count():
        done = 0
        for _ in range(2000):
            read = send(server, "GET", path)
            condition = {"If-Match": read.headers["etag"]}
            response = send(server, "PUT", path, headers=condition, body=b"%d" % (int(read.body) + 1))
            done += response.status == 200
            if response.status not in (200, 412):
                failures.append(response)
            if done == steps:
                return
        failures.append("gave up")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert send(server, "GET", path).body == b"%d" % (4 * steps)
