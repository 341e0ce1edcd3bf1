"""Every operation with every key, right or malformed, at the log level trace: no key is in any file or log line.

test_misplaced_keys.py has the places in which no key belongs.
"""

import hashlib

from support.key_matrix import CONTENT, KEY, MODES, OTHER, SHORT, Cell, World
from support.key_operations import ROWS
from support.secret_search import files_of, found, key_forms
from support.wire import Wire


def test_no_key_is_found(start_server):
    server = start_server("--log", "trace", "--log-format", "json")
    server.s3().create_bucket(Bucket="bucket")
    world, statuses = World(Wire(server), "bucket"), set()
    for row in ROWS.values():
        for mode in MODES:
            for name, given in row.given.items():
                statuses.add(row.ask(Cell(world, mode, name, given)).status)
    assert {200, 204, 206, 304, 400, 403, 404, 501} <= statuses
    world.wire.close()
    assert server.stop() == 0
    needles = {"content": CONTENT[:32], "hex MD5 of content": hashlib.md5(CONTENT).hexdigest().encode()}
    needles["MD5 of content"] = hashlib.md5(CONTENT).digest()
    for name, key in [("right", KEY), ("wrong", OTHER), ("short", SHORT)]:
        needles |= {f"{name} {what}": value for what, value in key_forms(key).items()}
    assert found(needles, files_of(server)) == []
    assert "answered" in (server.place / "stderr-1").read_text(), "the requests were not logged"
