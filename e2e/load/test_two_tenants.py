"""Two tenants: one deletes all it has, as fast as it can; the other's reads must not become slow.

    TENANT_KEYS=100000 TENANT_FIGURES=figures.md ./test e2e load/test_two_tenants.py

uses as many keys and writes the tables of docs/performance.md; use a release build.
"""

import contextlib
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.server import run
from support.wire import Wire, content_md5

KEYS = int(os.environ.get("TENANT_KEYS", "4000"))
FIGURES = os.environ.get("TENANT_FIGURES")
AT_A_TIME = 1000
# Connections that write the keys, and connections that delete them.
WRITERS, DELETERS = 16, 4
# Seconds of reads before the load.
ALONE = 2
# Seconds; on a machine that runs other tests too.
MOST_LATENCY = 2.0
# The same for the bucket that is being emptied, whose listings wait for its deletions.
MOST_WAIT = 10.0
# Seconds that a bucket with all these keys may take to go.
MOST_DROP = 10.0
READS = [("HEAD", "/reader/small", ""), ("GET", "/reader/small", ""), ("GET", "/deleter", "list-type=2&max-keys=1")]


class Reader(threading.Thread):
    """Sends each read again and again over one connection, and measures it."""

    def __init__(self, server, reads=READS):
        super().__init__()
        self.wire, self.reads, self.ended = Wire(server, secure=False), reads, threading.Event()
        self.seconds, self.failures = {read: [] for read in reads}, []

    def run(self):
        while not self.ended.is_set():
            for method, path, query in self.reads:
                started = time.monotonic()
                response = self.wire(method, path, query=query)
                self.seconds[method, path, query].append(time.monotonic() - started)
                if response.status != 200:
                    self.failures.append(response)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        self.wire.close()

    def figures(self):
        """Returns median and 99th percentile of each read."""
        assert not self.failures, self.failures
        return {
            read: (statistics.median(seconds), sorted(seconds)[int(len(seconds) * 0.99)])
            for read, seconds in self.seconds.items()
        }


def of_reads_during(server, work, reads=READS):
    """Returns the figures of reads beside some work, and the time of the work."""
    with Reader(server, reads) as reader:
        started = time.monotonic()
        work()
        taken = time.monotonic() - started
        # Enough reads for a percentile.
        time.sleep(max(0, 1 - taken))
    return reader.figures(), taken


def over(server, number, connections, send):
    """Calls `send(wire, n)` for each number below `number`, over several connections."""

    def some(first):
        with contextlib.closing(Wire(server, secure=False)) as wire:
            for n in range(first, number, connections):
                send(wire, n)

    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(some, range(connections)))


def fill(server, bucket):
    def put(wire, n):
        assert wire("PUT", f"/{bucket}/folder-{n % 7}/{n:08}", body=b"content").status == 200

    over(server, KEYS, WRITERS, put)


def delete_all(server, bucket):
    def delete(wire, n):
        numbers = range(n * AT_A_TIME, min(KEYS, (n + 1) * AT_A_TIME))
        objects = "".join(f"<Object><Key>folder-{n % 7}/{n:08}</Key></Object>" for n in numbers)
        body = f"<Delete><Quiet>true</Quiet>{objects}</Delete>".encode()
        response = wire("POST", f"/{bucket}", query="delete=", body=body, headers=content_md5(body))
        assert response.status == 200 and b"<Error>" not in response.body, response

    over(server, -(-KEYS // AT_A_TIME), DELETERS, delete)


def report(title, tables, taken):
    if FIGURES:
        with Path(FIGURES).open("a") as out:
            out.write(f"\n{title}: {KEYS} keys, {taken:.1f} s\n")
            for name, figures in tables.items():
                for (method, path, query), (median, last) in figures.items():
                    out.write(f"| {name} | {method} {path}?{query} | {median * 1000:.1f}, {last * 1000:.1f} ms |\n")


@pytest.fixture
def tenants(start_server):
    server = start_server()
    with contextlib.closing(Wire(server, secure=False)) as wire:
        for bucket in ("reader", "deleter"):
            assert wire("PUT", f"/{bucket}").status == 200
        assert wire("PUT", "/reader/small", body=bytes(1000)).status == 200
    fill(server, "deleter")
    return server


@pytest.mark.timeout(3600)
def test_deletions_of_one_do_not_slow_reads_of_another(tenants):
    alone, _ = of_reads_during(tenants, lambda: time.sleep(ALONE))
    beside, taken = of_reads_during(tenants, lambda: delete_all(tenants, "deleter"))
    after, _ = of_reads_during(tenants, lambda: time.sleep(ALONE))
    report("DeleteObjects", {"alone": alone, "beside": beside, "after": after}, taken)
    for figures in (beside, after):
        for (_, path, _), (_, last) in figures.items():
            assert last < (MOST_WAIT if path == "/deleter" else MOST_LATENCY), (alone, beside, after)
    # The bucket is empty now, but for the traces of its keys.
    with contextlib.closing(Wire(tenants, secure=False)) as wire:
        dropped, taken = of_reads_during(
            tenants, lambda: wire("DELETE", "/deleter").status == 204 or pytest.fail("not deleted"), READS[:2]
        )
    report("DeleteBucket after all keys", {"beside": dropped}, taken)
    assert taken < MOST_DROP and all(last < MOST_LATENCY for _, last in dropped.values()), (taken, dropped)


@pytest.mark.timeout(3600)
def test_a_bucket_that_is_dropped_with_all_its_keys_disturbs_nobody(tenants):
    def shred():
        done = run(
            "bucket", "shred", "deleter", "--yes-shred", "deleter", "--data-dir", tenants.data_dir, cwd=tenants.place
        )
        assert done.returncode == 0, done.stderr

    beside, taken = of_reads_during(tenants, shred, READS[:2])
    report("bucket shred", {"beside": beside}, taken)
    assert taken < MOST_DROP and all(last < MOST_LATENCY for _, last in beside.values()), (taken, beside)
