"""Memory settings of the server: core dumps and swapping."""

import ctypes
import os
import re
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.raw import wait_until
from support.server import BINARY, environment

PR_CAPBSET_DROP, CAP_IPC_LOCK = 24, 14
ADDRESSES = ["--https-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]


def bind_by_a_limit():
    """Runs in the child process: becomes a user who may lock little memory."""
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0) == 0
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (8 << 20, 8 << 20))


def allow_core_dumps():
    """Runs in the child process: enables core dumps."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@contextmanager
def serving(place, *flags, prepare=None):
    """Starts a server after preparing its process, and returns it with its log."""
    log = place / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [BINARY, "serve", "--data-dir", place / "data", *ADDRESSES, *flags],
            cwd=place,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            preexec_fn=prepare,
        )
        try:
            assert wait_until(lambda: " serving " in log.read_text() or process.poll() is not None, 60)
            yield process, log.read_text()
        finally:
            process.terminate()
            process.wait(30)


def core_limit(process):
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    return re.search(r"^Max core file size +(\S+) +(\S+)", limits, re.M).groups()


def locked_bytes(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^VmLck:\s+(\d+) kB$", status, re.M)[1]) * 1024


def test_core_dumps(tmp_path):
    with serving(tmp_path, prepare=allow_core_dumps) as (process, _):
        assert core_limit(process) == ("0", "0")
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    hard = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    with serving(tmp_path, "--memory-core-dumps", "true", prepare=allow_core_dumps) as (process, _):
        assert core_limit(process) == (hard, hard)


@pytest.mark.parametrize("when", ["auto", "required"])
def test_memory_is_locked_if_permitted(tmp_path, when):
    # Root in a container has the capability but can be refused nevertheless: another process tries it first.
    lock_all = "import ctypes, mmap, sys; room = mmap.mmap(-1, 128 << 20); sys.exit(ctypes.CDLL(None).mlockall(3) != 0)"
    if subprocess.run([sys.executable, "-c", lock_all], timeout=30).returncode != 0:
        pytest.skip("this user may not lock memory")
    with serving(tmp_path, "--memory-lock", when) as (process, log):
        assert "memory is locked" in log
        # Memory that was allocated after the start counts too: threads and caches.
        assert locked_bytes(process) > 100 << 20


def test_nothing_is_locked_if_disabled(tmp_path):
    with serving(tmp_path, "--memory-lock", "off") as (process, log):
        assert "memory is not locked (memory.lock is off)" in log
        assert locked_bytes(process) == 0


def test_a_server_that_may_not_lock_memory_logs_the_remedy(tmp_path):
    with serving(tmp_path, prepare=bind_by_a_limit) as (process, log):
        assert "memory is not locked" in log and "LimitMEMLOCK=infinity" in log and "CAP_IPC_LOCK" in log
        assert locked_bytes(process) == 0
    with serving(tmp_path, "--memory-lock", "required", prepare=bind_by_a_limit) as (process, log):
        assert process.wait(30) == 1
        assert "memory.lock is required" in log and "LimitMEMLOCK=infinity" in log
