"""Hundreds of operations in random order, compared with a model.

Everything is read at the end and once more after a restart; and no secret is in any file or log line.
"""

import hashlib
import secrets

import pytest

from support.model import Model
from support.secret_search import files_of, found, key_forms

STEPS = 350


@pytest.mark.parametrize("seed", [1, 2])
def test_a_sequence(start_server, seed):
    """Secrets are new each time, so that they cannot be found by chance; the seed fixes the order of operations."""
    server = start_server("--log", "trace")
    keys, secret = [secrets.token_bytes(32) for _ in range(3)], secrets.token_bytes(32)
    model = Model(server.s3(), seed, keys, secret, ["kept-once", "kept-in-versions"])
    for _ in range(STEPS):
        model.step()
    model.all_is_as_it_must_be()

    # One is killed in the middle of its work, the other stopped.
    if seed % 2:
        server.kill()
    else:
        assert server.stop() == 0
    model.s3 = server.start().s3()
    model.all_is_as_it_must_be()
    model.complete_what_is_open()
    for _ in range(30):
        model.step()
    model.all_is_as_it_must_be()
    assert server.stop() == 0

    digest = hashlib.md5(model.large).digest()
    needles = {
        "content": secret,
        "metadata or tag": secret.hex().encode(),
        "MD5 of a part": digest,
        "hex MD5 of a part": digest.hex().encode(),
        "SHA-256 of a part": hashlib.sha256(model.large).digest(),
        "secret access key": server.secret.encode(),
    }
    for number, key in enumerate(keys):
        needles |= {f"key {number}, {name}": form for name, form in key_forms(key).items()}
    hits = [(name, file) for name, file in found(needles, files_of(server)) if file.name != "stdout-1"]
    assert hits == []
    assert "answered" in (server.place / "stderr-1").read_text(), "the requests were not logged"
