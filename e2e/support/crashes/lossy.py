"""A file system in memory that loses, tears and reorders what was not synced. It is a program of its own.

Speaks the protocol of Linux (linux/fuse.h, version 7.31) on /dev/fuse.

Usage: python -m support.crashes.lossy DIRECTORY SEED; it reads "cut", "lose" (a cut that keeps nothing that was not
synced) or "restore" from standard input, and writes "done" after each.
"""

import ctypes
import errno
import itertools
import os
import random
import stat
import struct
import sys
import threading
import time

from support.crashes.nodes import Change, Directory, File, crash

MAX_WRITE = 1 << 20
IN = struct.Struct("=IIQQIIII")
OUT = struct.Struct("=IiQ")
ATTRIBUTES = struct.Struct("=QQQQQQIIIIIIIIII")
FOPEN_DIRECT_IO = 1


class Unlucky(random.Random):
    """Chance that keeps nothing."""

    def random(self):
        return 1.0

    def choice(self, shares):
        return min(shares)

    def randint(self, least, _most):
        return least


class Disk:
    """The nodes, and the answers to the kernel."""

    def __init__(self, path, seed):
        self.path, self.chance = path, random.Random(seed)
        self.nodes, self.numbers, self.next = {}, {}, 1
        self.handles, self.listings = itertools.count(1), {}
        self.is_cut, self.lock = False, threading.Lock()
        self.root = Directory(0o40755)
        self.number(self.root)
        self.calls = {
            1: self.lookup, 3: self.getattr, 4: self.setattr, 8: self.mknod, 9: self.mkdir, 10: self.unlink, 11: self.rmdir,
            12: self.rename, 13: self.link, 14: self.open, 15: self.read, 16: self.write, 17: self.statfs,
            18: self.release, 20: self.fsync, 25: self.flush, 26: self.init, 27: self.opendir, 28: self.readdir,
            29: self.release, 30: self.fsyncdir, 35: self.create, 43: self.fallocate, 45: self.rename2,
        }  # fmt: skip

    def number(self, node):
        if id(node) not in self.numbers:
            self.numbers[id(node)], self.nodes[self.next] = self.next, node
            self.next += 1
        return self.numbers[id(node)]

    def mount(self):
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self.device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()},allow_other"
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"lossy", self.path.encode(), b"fuse.lossy", 6, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), f"cannot mount {self.path}")
        self.unmount = lambda: libc.umount2(self.path.encode(), 2)

    def serve(self):
        """Answers the kernel until the file system is unmounted."""
        device = self.device
        while True:
            try:
                request = os.read(device, MAX_WRITE + 65536)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
                    continue
                break
            with self.lock:
                self.answer(device, request)
        os.close(device)

    def answer(self, device, request):
        _, kind, unique, number, *_ = IN.unpack_from(request)
        # FORGET, BATCH_FORGET and INTERRUPT have no answer.
        if kind in (2, 42, 36):
            return
        call, failed, body = self.calls.get(kind), 0, b""
        try:
            if call is None:
                raise OSError(errno.ENOSYS, "")
            if self.is_cut and kind != 26:
                raise OSError(errno.EIO, "")
            body = call(self.nodes.get(number), memoryview(request)[IN.size :])
        except OSError as error:
            failed = -error.errno
        try:
            os.write(device, OUT.pack(OUT.size + len(body), failed, unique) + body)
        except OSError as error:
            # ENOENT: the program no longer waits.
            if error.errno != errno.ENOENT:
                raise

    def cut(self):
        with self.lock:
            self.is_cut = True
            alive = crash(self.root, list(self.nodes.values()), self.chance)
            for number, node in list(self.nodes.items()):
                if id(node) not in alive:
                    del self.nodes[number], self.numbers[id(node)]

    def lose(self):
        self.chance = Unlucky()
        self.cut()

    def restore(self):
        self.unmount()
        self.is_cut = False
        self.mount()
        threading.Thread(target=self.serve, daemon=True).start()

    def attributes(self, node):
        size = len(node.content)
        now = int(time.time())
        return ATTRIBUTES.pack(
            self.number(node), size, (size + 511) // 512, now, now, now, 0, 0, 0, node.mode, max(node.links, 0),
            os.getuid(), os.getgid(), 0, 4096, 0,
        )  # fmt: skip

    def entry(self, node):
        # Generation and the times that the kernel may keep name and attributes: none.
        return struct.pack("=QQQQII", self.number(node), 0, 0, 0, 0, 0) + self.attributes(node)

    def init(self, _node, _body):
        big_writes, max_pages = 1 << 5, 1 << 22
        return struct.pack(
            "=IIIIHHIIHHI7I", 7, 31, 1 << 20, big_writes | max_pages, 16, 12, MAX_WRITE, 1, 256, 0, *[0] * 8
        )

    def lookup(self, node, body):
        child = node.names.get(text(body))
        if child is None:
            raise OSError(errno.ENOENT, "")
        return self.entry(child)

    def getattr(self, node, _body):
        return struct.pack("=QII", 0, 0, 0) + self.attributes(node)

    def setattr(self, node, body):
        valid, _, _, size = struct.unpack_from("=IIQQ", body)
        if valid & 1:
            node.mode = stat.S_IFMT(node.mode) | struct.unpack_from("=I", body, 68)[0] & 0o7777
        if valid & 8:
            node.resize(size)
        return self.getattr(node, body)

    def add(self, directory, name, node):
        if name in directory.names:
            raise OSError(errno.EEXIST, "")
        node.links += isinstance(node, File)
        Change((directory, name, node))
        return self.entry(node)

    def mkdir(self, node, body):
        mode = struct.unpack_from("=I", body)[0]
        return self.add(node, text(body[8:]), Directory(stat.S_IFDIR | mode))

    def mknod(self, node, body):
        return self.add(node, text(body[16:]), File(struct.unpack_from("=I", body)[0]))

    def create(self, node, body):
        mode = struct.unpack_from("=II", body)[1]
        file = File(stat.S_IFREG | mode & 0o7777)
        return self.add(node, text(body[16:]), file) + self.open(file, body)

    def link(self, node, body):
        return self.add(node, text(body[8:]), self.nodes[struct.unpack_from("=Q", body)[0]])

    def unlink(self, node, body):
        name = text(body)
        if name not in node.names:
            raise OSError(errno.ENOENT, "")
        child = node.names[name]
        child.links -= 1
        Change((node, name, None))
        return b""

    def rmdir(self, node, body):
        child = node.names.get(text(body))
        if child is None or child.names:
            raise OSError(errno.ENOTEMPTY if child else errno.ENOENT, "")
        return self.unlink(node, body)

    def rename(self, node, body, skip=8):
        to = self.nodes[struct.unpack_from("=Q", body)[0]]
        old, new = (bytes(name) for name in bytes(body[skip:]).split(b"\0")[:2])
        child = node.names.get(old)
        if child is None:
            raise OSError(errno.ENOENT, "")
        before = to.names.get(new)
        if isinstance(before, File):
            before.links -= 1
        if before is not child:
            Change((to, new, child), (node, old, None))
        return b""

    def rename2(self, node, body):
        return self.rename(node, body, 16)

    def open(self, _node, _body):
        return struct.pack("=QII", 0, FOPEN_DIRECT_IO, 0)

    def opendir(self, node, _body):
        handle = next(self.handles)
        self.listings[handle] = [(b".", node), (b"..", node), *node.names.items()]
        return struct.pack("=QII", handle, 0, 0)

    def release(self, _node, body):
        self.listings.pop(struct.unpack_from("=Q", body)[0], None)
        return b""

    def flush(self, _node, _body):
        return b""

    def read(self, node, body):
        _, offset, size = struct.unpack_from("=QQI", body)
        return bytes(node.content[offset : offset + size])

    def write(self, node, body):
        _, offset, size = struct.unpack_from("=QQI", body)
        node.write(offset, body[40 : 40 + size])
        return struct.pack("=II", size, 0)

    def fallocate(self, node, body):
        _, offset, length, mode, _ = struct.unpack_from("=QQQII", body)
        if mode != 0:
            raise OSError(errno.EOPNOTSUPP, "")
        if offset + length > len(node.content):
            node.resize(offset + length)
        return b""

    def fsync(self, node, _body):
        node.sync()
        return b""

    def fsyncdir(self, node, _body):
        for change in node.changes:
            change.make_durable()
        node.changes = []
        return b""

    def readdir(self, _node, body):
        handle, offset, size = struct.unpack_from("=QQI", body)
        out = b""
        for at, (name, child) in enumerate(self.listings[handle][offset:], offset + 1):
            entry = struct.pack("=QQII", self.number(child), at, len(name), stat.S_IFMT(child.mode) >> 12) + name
            entry += bytes(-len(entry) % 8)
            if len(out) + len(entry) > size:
                break
            out += entry
        return out

    def statfs(self, _node, _body):
        blocks = 64 << 20 >> 2
        return struct.pack("=QQQQQIIII6I", blocks, blocks, blocks, 1 << 20, 1 << 20, 4096, 255, 4096, 0, *[0] * 6)


def text(body):
    return bytes(body).split(b"\0")[0]


def main():
    disk = Disk(sys.argv[1], sys.argv[2])
    disk.mount()
    threading.Thread(target=disk.serve, daemon=True).start()
    print("done", flush=True)
    for line in sys.stdin:
        {"cut": disk.cut, "lose": disk.lose, "restore": disk.restore}[line.strip()]()
        print("done", flush=True)
    disk.unmount()


if __name__ == "__main__":
    main()
