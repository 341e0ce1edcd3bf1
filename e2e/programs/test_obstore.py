"""obstore, and with it the Rust crate object_store, as in docs/recipes/obstore.md."""

import base64
import re
import secrets
import ssl
import urllib.request
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import PermissionDeniedError
from obstore.store import S3Store

from support.programs.program import MIB, Place, holds, holds_sealed
from support.programs.recipe import CONTENT, Recipe
from support.server import REGION


@pytest.fixture
def open_store(server, bucket):
    def open_store(key=None):
        sealed = (
            {"server_side_encryption": "sse-c", "sse_customer_key_base64": base64.b64encode(key).decode()}
            if key
            else {}
        )
        return S3Store(
            bucket,
            endpoint=server.https,
            region=REGION,
            access_key_id=server.access_key,
            secret_access_key=server.secret,
            client_options={"root_certificate": Path(server.ca_file).read_text()},
            retry_config={"max_retries": 0},
            **sealed,
        )

    return open_store


def test_the_recipe(server, s3, bucket, tmp_path):
    place = Place(tmp_path / "home")
    printed = Recipe("obstore", server, bucket).follow(place)
    assert (place / "copy.txt").read_bytes() == (place / "sealed-copy.txt").read_bytes() == CONTENT
    holds_sealed(s3, bucket, "sealed.txt", CONTENT, (place / "customer.key").read_bytes())
    assert "['plan.txt']" in printed
    url = re.search(r"^https://.*$", printed, re.M)[0]
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=server.ca_file)) as response:
        assert response.read() == CONTENT


@pytest.mark.parametrize("is_sealed", [False, True])
def test_parts_and_ranges(open_store, s3, bucket, customer_key, is_sealed):
    store = open_store(customer_key if is_sealed else None)
    content = secrets.token_bytes(11 * MIB)
    obstore.put(store, "dir/a käse", content, chunk_size=5 * MIB)
    assert bytes(obstore.get(store, "dir/a käse").bytes()) == content
    ranges = obstore.get_ranges(store, "dir/a käse", starts=[0, 10 * MIB], ends=[10, 10 * MIB + 5])
    assert [bytes(piece) for piece in ranges] == [content[:10], content[10 * MIB : 10 * MIB + 5]]
    assert obstore.head(store, "dir/a käse")["size"] == len(content)
    if is_sealed:
        holds_sealed(s3, bucket, "dir/a käse", content, customer_key)
    else:
        holds(s3, bucket, "dir/a käse", content)


def test_conditions(open_store):
    store = open_store()
    first = obstore.put(store, "k", b"1", mode="create")
    with pytest.raises(obstore.exceptions.AlreadyExistsError):
        obstore.put(store, "k", b"2", mode="create")
    obstore.put(store, "k", b"2", mode={"e_tag": first["e_tag"]})
    with pytest.raises(obstore.exceptions.PreconditionError):
        obstore.put(store, "k", b"3", mode={"e_tag": first["e_tag"]})
    assert bytes(obstore.get(store, "k").bytes()) == b"2"


def test_listings_and_deletions(open_store):
    store = open_store()
    for name in ["a/1", "a/2", "b"]:
        obstore.put(store, name, b"x")
    found = obstore.list_with_delimiter(store)
    assert found["common_prefixes"] == ["a"] and [entry["path"] for entry in found["objects"]] == ["b"]
    obstore.delete(store, ["a/1", "a/2"])
    assert [entry["path"] for entry in obstore.list(store).collect()] == ["b"]


def test_a_wrong_key_is_denied(open_store, customer_key):
    obstore.put(open_store(customer_key), "k", CONTENT)
    with pytest.raises(PermissionDeniedError, match="AccessDenied"):
        obstore.get(open_store(secrets.token_bytes(32)), "k")
    with pytest.raises(Exception, match="InvalidRequest"):
        obstore.get(open_store(), "k")
