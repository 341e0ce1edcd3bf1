"""A second reader of the audit log, written from docs/audit.md: parses the lines and checks their chain."""

import hashlib
import json
import time

ZEROS = "0" * 64


def files(directory):
    return sorted(directory.glob("audit-*.jsonl"))


def lines(directory):
    """Returns all lines of a log after checking that each follows the previous one."""
    found, prev, seq = [], ZEROS, 0
    for file in files(directory):
        raw = file.read_bytes()
        assert raw.endswith(b"\n"), f"{file} ends in the middle of a line"
        for line in raw.splitlines():
            reported = json.loads(line)
            hashed = line.rsplit(b',"hash":', 1)[0]
            assert hashlib.sha256(hashed).hexdigest() == reported["hash"]
            assert (reported["prev"], reported["seq"]) == (prev, seq + 1)
            assert list(reported)[:2] == ["seq", "time"] and list(reported)[-2:] == ["prev", "hash"]
            prev, seq = reported["hash"], reported["seq"]
            found.append(reported)
    return found


def of_request(server, response):
    """Returns the key uses of one request to a running server."""
    return [line for line in all_of_request(server, response) if "use" in line]


def all_of_request(server, response):
    """Returns the audit events of one request to a running server."""
    request = response.headers["x-amz-request-id"]
    return [line for line in settled(server) if line.get("request") == request]


def requests(server):
    """Returns the lines of all requests to a running server."""
    return [line for line in settled(server) if line.get("event") == "request"]


def settled(server):
    """Returns all lines of a running server. They are written some milliseconds after the events, so the log is read until
    it stops growing."""
    before, deadline = None, time.monotonic() + 5
    while time.monotonic() < deadline:
        time.sleep(0.1)
        text = b"".join(file.read_bytes() for file in files(server.data_dir / "audit"))
        if text == before:
            break
        before = text
    return [json.loads(line) for line in text.splitlines()]
