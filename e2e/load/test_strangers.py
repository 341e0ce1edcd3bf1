"""Nobody holds the server: attackers at full rate, an honest client beside them, and the memory left after them.

    ATTACK_SECONDS=60 ATTACK_FIGURES=figures.md ./test e2e load/test_strangers.py

runs each attack for a minute and writes the table of docs/threat-model.md; use a release build.
"""

import contextlib
import os
import re
import socket
import statistics
import threading
import time
from pathlib import Path

import pytest

from support import strangers
from support.raw import path_of, send, wait_until
from support.strangers import MIB, Attack

SECONDS = float(os.environ.get("ATTACK_SECONDS", "5"))
FIGURES = os.environ.get("ATTACK_FIGURES")
# Places of the attacks on places: few, so that a test fills them.
PLACES = 256
FLAGS = os.environ.get("ATTACK_FLAGS", "--connections-max 256 --requests-rate-window 2 --memory-buffers 64").split()
# The budget of 64 MiB, the writers' buffers of 32 MiB, and the rest of the server.
MOST_MEMORY = 128 * MIB
# The allocator keeps what these allowed.
MOST_LEFT = 128 * MIB
# Seconds; a new connection with its TLS handshake, on a loaded machine.
MOST_LATENCY = 2.0


def memory(server, field):
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB$", status, re.M)[1]) * 1024


class Honest(threading.Thread):
    """A client that reads an object again and again, each time on a new connection."""

    def __init__(self, server):
        super().__init__()
        self.server, self.ended = server, threading.Event()
        self.latencies, self.failures = [], []

    def run(self):
        while not self.ended.is_set():
            started = time.monotonic()
            try:
                response = send(self.server, "GET", path_of("bucket", "small"))
                assert response.status == 200, response
                self.latencies.append(time.monotonic() - started)
            except (OSError, AssertionError) as failure:
                self.failures.append(failure)
            time.sleep(0.05)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


@pytest.fixture
def attacked(start_server):
    server = start_server(*FLAGS)
    server.places = PLACES
    server.s3().create_bucket(Bucket="bucket")
    assert send(server, "PUT", path_of("bucket", "small"), body=b"small").status == 200
    return server


def withstand(server, attack, meanwhile=lambda: None):
    """Runs an attack and returns the figures: growth at the peak, growth left, latencies, failures."""
    with Honest(server):
        time.sleep(0.5)
    before = memory(server, "VmRSS")
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    with Attack(attack, server):
        time.sleep(0.5)
        meanwhile()
        with Honest(server) as honest:
            time.sleep(SECONDS)
    peak = memory(server, "VmHWM") - before
    time.sleep(min(60, max(2, SECONDS)))
    left = memory(server, "VmRSS") - before
    ordered = sorted(honest.latencies) or [float("inf")]
    median, last = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    if FIGURES:
        with Path(FIGURES).open("a") as figures:
            figures.write(
                f"| {attack.__name__.replace('_', ' ')} | {peak // MIB} MiB | {left // MIB} MiB | {median * 1000:.0f} ms"
                f" | {last * 1000:.0f} ms | {len(honest.failures)} of {len(honest.failures) + len(honest.latencies)} |\n"
            )
    return peak, left, last, honest.failures


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "attack",
    [
        strangers.documents_over_http2,
        strangers.half_forms,
        strangers.slow_forms,
        strangers.silence,
        strangers.slow_heads,
        strangers.huge_deletes,
        strangers.giant_chunks,
        strangers.slow_uploads,
    ],
    ids=lambda attack: attack.__name__,
)
def test_an_attack(attacked, attack):
    peak, left, latency, failures = withstand(attacked, attack)
    assert not failures, failures
    assert peak < MOST_MEMORY and left < MOST_LEFT, f"{peak // MIB} MiB, {left // MIB} MiB left"
    assert latency < MOST_LATENCY


def nothing_more(_):
    """Sleeps, while the attack runs already."""
    time.sleep(600)


@pytest.mark.timeout(300)
def test_downloads_that_are_never_read(attacked):
    """They end, and with them the blob of the object that was deleted meanwhile."""
    path = path_of("bucket", "large")
    assert send(attacked, "PUT", path, body=bytes(64 * MIB)).status == 200
    assert attacked.blobs()
    held = Attack(strangers.unread_downloads, attacked)

    def delete():
        assert wait_until(lambda: sockets(attacked) > 50)
        assert send(attacked, "DELETE", path).status == 204

    with held:
        peak, left, latency, failures = withstand(attacked, nothing_more, delete)
        assert not failures, failures
        assert latency < MOST_LATENCY
        assert wait_until(lambda: not attacked.blobs() and not deleted_and_open(attacked), 60), "the blob is held"
    assert peak < 60 * 4 * MIB and left < MOST_LEFT, f"{peak // MIB} MiB, {left // MIB} MiB left"


def deleted_and_open(server):
    """Returns the deleted files that the server has open, whose space is not free."""
    targets = []
    for file in Path(f"/proc/{server.process.pid}/fd").iterdir():
        # A file may be closed during the search.
        with contextlib.suppress(FileNotFoundError):
            targets.append(os.readlink(file))
    return [target for target in targets if target.endswith(" (deleted)")]


def sockets(server):
    """Returns the number of connections that the server has open."""
    port = f":{server.https_port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(fields[1].endswith(port) and fields[3] == "01" for fields in map(str.split, lines))


@pytest.mark.timeout(300)
def test_one_address_does_not_take_all_places(attacked):
    """Connections above the share of an address, which is half of the places, are closed, and no others."""
    with contextlib.ExitStack() as held:
        for _ in range(PLACES):
            held.enter_context(socket.create_connection(("127.0.0.1", attacked.https_port)))
        # Well before the time limit of handshakes, which closes all of them after 10 seconds.
        assert wait_until(lambda: sockets(attacked) == PLACES // 2, limit=4), sockets(attacked)
        time.sleep(1)
        assert sockets(attacked) == PLACES // 2
