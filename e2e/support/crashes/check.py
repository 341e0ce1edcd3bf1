"""The checks after a crash, when the server has started again and nobody else uses it."""

import time
import xml.etree.ElementTree

from support.crashes.history import BUCKETS
from support.crashes.load import Once, value_of
from support.linearizability import MARKER, ReadAll, current, is_linearizable
from support.raw import path_of
from support.server import run
from support.wire import elements

# Older versions are removed after a check, so that it stays fast.
KEPT_VERSIONS = 4


def check(server, history):
    """Asserts that everything answered is there and whole, and that nothing deleted came back."""
    wire = Once(server, secure=False)
    for bucket in BUCKETS:
        found, sizes = versions_of(wire, bucket), listed(wire, bucket)
        names = {key.name for key in history.keys}
        unknown = (found.keys() | sizes.keys()) - names
        assert not unknown, f"{bucket}: keys that were never written: {unknown}"
        for key in history.keys:
            if key.bucket == bucket:
                check_key(wire, key, found.get(key.name, []), sizes.get(key.name))
        uploads = elements(wire("GET", path_of(bucket), query="uploads=").body).get("Upload", [])
        came_back = {upload["UploadId"][0] for upload in uploads} & history.ended_uploads
        assert not came_back, f"{bucket}: uploads that were completed or aborted came back: {came_back}"
    check_scratch(wire, history)
    wire.close()
    verified = run("verify", "--data-dir", server.data_dir, cwd=server.place)
    assert verified.returncode == 0, verified.stdout.decode() + verified.stderr.decode()


def check_key(wire, key, versions, size):
    path, place = path_of(key.bucket, key.name), f"{key.bucket}/{key.name}"
    state, ids = [], {}
    for version, is_marker in versions:
        if is_marker:
            state.append(MARKER)
            continue
        value = value_of(key, wire("GET", path, query=f"versionId={version}", headers=key.headers))
        assert key.ids.get(value, version) == version, f"{place}: value {value.number} has another version id"
        state.append(value)
        ids[value] = version
    state = tuple(state)
    response = wire("GET", path, headers=key.headers)
    got = None if response.status == 404 else value_of(key, response)
    assert got == current(state), f"{place}: GET returns {got}, the list of versions {state}"
    assert size == (got and got.size), f"{place}: LIST says {size} bytes, GET {got}"
    explain(key, state)
    if key.versioned:
        for version, _ in versions[:-KEPT_VERSIONS]:
            assert wire("DELETE", path, query=f"versionId={version}").status == 204
        state = state[-KEPT_VERSIONS:]
        key.ids = {value: version for value, version in ids.items() if value in state}
    key.state = state
    key.last = (got, response.headers["etag"]) if got else None


def explain(key, state):
    """Asserts that the answers of a key can have led to this state, with which its next history begins."""
    now = time.monotonic()
    operations = [operation for [operation] in key.history] + [ReadAll(now, now, state)]
    if not is_linearizable(operations, key.state):
        lines = [f"{key.bucket}/{key.name} does not have what was acknowledged. Before: {key.state}"]
        lines += [str(operation) for operation in sorted(operations, key=lambda operation: operation.start)]
        lines += [f"refused: {refused}" for refused in key.refused]
        raise AssertionError("\n".join(lines))
    key.state, key.history, key.refused = state, [], []


def check_scratch(wire, history):
    response = wire("GET", "/scratch", query="list-type=2")
    assert response.status in (200, 404), response
    history.has_scratch = response.status == 200
    explain(history.scratch, ("bucket",) if history.has_scratch else ())
    response = wire("GET", "/scratch/s1")
    explain(history.inside, () if response.status == 404 else (value_of(history.inside, response),))


def versions_of(wire, bucket):
    """Returns the versions of all keys, oldest first, as pairs: version id, and whether it is a delete marker."""
    response = wire("GET", path_of(bucket), query="versions=")
    assert response.status == 200, response
    found = {}
    for element in xml.etree.ElementTree.fromstring(response.body):
        tag = element.tag.partition("}")[2]
        if tag in ("Version", "DeleteMarker"):
            fields = {child.tag.partition("}")[2]: child.text for child in element}
            found.setdefault(fields["Key"], []).insert(0, (fields["VersionId"], tag == "DeleteMarker"))
    return found


def listed(wire, bucket):
    """Returns the sizes of all objects."""
    response = wire("GET", path_of(bucket), query="list-type=2")
    assert response.status == 200, response
    return {entry["Key"][0]: int(entry["Size"][0]) for entry in elements(response.body).get("Contents", [])}
