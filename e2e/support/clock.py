"""A wall clock of the server that the test sets."""

import mmap
import shutil
import struct
import subprocess
from pathlib import Path


class Clock:
    """The clock of a server that was started with `variables`."""

    def __init__(self, place):
        place = Path(place)
        library, file = place / "clock.so", place / "offset"
        compiler = shutil.which("cc")
        assert compiler, "cc is missing: install a C compiler (Debian: apt-get install gcc)"
        source = Path(__file__).with_suffix(".c")
        subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        file.write_bytes(bytes(mmap.PAGESIZE))
        with file.open("r+b") as opened:
            self.offset = mmap.mmap(opened.fileno(), mmap.PAGESIZE)
        self.variables = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(file)}

    def shift(self, seconds):
        """Sets the clock so many seconds after the right time."""
        struct.pack_into("q", self.offset, 0, seconds)
