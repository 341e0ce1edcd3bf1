"""A tenant at full load, and another one: with limits, the latency of the other stays within twice what it is alone."""

import contextlib
import statistics
import threading
import time

import pytest

from support.accounts import Account
from support.server import run
from support.wire import Wire

# Connections of the tenant at full load, and seconds of it.
CONNECTIONS, SECONDS = 16, 6


class Reader(threading.Thread):
    """Reads one object again and again over one connection, and measures it."""

    def __init__(self, server):
        super().__init__()
        self.wire, self.ended, self.seconds = Wire(server, secure=False), threading.Event(), []

    def run(self):
        with contextlib.closing(self.wire):
            while not self.ended.is_set():
                started = time.monotonic()
                assert self.wire("GET", "/reader/small").status == 200
                self.seconds.append(time.monotonic() - started)


def latency_during(server, work):
    """Returns the median of the time of reads beside some work."""
    reader = Reader(server)
    reader.start()
    try:
        work()
    finally:
        reader.ended.set()
        reader.join()
    return statistics.median(reader.seconds)


class Flood(threading.Thread):
    """Sends requests of a tenant as fast as the server answers them."""

    def __init__(self, server, account):
        super().__init__()
        self.wire, self.keys = Wire(server, secure=False), {"access_key": account.access_key, "secret": account.secret}
        self.until, self.statuses = time.monotonic() + SECONDS, []

    def run(self):
        with contextlib.closing(self.wire):
            while time.monotonic() < self.until:
                path = f"/flooder/k{len(self.statuses) % 100}"
                response = self.wire("PUT", path, body=bytes(4096), **self.keys)
                self.statuses.append(response.status)
                if response.status == 503:
                    # Clients wait before they repeat a request; this one does so only shortly.
                    time.sleep(0.1)


def flood(server, account):
    floods = [Flood(server, account) for _ in range(CONNECTIONS)]
    for each in floods:
        each.start()
    for each in floods:
        each.join()
    return [status for each in floods for status in each.statuses]


@pytest.mark.timeout(120)
def test_a_tenant_at_its_limit_leaves_anothers_latency_within_twice(start_server):
    server = start_server()
    flooder = Account(server, "flooder")
    flooder.s3.create_bucket(Bucket="flooder")
    with contextlib.closing(Wire(server, secure=False)) as wire:
        assert wire("PUT", "/reader").status == 200
        assert wire("PUT", "/reader/small", body=bytes(1000)).status == 200
    limit = ["quota", "set", "--account", "flooder", "--requests-per-second", "40", "--concurrency", "2"]
    assert run(*limit, "--data-dir", server.data_dir, cwd=server.place).returncode == 0
    alone = latency_during(server, lambda: time.sleep(2))
    statuses = []
    beside = latency_during(server, lambda: statuses.extend(flood(server, flooder)))
    assert {200, 503} == set(statuses)
    # The burst of the first second, and the rate after it.
    assert statuses.count(200) <= 40 * (SECONDS + 2), statuses.count(200)
    # A millisecond for the processor that the clients of this test take themselves.
    assert beside < 2 * alone + 0.001, (alone, beside)
