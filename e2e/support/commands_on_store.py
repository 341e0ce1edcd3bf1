"""Stores for commands, with the server running or stopped."""

import contextlib
import json
import os
import pty
import secrets
import subprocess

from support.audit_log import lines
from support.raw import path_of, send, sse_c, wait_until
from support.server import BINARY, environment, run

DATA = secrets.token_bytes(200_000)
KEY = secrets.token_bytes(32)
OPERATOR = f"operator:{os.geteuid()}"


class Store:
    """A store with a server, which is stopped before each command unless `is_running`."""

    def __init__(self, server, is_running):
        self.server, self.is_running = server, is_running

    def command(self, *arguments, stdin=b""):
        """Runs a command beside the server, or while the server is stopped."""
        if not self.is_running:
            assert self.server.stop() == 0
        done = run(*arguments, "--data-dir", self.server.data_dir, cwd=self.server.place, stdin=stdin)
        if not self.is_running:
            self.server.start()
        return done

    def done(self, *arguments, **more):
        done = self.command(*arguments, **more)
        assert done.returncode == 0, done
        return done.stdout.decode()

    def refused(self, *arguments, **more):
        done = self.command(*arguments, **more)
        assert done.returncode == 1, done
        return done.stderr.decode()

    @property
    def s3(self):
        return self.server.s3()

    def audited(self, operation):
        """Stops the server and returns the audit events of a command."""
        assert self.server.stop() == 0
        found = [line for line in lines(self.server.data_dir / "audit") if line.get("operation") == operation]
        assert all(line["who"] == OPERATOR and "address" not in line for line in found)
        self.server.start()
        # The first request to a bucket unwraps its key too.
        return [line for line in found if (line["use"], line["mode"]) != ("unwrap", "bucket")]


def put_all(store):
    """Stores objects in every mode, inline and in blobs, one of them in two versions."""
    store.s3.create_bucket(Bucket="vault")
    store.s3.put_bucket_versioning(Bucket="vault", VersioningConfiguration={"Status": "Enabled"})
    store.s3.create_bucket(Bucket="empty")
    for key, headers in [
        ("own", {}),
        ("own", {}),
        ("customer", sse_c(KEY)),
        ("kms", {"x-amz-server-side-encryption": "aws:kms"}),
    ]:
        for size, name in [(10, "small"), (len(DATA), "large")]:
            path = path_of("vault", f"{key}/{name}")
            assert send(store.server, "PUT", path, headers=headers, body=DATA[:size]).status == 200


def masters(store):
    """Returns the ids of the master keys, oldest first, with their states."""
    reported = json.loads(store.done("keys", "list", "--json"))
    return {key["id"]: key["state"] for key in reported["master"]}


def begin(server, *arguments, **more):
    return subprocess.Popen(
        [BINARY, *arguments, "--data-dir", str(server.data_dir)],
        cwd=server.place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


@contextlib.contextmanager
def slow_check(store):
    """Runs a verification that takes minutes, and waits for its start."""
    store.s3.create_bucket(Bucket="vault")
    for number in range(10):
        store.s3.put_object(Bucket="vault", Key=f"k{number}", Body=DATA * 30)
    if not store.is_running:
        store.server.stop()
    process = begin(store.server, "verify", "--rate", "1")
    try:
        if store.is_running:
            assert wait_until(lambda: "command started" in store.server.log())
        else:
            log = store.server.data_dir / "audit" / "audit-00000000000000000001.jsonl"
            assert wait_until(lambda: b'"operation":"verify"' in log.read_bytes())
        yield process
    finally:
        process.kill()
        process.wait(10)


class Terminal:
    """A command at a terminal."""

    def __init__(self, server, *arguments):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [BINARY, *arguments, "--data-dir", str(server.data_dir)],
            cwd=server.place, env=environment(), stdin=slave, stdout=subprocess.PIPE, stderr=slave,
        )  # fmt: skip
        os.close(slave)
        self.shown = b""

    def type(self, text):
        os.write(self.master, text)

    def read_until(self, text):
        while text not in self.shown:
            self.shown += os.read(self.master, 10_000)

    def finish(self):
        output = self.process.stdout.read()
        code = self.process.wait(30)
        with contextlib.suppress(OSError):
            while piece := os.read(self.master, 10_000):
                self.shown += piece
        os.close(self.master)
        return code, output
