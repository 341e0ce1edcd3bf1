"""Stops the server, or fails one of its calls, at the n-th step that changes a file."""

import errno
import mmap
import os
import shutil
import struct
import subprocess
from pathlib import Path

BEFORE, AFTER, HALF, FAIL = range(4)
NAMES = ["before", "after", "in the middle of", "error in"]
PLAN = struct.Struct("qqiii28s28s")


def library(place):
    """Compiles the library that is preloaded."""
    built = Path(place, "failpoints.so")
    compiler = shutil.which("cc")
    assert compiler, "cc is missing: install a C compiler (Debian: apt-get install gcc)"
    source = Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", built, source, "-ldl"], check=True)
    return built


class Failpoints:
    """The plan of a server that was started with `variables`. Steps count that change files below `directory`."""

    def __init__(self, library, directory, file):
        file = Path(file)
        file.write_bytes(bytes(mmap.PAGESIZE))
        descriptor = os.open(file, os.O_RDWR)
        # True if syncs do nothing and say that they did.
        self.lies = False
        self.plan = mmap.mmap(descriptor, mmap.PAGESIZE)
        os.close(descriptor)
        self.variables = {
            "LD_PRELOAD": str(library),
            "FAILPOINTS": str(file),
            "FAILPOINTS_BELOW": str(directory),
        }

    def set(self, steps, action=BEFORE, *, error=errno.EIO, only=""):
        """Sets what happens at a step from now on: the next one is 1; 0: nothing happens. `only` is the name of the calls that count."""
        PLAN.pack_into(self.plan, 0, steps, self.steps(), action, error, self.lies, b"", only.encode())

    def steps(self):
        return PLAN.unpack_from(self.plan)[1]

    def hit(self):
        """Returns the description of the step at which it happened, or None."""
        *_, action, _, _, name, _ = PLAN.unpack_from(self.plan)
        name = name.rstrip(b"\0").decode()
        return f"{NAMES[action]} {name}" if name else None
