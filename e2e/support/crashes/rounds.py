"""Rounds of load and crash on one store."""

import collections
import contextlib
import errno
import random
import re
import signal
import threading
import time
from pathlib import Path

from support.crashes.check import check
from support.crashes.failpoints import AFTER, BEFORE, FAIL, HALF, Failpoints
from support.crashes.history import BUCKETS, History
from support.crashes.load import Client, OnePut, Script
from support.server import Server, run
from support.wire import Wire

CLIENTS = 5
# Rounds on one store; then an empty one is created.
LIFE = 25
LONGEST = 1.2
ERRORS = [errno.EIO, errno.ENOSPC]


class Figures(collections.Counter):
    """Counts what happened in all rounds."""

    def line(self, name):
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.items()) if end.startswith("ended"))
        return (
            f"{name}: {self['rounds']} rounds, {self['answers']} answers, {self['unanswered']} operations without one, "
            f"{self['refused']} refused after a failed call; {self['cuts']} with a power cut, "
            f"{self['crashes during a start']} more during the start; {ends}"
        )


class Life:
    """A store on a disk, with a server that is crashed in each round."""

    def __init__(self, disk, place, library, seed, figures):
        self.disk, self.figures, self.chance = disk, figures, random.Random(seed)
        self.data = disk.path / "data"
        self.points = Failpoints(library, self.data, place / "failpoints")
        self.server = Server(
            place / "server",
            *("--log", "warn", "--store-write-buffer-mib", "1"),
            data_dir=self.data,
            start=False,
            **self.points.variables,
        )
        self.history = History()
        # Share of the crashes that are power cuts.
        self.cuts = 0.7 if disk.loses else 0

    def create(self):
        """Starts the server for the first time and creates the buckets."""
        self.start()
        self.create_buckets()

    def create_buckets(self):
        wire = Wire(self.server, secure=False)
        for bucket, versioned in BUCKETS.items():
            assert wire("PUT", f"/{bucket}").status == 200
            if versioned:
                enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
                assert wire.put(f"/{bucket}", "versioning=", enabled).status == 200
        wire.close()

    def start(self):
        self.points.set(0)
        self.server.start()

    def round(self):
        """Puts the server under load, crashes it at some time, and checks everything."""
        ending = self.chance.choice(["kill", "step", "step", "step", "error", "start"])
        when = time.monotonic() + self.chance.uniform(0.1, LONGEST)
        steps, action, error = 0, self.chance.choice([BEFORE, AFTER, HALF]), self.chance.choice(ERRORS)
        if ending == "step":
            steps = int(10 ** self.chance.uniform(0, 3.2))
        elif ending == "error":
            steps, action = self.chance.randrange(1, 200), FAIL
        clients = [
            Client(self.server, self.history, self.chance.random(), when + 10, number == 0) for number in range(CLIENTS)
        ]
        self.load(clients, steps, action, error, lambda: time.monotonic() < when)
        if ending == "start":
            self.crash_while_starting()
        self.start()
        self.check()

    def script(self, steps, action, error, kind=Script, only=""):
        """Crashes the server, or fails a call, at the n-th step of the script. Returns whether it has so many."""
        script = kind(self.server, self.history)
        self.load([script], steps, action, error, script.is_alive, only)
        hit = self.points.hit()
        self.start()
        self.check()
        return hit is not None

    def load(self, clients, steps, action, error, goes_on, only=""):
        """Runs clients until a step is hit, or as long as `goes_on` says, and crashes the server."""
        answered = self.history.answered
        self.points.set(steps, action, error=error, only=only)
        for client in clients:
            client.start()
        while goes_on() and (action == FAIL or not self.points.hit()):
            time.sleep(0.002)
        hit = self.points.hit()
        self.crash()
        for client in clients:
            client.join(60)
            assert not client.is_alive(), "a client hangs"
            if client.failure:
                raise client.failure
        self.figures["rounds"] += 1
        self.figures["answers"] += self.history.answered - answered
        self.figures["unanswered"] += sum(op.end is None for key in self.history.keys for [op] in key.history)
        self.figures["refused"] += sum(client.refused for client in clients)
        self.figures[f"ended {hit or 'by SIGKILL'}"] += 1

    def check(self):
        left = list((self.data / "store" / "tmp").iterdir())
        assert left == [], f"the crash left {left}"
        check(self.server, self.history)

    def crash(self):
        """Kills the server. In a power cut the disk loses what was not synced at that moment."""
        # Stopped first: it must not answer after the cut, when file systems report success for what they lost.
        stop(self.server.process)
        if self.chance.random() < self.cuts:
            self.figures["cuts"] += 1
            self.disk.cut()
        self.server.kill()
        self.disk.restore()

    def crash_while_starting(self, steps=None):
        """Starts the server and ends it at a step of the start. Returns whether there is this step."""
        self.points.set(steps or self.chance.randrange(1, 40), self.chance.choice([BEFORE, AFTER, HALF]))
        before = self.server.process
        starting = threading.Thread(target=self.start_quietly)
        starting.start()
        # The process may reach the step before the thread knows it.
        while starting.is_alive() and (self.server.process is before or not self.points.hit()):
            time.sleep(0.002)
        hit = self.points.hit()
        self.figures["crashes during a start"] += bool(hit)
        self.crash()
        starting.join()
        return bool(hit)

    def start_quietly(self):
        with contextlib.suppress(AssertionError):
            self.server.start()


