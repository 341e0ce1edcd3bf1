"""Search for customer keys in the memory of a running process."""

import base64
import os
import re
import signal
from pathlib import Path

STEP = 1 << 20
# Mappings of the kernel. They cannot be read this way and hold no data of the process.
NOT_OF_THE_PROCESS = ("[vvar]", "[vvar_vclock]", "[vsyscall]")


def fragments(name, key):
    """Returns the forms of a key in memory: raw; raw with swapped words, as SHA-256 loads them; base64; hex.

    Each in quarters, because a reused buffer often keeps only a part. The shortest has 64 bits, so none occurs by
    chance.
    """
    turned = b"".join(key[at : at + 4][::-1] for at in range(0, len(key), 4))
    forms = {"raw": key, "turned": turned, "base64": base64.b64encode(key), "hex": key.hex().encode()}
    quarters = {}
    for form, text in forms.items():
        length = len(text) // 4
        quarters |= {f"{name}, {form}, quarter {n + 1}": text[n * length :][:length] for n in range(4)}
    return quarters


class Memory:
    """The memory of a process, which is stopped while it is read."""

    def __init__(self, process):
        self.process = process

    def __enter__(self):
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)
        self.file = os.open(f"/proc/{self.process.pid}/mem", os.O_RDONLY)
        return self

    def __exit__(self, *_):
        os.close(self.file)
        self.process.send_signal(signal.SIGCONT)

    def mappings(self):
        """Returns start, end and name of each readable mapping."""
        for line in Path(f"/proc/{self.process.pid}/maps").read_text().splitlines():
            start, end, rights, name = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \d+ *(.*)", line).groups()
            if "r" in rights and name not in NOT_OF_THE_PROCESS:
                yield int(start, 16), int(end, 16), name or "no name"

    def places(self, needles):
        """Returns the places of the needles: the needle, the name of the mapping, and the bytes around it."""
        longest, found = max(map(len, needles.values())), []
        for start, end, name in self.mappings():
            window = b""
            for at in range(start, end, STEP):
                # Overlaps the previous step, so that nothing is missed at a boundary.
                window = window[-longest:] + os.pread(self.file, min(STEP, end - at), at)
                if window.count(0) == len(window):
                    continue
                for what, needle in needles.items():
                    place = window.find(needle)
                    if place >= 0:
                        found.append((what, name, window[max(0, place - 60) : place + 60]))
        return found
