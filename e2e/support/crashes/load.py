"""Clients that write, copy, delete and read a few keys at the same time, until the server is gone."""

import hashlib
import http.client
import random
import threading
import time

from support.crashes.history import NONE
from support.linearizability import Delete, Put, Read, Remove
from support.raw import path_of
from support.wire import COPY_SOURCE, LEAST_PART, Wire, completion, content_md5, elements, of_source, the

VALUE = "x-amz-meta-value"
# In a row of the index, in a row that soon fills a write buffer, in a blob of one buffer, in a blob of several.
SIZES = [(1, 3000), (40_000, 60_000), (40_000, 60_000), (100_000, 200_000), (1_100_000, 1_300_000)]
KEPT_OPEN = 6


class Once(Wire):
    """Sends each request once: one that had no answer may have taken effect."""

    def __call__(self, method, path, *, body=b"", query="", headers=None, **more):
        more.setdefault("payload", hashlib.sha256(body).hexdigest())
        return self._send(method, path, body, query, headers, more)


class Unexpected(Exception):
    """An answer that no correct server gives."""


class Client(threading.Thread):
    """Does random operations on random keys. Ends when the server does."""

    def __init__(self, server, history, seed, deadline, is_first=False):
        super().__init__(daemon=True)
        self.wire, self.history = Once(server, secure=False), history
        self.chance, self.deadline = random.Random(seed), deadline
        self.is_first, self.failure = is_first, None
        self.refused = 0

    def run(self):
        steps = [
            *[self.put] * 6,
            *[self.delete] * 2,
            *[self.get] * 3,
            *[self.create, self.replace, self.copy, self.copy_in_place, self.upload, self.remove],
            *[self.list, self.delete_many],
            *[self.change_bucket] * self.is_first,
        ]
        try:
            self.work(steps)
        except (OSError, http.client.HTTPException):
            pass  # The server is gone.
        except Exception as error:
            self.failure = error
        self.wire.close()

    def work(self, steps):
        while time.monotonic() < self.deadline:
            self.chance.choice(steps)(self.chance.choice(self.history.keys))

    def ask(self, method, key, **more):
        return self.wire(method, path_of(key.bucket, key.name), **more)

    def new_value(self, key):
        return self.history.value(key, self.chance.randint(*self.chance.choice(SIZES)))

    def wrote(self, key, entry, value, response, answers):
        """Notes the answer to a write. `answers` has what a status means."""
        if response.status == 200:
            self.history.is_answered(key, value, response)
        if response.status in answers:
            self.history.answer(key, entry, answers[response.status])
        else:
            self.did_nothing(key, entry, response)

    def did_nothing(self, key, entry, response):
        """A failed call of the server makes it refuse a request, which then never takes effect."""
        if response.status not in (409, 500, 503, 507):
            raise Unexpected(f"{key.bucket}/{key.name}: {response}")
        self.refused += response.status != 409
        self.history.answer(key, entry, False, response)

    def put(self, key, requires=None, condition=None, refusals=()):
        """`requires` returns the values that meet the condition, as far as they were sent when the answer arrives."""
        value = self.new_value(key)
        entry = self.history.begin(key, Put, value=value, versioned=key.versioned)
        headers = {**key.headers, VALUE: str(value.number), **(condition or {})}
        response = self.ask("PUT", key, body=value.content(), headers=headers)
        met = (Put, {"value": value, "versioned": key.versioned, "requires": requires()}) if requires else None
        self.wrote(key, entry, value, response, {200: met, **(refusals or {})})

    def create(self, key):
        refused = (Read, {"others": NONE})
        self.put(key, lambda: NONE, {"if-none-match": "*"}, {412: refused})

    def replace(self, key):
        if last := key.last:
            value, etag = last
            changed, gone = (Read, {"others": frozenset([value])}), (Read, {"values": NONE})
            self.put(key, lambda: key.of_content(value), {"if-match": etag}, {412: changed, 404: gone})

    def copy(self, key, source=None):
        """Copies what is known to be at another key, or at the same one."""
        source = source or self.chance.choice(self.history.keys)
        last = source.last
        if not last:
            return
        copied, etag = last
        value = self.history.value(key, copied.size, copied.seed)
        entry = self.history.begin(key, Put, value=value, versioned=key.versioned)
        start = time.monotonic()
        headers = {
            **key.headers,
            **of_source(source.headers),
            COPY_SOURCE: path_of(source.bucket, source.name),
            f"{COPY_SOURCE}-if-match": etag,
            "x-amz-metadata-directive": "REPLACE",
            VALUE: str(value.number),
        }
        response = self.ask("PUT", key, headers=headers)
        if response.status == 200:
            if version := response.headers.get("x-amz-version-id"):
                key.ids[value] = version
            key.last = (value, the(response.body, "ETag"))
            self.history.answer(key, entry)
            # The source is read at one moment, and the copy written at a later one.
            self.history.read(source, start, source.of_content(copied))
        else:
            self.wrote(key, entry, value, response, {412: False, 404: False})

    def copy_in_place(self, key):
        self.copy(key, key)

    def delete(self, key):
        entry = self.history.begin(key, Delete, versioned=key.versioned)
        response = self.ask("DELETE", key)
        self.wrote(key, entry, None, response, {204: None})

    def delete_many(self, key):
        keys = [other for other in self.history.keys if other.bucket == key.bucket and self.chance.random() < 0.5]
        if not keys:
            return
        rows = "".join(f"<Object><Key>{key.name}</Key></Object>" for key in keys)
        document = f"<Delete>{rows}</Delete>".encode()
        entries = [self.history.begin(key, Delete, versioned=key.versioned) for key in keys]
        response = self.wire("POST", path_of(key.bucket), query="delete=", body=document, headers=content_md5(document))
        found = elements(response.body) if response.status == 200 else {}
        deleted = {entry["Key"][0] for entry in found.get("Deleted", [])}
        for key, entry in zip(keys, entries, strict=True):
            if key.name in deleted:
                self.history.answer(key, entry)
            elif response.status == 200:
                self.refused += 1
                self.history.answer(key, entry, False, response)
            else:
                self.did_nothing(key, entry, response)

    def remove(self, key):
        known = list(key.ids.items())
        if not key.versioned or not known:
            return
        value, version = self.chance.choice(known)
        entry = self.history.begin(key, Remove, value=value)
        response = self.ask("DELETE", key, query=f"versionId={version}")
        if response.status == 204:
            key.ids.pop(value, None)
        self.wrote(key, entry, None, response, {204: None})

    def get(self, key):
        start = time.monotonic()
        response = self.ask("GET", key, headers=key.headers)
        if response.status in (404, 500, 503):
            if response.status == 404:
                self.history.read(key, start, NONE)
            return
        value = value_of(key, response)
        key.last = (value, response.headers["etag"])
        self.history.read(key, start, [value])

    def list(self, key):
        start = time.monotonic()
        response = self.wire("GET", path_of(key.bucket), query="list-type=2")
        if response.status != 200:
            return
        found = elements(response.body).get("Contents", [])
        sizes = {entry["Key"][0]: int(entry["Size"][0]) for entry in found}
        for other in self.history.keys:
            if other.bucket == key.bucket:
                size = sizes.get(other.name)
                self.history.read(other, start, NONE if size is None else other.of_size(size))

    def upload(self, key):
        """Uploads in parts and completes, aborts, or leaves the upload to a client after the next start."""
        if self.chance.random() < 0.5 and (upload := self.history.take_upload()):
            self.end_upload(*upload)
            return
        first = LEAST_PART if self.chance.random() < 0.05 else 0
        value = self.history.value(key, first + self.chance.randint(1, 300_000))
        response = self.ask("POST", key, query="uploads=", headers={**key.headers, VALUE: str(value.number)})
        if response.status != 200:
            return
        upload, parts = the(response.body, "UploadId"), []
        pieces = [value.content()[:first], value.content()[first:]] if first else [value.content()]
        for number, body in enumerate(pieces, 1):
            query = f"partNumber={number}&uploadId={upload}"
            response = self.ask("PUT", key, query=query, body=body, headers=key.headers)
            if response.status != 200:
                return
            parts.append((number, response.headers["etag"]))
        if len(self.history.open_uploads) < KEPT_OPEN:
            self.history.open_uploads.append((key, upload, parts, value))
        else:
            self.end_upload(key, upload, parts, value)

    def end_upload(self, key, upload, parts, value):
        query = f"uploadId={upload}"
        if self.chance.random() < 0.2:
            if self.ask("DELETE", key, query=query).status == 204:
                self.history.ended_uploads.add(upload)
            return
        entry = self.history.begin(key, Put, value=value, versioned=key.versioned)
        response = self.ask("POST", key, query=query, body=completion(parts).encode(), headers=key.headers)
        if response.status == 200:
            self.history.ended_uploads.add(upload)
            if version := response.headers.get("x-amz-version-id"):
                key.ids[value] = version
            key.last = (value, the(response.body, "ETag"))
            self.history.answer(key, entry)
        else:
            self.did_nothing(key, entry, response)

    def change_bucket(self, _key):
        """Creates the bucket with an object in it, or deletes the object, then the bucket."""
        bucket, inside = self.history.scratch, self.history.inside
        if self.history.has_scratch:
            self.delete(inside)
            entry = self.history.begin(bucket, Delete)
            response = self.wire("DELETE", "/scratch")
            if response.status in (500, 503, 507):
                # The bucket may be gone although its key could not be deleted, which is tried again later. So the
                # operation stays one without an answer.
                self.refused += 1
                self.history.has_scratch = self.wire("HEAD", "/scratch").status == 200
                return
            self.wrote(bucket, entry, None, response, {204: None})
        else:
            entry = self.history.begin(bucket, Put, value="bucket")
            response = self.wire("PUT", "/scratch")
            self.wrote(bucket, entry, "bucket", response, {200: None})
            if response.status == 200:
                self.put(inside)
        if response.status in (200, 204):
            self.history.has_scratch = not self.history.has_scratch


class Script(Client):
    """Does each operation once for each kind of bucket and key, in the same order each time."""

    def __init__(self, server, history):
        super().__init__(server, history, 1, None)

    def work(self, _steps):
        self.change_bucket(None)
        for key in [key for key in self.history.keys if key.name in ("s1", "c1")]:
            for step in [self.put, self.put, self.put, self.copy_in_place, self.replace, self.upload, self.upload]:
                step(key)
            self.copy(key, self.history.keys[0])
            for step in [self.delete, self.create, self.remove, self.delete_many, self.list, self.get]:
                step(key)
        self.change_bucket(None)


class OnePut(Script):
    """Writes one object that is a row."""

    def work(self, _steps):
        self.chance.seed(1)
        self.put(self.history.keys[0])


def value_of(key, response):
    """Returns the value in the answer to a GET, which must be whole."""
    value = key.sent.get(int(response.headers.get(VALUE, "0"))) if response.status == 200 else None
    if value is None:
        raise Unexpected(f"{key.bucket}/{key.name}: {response}")
    if response.body != value.content():
        raise Unexpected(f"{key.bucket}/{key.name}: value {value.number} has another content")
    return value
