"""Files and directories of which a power cut leaves what was synced, and any part of the rest.

This is stricter than any file system with a journal. After a cut, a file consists of its content at its last sync and of
any of the writes since, each cut into sectors that are kept or not. The names in a directory are those at its last sync,
after some of the changes since. A move between directories happens in both or in neither, and is durable with the
directory that it moves to.
"""

import itertools

SECTOR = 512
# Shares of the sectors that were written to the disk without a sync.
SHARES = [0, 0.1, 0.5, 0.9, 1]


class File:
    """A file: what programs see, and what is durable."""

    def __init__(self, mode):
        self.mode, self.links = mode, 0
        self.content, self.durable, self.writes = bytearray(), bytearray(), []

    def write(self, at, data):
        self.writes.append((at, bytes(data)))
        self.put(self.content, at, data)

    def resize(self, size):
        self.writes.append((size, None))
        self.put(self.content, size, None)

    @staticmethod
    def put(content, at, data):
        if data is None:
            del content[at:]
        if len(content) < at:
            content.extend(bytes(at - len(content)))
        if data is not None:
            content[at : at + len(data)] = data

    def sync(self):
        for at, data in self.writes:
            self.put(self.durable, at, data)
        self.writes = []

    def cut(self, chance):
        content = self.durable
        share = chance.choice(SHARES)
        for at, data in self.writes:
            if data is None:
                if chance.random() < share:
                    self.put(content, at, None)
                continue
            while data:
                length = SECTOR - at % SECTOR
                if chance.random() < share:
                    self.put(content, at, data[:length])
                at, data = at + length, data[length:]
        self.content, self.writes = bytearray(content), []


class Directory:
    """A directory: names, names that are durable, and the changes since."""

    def __init__(self, mode):
        self.mode, self.links = mode, 1
        self.names, self.durable, self.changes = {}, {}, []

    @property
    def content(self):
        return b""


class Change:
    """A change of names, in one directory or two. A node of None removes the name."""

    count = itertools.count()

    def __init__(self, *steps):
        self.steps, self.order = steps, next(self.count)
        for directory, name, node in steps:
            put_name(directory.names, name, node)
        # The directory that it moves to makes it durable.
        self.owner = steps[0][0]
        self.owner.changes.append(self)

    def make_durable(self):
        for directory, name, node in self.steps:
            put_name(directory.durable, name, node)
            if directory is not self.owner:
                # The name was never durable there: earlier changes of it do not come after this one.
                directory.changes = [change for change in directory.changes if change.steps[0][1] != name]


def put_name(names, name, node):
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def crash(root, nodes, chance):
    """Replaces the state of all nodes by one that a power cut can leave. Returns the ids of those that can be reached."""
    changes = []
    for node in nodes:
        if isinstance(node, Directory):
            changes += node.changes[: chance.randint(0, len(node.changes))]
    for change in sorted(changes, key=lambda change: change.order):
        change.make_durable()
    alive, to_do = set(), [root]
    while to_do:
        node = to_do.pop()
        if isinstance(node, File):
            node.links += 1
        if id(node) in alive:
            continue
        alive.add(id(node))
        if isinstance(node, File):
            node.cut(chance)
            node.links = 1
        else:
            node.names, node.changes = dict(node.durable), []
            to_do += node.names.values()
    return alive
