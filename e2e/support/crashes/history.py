"""Keys under load: what was sent and what was answered."""

import functools
import hashlib
import itertools
import threading
import time
from dataclasses import dataclass, field, replace

from support.linearizability import Read
from support.raw import sse_c

CUSTOMER_KEY = sse_c(hashlib.sha256(b"a customer key").digest())
BUCKETS = {"plain": False, "versions": True}
# Names that begin with c are encrypted with the customer key.
NAMES = ["s1", "s2", "s3", "c1", "c2", "c3"]
NONE = frozenset([None])


@functools.lru_cache(maxsize=64)
def content(seed, size):
    """Returns content that no other seed has."""
    return hashlib.shake_128(b"%d" % seed).digest(size)


@dataclass(frozen=True)
class Value:
    """The result of a write. Its number is in the metadata; a copy has another number and the same content."""

    number: int
    seed: int
    size: int

    def content(self):
        return content(self.seed, self.size)


@dataclass
class Key:
    """A key of a bucket. State and history are those since the last check, when nothing else was going on."""

    bucket: str
    name: str
    state: tuple = ()
    history: list = field(default_factory=list)
    sent: dict = field(default_factory=dict)
    # Of the last answer that had one: a value and its ETag.
    last: tuple | None = None
    # Operations that the server refused because a call failed, for messages.
    refused: list = field(default_factory=list)
    # Version ids of answered writes, by value.
    ids: dict = field(default_factory=dict)

    @property
    def versioned(self):
        return BUCKETS.get(self.bucket, False)

    @property
    def headers(self):
        return CUSTOMER_KEY if self.name.startswith("c") else {}

    def of_size(self, size):
        # A copy, because other clients send values meanwhile.
        return frozenset(value for value in list(self.sent.values()) if value.size == size)

    def of_content(self, value):
        return frozenset(other for other in list(self.sent.values()) if other.seed == value.seed)


class History:
    """All keys, and the uploads. Clients use it at the same time."""

    def __init__(self):
        self.keys = [Key(bucket, name) for bucket in BUCKETS for name in NAMES]
        self.numbers = itertools.count(1)
        # A bucket that is created and deleted, as if it were an object, and an object in it. One client uses them.
        self.scratch, self.inside = Key("scratch", ""), Key("scratch", "s1")
        self.has_scratch = False
        self.lock = threading.Lock()
        # Uploads that can be completed: (key, upload id, parts, value).
        self.open_uploads = []
        # Ids of uploads that were completed or aborted.
        self.ended_uploads = set()
        self.answered = 0

    def value(self, key, size, seed=None):
        """Returns a value that is about to be sent."""
        with self.lock:
            number = next(self.numbers)
            key.sent[number] = value = Value(number, number if seed is None else seed, size)
            return value

    def take_upload(self):
        """Returns an upload that nobody else completes then, or None."""
        with self.lock:
            return self.open_uploads.pop() if self.open_uploads else None

    def begin(self, key, kind, **fields):
        """Notes an operation that is sent now. Without an answer it stays as it is."""
        entry = [kind(time.monotonic(), None, **fields)]
        with self.lock:
            key.history.append(entry)
        return entry

    def answer(self, key, entry, operation=None, why=None):
        """Notes the answer: the operation happened as it was sent, or was another one (a type with its fields). `False`: it
        did nothing, for the reason `why`."""
        end = time.monotonic()
        with self.lock:
            self.answered += 1
            if operation is False:
                key.history = [other for other in key.history if other is not entry]
                key.refused.append((*entry, end, why))
            elif operation is None:
                entry[0] = replace(entry[0], end=end)
            else:
                kind, fields = operation
                entry[0] = kind(entry[0].start, end, **fields)

    def read(self, key, start, values):
        """Notes an answer that says that the current value is one of these."""
        with self.lock:
            self.answered += 1
            key.history.append([Read(start, time.monotonic(), frozenset(values))])

    def is_answered(self, key, value, response):
        """Notes the ETag and the version id in the answer to a write."""
        with self.lock:
            if etag := response.headers.get("etag"):
                key.last = (value, etag)
            if version := response.headers.get("x-amz-version-id"):
                key.ids[value] = version