def stop(process):
    """Stops all threads of a process. Calls of the kernel that wait for a disk may still go on."""
    process.send_signal(signal.SIGSTOP)
    while process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            threads = [
                (thread / "stat").read_text().rpartition(")")[2].split()[0]
                for thread in Path(f"/proc/{process.pid}/task").iterdir()
            ]
            if set(threads) <= {"T", "D"}:
                return
        time.sleep(0.001)


@contextlib.contextmanager
def life(create_disk, place, library, seed, figures):
    """A store on a disk of its own. It is not created yet."""
    place.mkdir()
    disk = create_disk(place)
    one = Life(disk, place, library, seed, figures)
    try:
        yield one
    except Exception as error:
        logs = [path.read_text() for path in sorted((place / "server").glob("stderr-*"))[-2:]]
        raise AssertionError("\n".join([f"{seed}: {error}", *logs, str(figures)])) from error
    finally:
        one.server.kill()
        disk.remove()


def rounds(create_disk, place, library, count, seed):
    """Does `count` rounds, on as many stores as necessary. Returns the figures."""
    figures = Figures()
    for first in range(0, count, LIFE):
        with life(create_disk, place / f"life-{first}", library, f"seed {seed}, rounds from {first}", figures) as one:
            one.create()
            for _ in range(min(LIFE, count - first)):
                one.round()
    return figures


def without_syncs(create_disk, place, library, count, seed):
    """Does rounds with a server whose syncs do nothing, which must fail."""
    with life(create_disk, place / "life", library, f"seed {seed}", Figures()) as one:
        one.create()
        one.points.lies = True
        for _ in range(count):
            one.round()


def each_step(create_disk, place, library, first, distance):
    """Crashes at every `distance`-th step of the script, beginning with `first`. Returns the figures."""
    figures, steps = Figures(), first
    goes_on = True
    while goes_on:
        with life(create_disk, place / f"life-{steps}", library, f"steps from {steps}", figures) as one:
            one.create()
            for _ in range(LIFE):
                # Every step in every way, if all steps are tried.
                for action in [BEFORE, AFTER, HALF, FAIL] if distance == 1 else [steps // distance % 4]:
                    goes_on = one.script(steps, action, ERRORS[steps % 2]) and goes_on
                if not goes_on:
                    break
                steps += distance
    return figures


def killed_before_a_cut(create_disk, place, library):
    """Kills the server after each write of a PUT, and later cuts the disk: what only the page cache had was seen meanwhile."""
    with life(create_disk, place / "life", library, "killed before a cut", Figures()) as one:
        one.create()
        one.disk.is_unlucky = True
        # The mark and a group of the log, in any order.
        for step in [1, 2, 3]:
            one.cuts = 0
            one.script(step, AFTER, 0, OnePut, "pwrite64")
            one.cuts = 1
            # The log goes on, so that its next segment follows what was seen.
            one.script(0, AFTER, 0, OnePut)


def each_step_of_a_first_start(create_disk, place, library, first, distance):
    """Crashes the first start of a server at every `distance`-th step. Returns the figures."""
    figures, steps = Figures(), first
    goes_on = True
    while goes_on:
        with life(create_disk, place / f"life-{steps}", library, f"first start, step {steps}", figures) as one:
            goes_on = one.crash_while_starting(steps)
            one.start()
            one.crash()
            one.start()
            if not one.server.secret:
                # The start that would have printed them was crashed.
                shown = run("credentials", "show", "--data-dir", one.data, cwd=one.server.place).stdout.decode()
                one.server.access_key, one.server.secret = re.findall(r"(\S+)$", shown, re.M)[:2]
            one.create_buckets()
            one.crash()
            one.start()
            one.check()
            figures["rounds"] += 1
        steps += distance
    return figures
