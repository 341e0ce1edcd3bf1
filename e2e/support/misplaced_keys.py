"""Customer keys in places of requests in which no key belongs, and the search for them.

Each place gets a key of its own, so that a key that is found names the place that it came from.
"""

import base64
import re

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
