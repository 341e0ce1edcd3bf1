"""Versions of objects: enabling versioning, storing a version, deleting many."""

from support.raw import path_of
from support.wire import content_md5, elements

UNKNOWN = "0" * 32


def set_versioning(wire, bucket, status):
    body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
    response = wire.put(path_of(bucket), "versioning=", body)
    assert response.status == 200, response


def put(wire, path, body, headers=None):
    """Stores a version and returns its id."""
    response = wire("PUT", path, body=body, headers=headers)
    assert response.status == 200, response
    return response.headers.get("x-amz-version-id")


def delete_many(wire, bucket, entries, quiet=False, headers=None):
    """Sends DeleteObjects and returns the deleted entries and the errors. `entries` are keys with version ids or None."""
    objects = "".join(
        f"<Object><Key>{key}</Key>{f'<VersionId>{id}</VersionId>' if id is not None else ''}</Object>"
        for key, id in entries
    )
    body = f"<Delete>{'<Quiet>true</Quiet>' if quiet else ''}{objects}</Delete>".encode()
    response = wire(
        "POST", path_of(bucket), query="delete=", body=body, headers={**content_md5(body), **(headers or {})}
    )
    assert response.status == 200, response
    found = elements(response.body)
    found = found if isinstance(found, dict) else {}
    flat = [{name: values[0] for name, values in entry.items()} for entry in found.get("Deleted", [])]
    return flat, [{name: values[0] for name, values in entry.items()} for entry in found.get("Error", [])]
