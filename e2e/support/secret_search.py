"""Search for secrets in every file of a server's data directory and in all its output."""

import base64
import hashlib
from urllib.parse import quote

STEP = 1 << 20


def key_forms(key):
    """Returns the forms in which a key could be written."""
    encoded = base64.b64encode(key)
    digest = hashlib.md5(key).digest()
    return {
        "key, raw": key,
        "key, hex": key.hex().encode(),
        "key, upper-case hex": key.hex().upper().encode(),
        "key, base64": encoded.rstrip(b"="),
        "key, URL-safe base64": base64.urlsafe_b64encode(key).rstrip(b"="),
        "key, base64 in a URL": quote(encoded, safe="").encode().removesuffix(b"%3D"),
        "key, numbers as Rust prints them": ", ".join(map(str, key)).encode(),
        "MD5 of the key, raw": digest,
        "MD5 of the key, hex": digest.hex().encode(),
        "MD5 of the key, base64": base64.b64encode(digest).rstrip(b"="),
        "MD5 of the key, base64 in a URL": quote(base64.b64encode(digest), safe="").encode().removesuffix(b"%3D%3D"),
    }


def found(needles, files):
    """Returns the needles found in the files, with the file. Matches across read steps are found too."""
    longest = max(map(len, needles.values()))
    hits = []
    for file in files:
        with file.open("rb") as stream:
            window = b""
            while piece := stream.read(STEP):
                window = window[-longest:] + piece
                hits += [(name, file) for name, needle in needles.items() if needle in window]
    return sorted(set(hits))


def files_of(server):
    """Returns everything that the server has written: its data directory and its output since the first start."""
    said = [server.place / f"{kind}-{n}" for kind in ("stdout", "stderr") for n in range(1, server.starts + 1)]
    return [path for path in server.data_dir.rglob("*") if path.is_file()] + said
