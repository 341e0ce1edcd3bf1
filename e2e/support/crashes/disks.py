"""File systems that lose what was not synced: their state after a power cut."""

import ctypes
import fcntl
import functools
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

# EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN; the journal is not flushed.
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, 2
CLONE_NEWNS = 0x00020000
# xfs needs 300 MiB. The files are sparse.
BYTES = 512 << 20
MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
}


class Kept:
    """A directory of the machine: nothing is lost, because only the process ends."""

    loses = False

    def __init__(self, kind, place, seed):
        self.path = Path(place, "disk")
        self.path.mkdir()

    def cut(self):
        """Loses what was not synced. Every call on the file system fails from then on."""

    def restore(self):
        """Makes the file system usable after a cut. No process may use it."""

    def remove(self):
        shutil.rmtree(self.path)


class Journaled(Kept):
    """ext4 or xfs on a loop device, cut by its own call for that."""

    loses = True

    def __init__(self, kind, place, seed):
        super().__init__(kind, place, seed)
        self.image = Path(place, "image")
        with self.image.open("wb") as image:
            image.truncate(BYTES)
        run(*MAKE[kind], self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.image, self.path)

    def cut(self):
        directory = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(directory)

    def restore(self):
        run("umount", self.path)
        self.mount()

    def remove(self):
        run("umount", self.path)
        self.image.unlink()
        self.path.rmdir()


class Lossy(Kept):
    """A file system in memory that also tears and reorders writes; see nodes.py."""

    loses = True
    # True if a cut keeps nothing that was not synced.
    is_unlucky = False

    def __init__(self, kind, place, seed):
        super().__init__(kind, place, seed)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.crashes.lossy", self.path, seed],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.wait()

    def wait(self):
        answer = self.process.stdout.readline()
        assert answer == "done\n", f"the file system in memory ended: {answer}"

    def ask(self, request):
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        self.wait()

    def cut(self):
        self.ask("lose" if self.is_unlucky else "cut")

    def restore(self):
        self.ask("restore")

    def remove(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.path.rmdir()


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"


@functools.cache
def own_mounts():
    """Gives this thread mounts of its own, which vanish when the process ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")


@functools.cache
def refusal(kind):
    """Returns the reason why this machine cannot have such a disk, or None."""
    if kind == "kept":
        return None
    if os.geteuid() != 0:
        return "mounting needs root"
    device = "/dev/fuse" if kind == "lossy" else "/dev/loop-control"
    if not Path(device).exists():
        return f"{device} is missing"
    if kind != "lossy" and not shutil.which(MAKE[kind][0]):
        return f"{MAKE[kind][0]} is missing"
    try:
        own_mounts()
    except (OSError, AssertionError) as error:
        return f"no mounts of our own: {error}"
    return None


def create(kind, place, seed):
    """Creates an empty file system in a directory. Raises OSError or AssertionError if the machine cannot."""
    return {"kept": Kept, "lossy": Lossy}.get(kind, Journaled)(kind, place, seed)
