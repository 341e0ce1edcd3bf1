"""Customer keys in places of requests in which no key belongs, and the search for them.

Each place gets a key of its own, so that a key that is found names the place that it came from.
"""

import base64
import contextlib
import http.client
import re

from support.raw import REFUSED_EARLY, SSE
from support.secret_search import files_of

# 32 characters of base64, 24 bytes, without characters that URLs or other alphabets write differently.
MARK = "TheKeyOfThePlaceInWhichItIsFound"
RAW = base64.b64decode(MARK)


class MisplacedKeys:
    """Hands out keys, and finds them."""

    def __init__(self):
        self.places = {}

    def written(self, place):
        """Returns a new key for a place, in base64 and in hex."""
        key = RAW + b"%08d" % len(self.places)
        forms = base64.b64encode(key).decode(), key.hex()
        for form in forms:
            self.places[form.rstrip("=").lower().encode()] = place
        return forms

    def found(self, data):
        """Returns the places whose keys are in the data, in any form; a text around the key if it names no place."""
        found = set()
        for match in PATTERN.finditer(data):
            at = match.start()
            known = [self.places.get(data[at : at + length].lower()) for length in (43, 64)]
            found.add(next((place for place in known if place), str(data[max(0, at - 60) : at + 60])))
        return found


def _patterns():
    yield MARK.encode()
    yield RAW.hex().encode()
    yield re.escape(RAW)
    yield ", ".join(map(str, RAW)).encode()
    # The written key inside a text that was written in base64 again, for example the policy of a form.
    for shift in range(3):
        again = base64.b64encode(b"?" * shift + MARK.encode()).decode()
        yield re.escape(again[4 if shift else 0 : -4]).encode()


PATTERN = re.compile(b"|".join(_patterns()), re.IGNORECASE | re.DOTALL)


# Elements of error documents that repeat names, and the signature that a request has.
NAMES = {"Resource", "BucketName", "Key", "SignatureProvided"}


class World:
    """A server with the keys that requests to it contained by mistake."""

    def __init__(self, server, wire):
        self.server, self.wire, self.keys, self.repeated, self.statuses = server, wire, MisplacedKeys(), set(), set()

    def ask(self, place, send):
        """Sends a request with each form of a key, and searches the response, if there is one."""
        for key in self.keys.written(place):
            # Not every request is one of HTTP.
            with contextlib.suppress(*REFUSED_EARLY, ValueError, OSError, http.client.HTTPException):
                response = send(key)
                self.statuses.add(response.status)
                assert response.status < 500 or response.status == 501, (place, response)
                said = [response.body, *(f"{name}: {value}".encode() for name, value in response.headers.items())]
                if response.status >= 400 or SSE in place:
                    self.repeated |= {
                        (place, response.status, field) for field in self.fields_with_keys(response, said)
                    }

    def fields_with_keys(self, response, said):
        fields = [name for name, text in response.error.items() if self.keys.found(text.encode())]
        fields = fields or [str(text[:80]) for text in said if self.keys.found(text)]
        return [field for field in fields if field not in NAMES]

    def finish(self, names=()):
        """Asserts that no key is in a file, a log line or an error. `names`: places whose text names an object."""
        self.wire.close()
        assert self.server.stop() == 0
        found = {}
        for file in files_of(self.server):
            for place in self.keys.found(file.read_bytes()):
                found.setdefault(place, set()).add(file.name)
        assert {place: files for place, files in found.items() if place not in names} == {}
        assert sorted(self.repeated) == []
        assert "answered" in (self.server.place / "stderr-1").read_text(), "the requests were not logged"
