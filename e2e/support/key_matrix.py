"""The keys that a request can send and the responses to each: the columns of the table in key_operations.py.

The responses are those of AWS as far as they are known, from our reference on server-side encryption; derived ones are
marked.
"""

import hashlib
import secrets

from support.raw import SSE, SSE_C_ALGORITHM, SSE_C_KEY, SSE_C_MD5, b64, path_of, sse_c
from support.wire import of_source, opens_only_with

# New for each run, so that tests can search for them where they must not be.
KEY, OTHER, SHORT = secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(16)
CONTENT = secrets.token_bytes(32) * 40


def _without(name):
    return {other: value for other, value in sse_c(KEY).items() if other != name}


# Keys of requests by name. "right" is the key of the object or upload, if it has one.
GIVEN = {
    "right": sse_c(KEY),
    "wrong": sse_c(OTHER),
    "none": {},
    "no algorithm": _without(SSE_C_ALGORITHM),
    "no key": _without(SSE_C_KEY),
    "no MD5": _without(SSE_C_MD5),
    "MD5 of another": {**sse_c(KEY), SSE_C_MD5: b64(hashlib.md5(OTHER).digest())},
    "AES128": {**sse_c(KEY), SSE_C_ALGORITHM: "AES128"},
    "16 bytes": sse_c(SHORT),
    "SSE": {SSE: "AES256"},
    "SSE and key": {**sse_c(KEY), SSE: "AES256"},
}
MODES = {"SSE-C": KEY, "SSE-S3": None, "SSE-KMS": None}

OK = (200, None)
ARGUMENT = (400, "InvalidArgument")
REQUEST = (400, "InvalidRequest")
ALGORITHM = (400, "InvalidEncryptionAlgorithmError")
DENIED = (403, "AccessDenied")
REFUSED = (501, "NotImplemented")

# An invalid key where one is allowed: section 2.3. A missing MD5 is derived from the documented contract.
_MALFORMED = {
    "no algorithm": ARGUMENT,
    "no key": ARGUMENT,
    "no MD5": ARGUMENT,
    "MD5 of another": ARGUMENT,
    "AES128": ALGORITHM,
    "16 bytes": ARGUMENT,
    "SSE and key": ARGUMENT,
}
_WRITE = {**_MALFORMED, "right": OK, "wrong": OK, "none": OK, "SSE": OK}
# Section 2.4. A key of another length is a wrong key here, not a malformed one.
_READ_SEALED = {**_MALFORMED, "right": OK, "wrong": DENIED, "none": REQUEST, "16 bytes": DENIED, "SSE": ARGUMENT}
# Derived: no key is allowed here, complete or not; SSE is refused first, as on write.
_READ_PLAIN = {**dict.fromkeys(GIVEN, REQUEST), "none": OK, "SSE": ARGUMENT, "SSE and key": ARGUMENT}
# Without a body, and 404 if no key is sent (setting sse_c.head_without_key).
_HEAD_SEALED = {name: (status, None) for name, (status, _) in _READ_SEALED.items()} | {"none": (404, None)}
_HEAD_PLAIN = {name: (status, None) for name, (status, _) in _READ_PLAIN.items()}
# Section 2.6; SSE on a part, and malformed keys, are derived from 2.3.
_PART_SEALED = {**_MALFORMED, "right": OK, "wrong": REQUEST, "none": REQUEST, "SSE": ARGUMENT}
_PART_PLAIN = {**dict.fromkeys(GIVEN, REQUEST), "none": OK, "SSE": ARGUMENT, "SSE and key": ARGUMENT}
_END_SEALED = {**_PART_SEALED, "none": OK}
_IGNORED = dict.fromkeys(GIVEN, OK)

# Responses to a kind of operation, by the mode of its object or upload.
ANSWERS = {
    "write": {"SSE-C": _WRITE, "SSE-S3": _WRITE},
    "read": {"SSE-C": _READ_SEALED, "SSE-S3": _READ_PLAIN},
    "head": {"SSE-C": _HEAD_SEALED, "SSE-S3": _HEAD_PLAIN},
    "part": {"SSE-C": _PART_SEALED, "SSE-S3": _PART_PLAIN},
    # Nothing more is encrypted with the key: it is optional, but a wrong one is refused.
    "completion": {"SSE-C": _END_SEALED, "SSE-S3": _PART_PLAIN},
    # With checksums of the parts it is needed (documented; the code is the one of a write without a key).
    "completion with checksums": {"SSE-C": {**_END_SEALED, "none": ARGUMENT}, "SSE-S3": _PART_PLAIN},
    # A copy onto itself without a change, section 2.5; any encryption header is a change.
    "self-copy": {"SSE-C": {**_WRITE, "none": REQUEST}, "SSE-S3": {**_WRITE, "none": REQUEST}},
    # Takes no key; unknown headers are ignored, as on AWS.
    "no key": {"SSE-C": _IGNORED, "SSE-S3": _IGNORED},
    "no lock": {mode: dict.fromkeys(GIVEN, REQUEST) for mode in MODES},
    # A key change without moving data: not for SSE-C; the document names the new key.
    "rewrap": {"SSE-C": dict.fromkeys(GIVEN, REQUEST), "SSE-S3": {**dict.fromkeys(GIVEN, REQUEST), "none": OK}},
    # Unsupported operations must not do anything, whatever the key; adding one to the server requires a row here.
    "not offered": {mode: dict.fromkeys(GIVEN, REFUSED) for mode in MODES},
}
# The store or the service has the key; keys of requests are treated alike.
for _answers in ANSWERS.values():
    _answers["SSE-KMS"] = _answers["SSE-S3"]

# The source of a copy takes keys like a read; SSE does not exist there.
SOURCE_GIVEN = {name: of_source(given) for name, given in GIVEN.items() if SSE not in given}


# Headers with which an object or upload of a mode is created.
MADE_WITH = {"SSE-C": sse_c(KEY), "SSE-S3": {}, "SSE-KMS": {SSE: "aws:kms"}}


class World:
    """A bucket with an object in each mode; they must stay unchanged."""

    def __init__(self, wire, bucket):
        self.wire, self.bucket = wire, bucket
        self.kept = {mode: self.put(f"kept/{mode}", mode) for mode in MODES}

    def put(self, key, mode, content=CONTENT):
        """Stores an object in this mode and returns its path."""
        path = path_of(self.bucket, key)
        given = MADE_WITH[mode]
        response = self.wire("PUT", path, headers=given, body=content)
        assert response.status == 200, response
        return path

    def reads_back(self, path, key):
        opens_only_with(self.wire, path, CONTENT, key, other=SHORT + SHORT)

    def is_missing(self, path):
        self.wire("GET", path, headers=sse_c(KEY)).is_error(404, "NoSuchKey")


class Cell:
    """One request of one operation with one key, on a separate object if the operation changes one."""

    def __init__(self, world, mode, name, given):
        self.world, self.mode, self.name, self.given = world, mode, name, given
        self.wire, self.bucket = world.wire, world.bucket
        self.fresh_key = f"fresh/{secrets.token_hex(8)}"
        self.path = path_of(world.bucket, self.fresh_key)

    @property
    def key(self):
        """The key of the request's object or upload."""
        return MODES[self.mode]

    @property
    def own(self):
        """Headers needed to read the object or to continue the upload."""
        return sse_c(self.key) if self.key else {}

    @property
    def written_key(self):
        """The key with which an accepted write is encrypted."""
        return {"right": KEY, "wrong": OTHER}.get(self.name)

    @property
    def kept(self):
        return self.world.kept[self.mode]

    def fresh(self):
        """An object of this mode that the request may change."""
        return self.world.put(self.fresh_key, self.mode)

    def unchanged(self):
        """Asserts that the object of the request is unchanged."""
        self.world.reads_back(self.path, self.key)

    def absent(self):
        self.world.is_missing(self.path)

    def written(self):
        """Asserts that the object exists, encrypted as requested."""
        self.world.reads_back(self.path, self.written_key)

    def written_plain(self):
        """Asserts that the object exists and was encrypted without a customer key."""
        self.world.reads_back(self.path, None)

    def written_wrong(self):
        """Asserts that the object exists, encrypted with the other key."""
        self.world.reads_back(self.path, OTHER)
