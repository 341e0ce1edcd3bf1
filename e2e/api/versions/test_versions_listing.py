"""ListObjectVersions."""

import secrets
from urllib.parse import quote

import pytest

from support.raw import path_of, sse_c
from support.versions import put, set_versioning
from support.wire import elements

# Keys and their history: p puts, k puts with a customer key, d deletes.
HISTORY = [("a", "p"), ("a b", "pd"), ("b/1", "ppp"), ("b/2", "pdp"), ("b/3/x", "k"), ("c/1", "d"), ("d&é", "pkd"), ("z", "pp")]  # fmt: skip


@pytest.fixture(scope="module")
def stored(wire, s3):
    """A bucket with that history, and its expected versions: key, id, marker or not, newest or not."""
    bucket = f"versions-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    put(wire, path_of(bucket, "a"), b"null")
    set_versioning(wire, bucket, "Enabled")
    expected = []
    for key, steps in HISTORY:
        path, made = path_of(bucket, key), [("null", False)] if key == "a" else []
        for step in steps:
            if step == "d":
                made.append((wire("DELETE", path).headers["x-amz-version-id"], True))
            else:
                made.append((put(wire, path, b"data", sse_c(b"k" * 32) if step == "k" else {}), False))
        made.reverse()
        expected += [(key, id, marker, number == 0) for number, (id, marker) in enumerate(made)]
    return bucket, expected


def one(document, name):
    return document.get(name, [None])[0]


def list_versions(wire, bucket, query=""):
    """Returns the document, its versions and markers merged, and its common prefixes."""
    response = wire("GET", path_of(bucket), query="&".join(filter(None, [query, "versions="])))
    assert response.status == 200, response
    document = elements(response.body)
    found = []
    for name, marker in [("Version", False), ("DeleteMarker", True)]:
        for entry in document.get(name, []):
            assert one(entry, "LastModified").endswith("Z") and "Owner" in entry
            if not marker:
                assert one(entry, "Size") == "4" and one(entry, "StorageClass") == "STANDARD" and one(entry, "ETag")
            found.append((one(entry, "Key"), one(entry, "VersionId"), marker, one(entry, "IsLatest") == "true"))
    return document, found, [one(entry, "Prefix") for entry in document.get("CommonPrefixes", [])]


def test_all(wire, stored):
    bucket, expected = stored
    document, found, prefixes = list_versions(wire, bucket)
    assert sorted(found) == sorted(expected) and prefixes == []
    for marker in (False, True):
        assert [row for row in found if row[2] == marker] == [row for row in expected if row[2] == marker], "the order"
    assert one(document, "IsTruncated") == "false" and one(document, "Name") == bucket
    assert one(document, "MaxKeys") == "1000" and "NextKeyMarker" not in document


def test_an_empty_version_marker(wire, stored):
    response = wire("GET", path_of(stored[0]), query="versions=&key-marker=a&version-id-marker=")
    response.is_error(400, "InvalidArgument", "A version-id marker cannot be empty.")


def test_versions_and_markers_are_in_one_order(wire, stored):
    """As on AWS, and as programs expect that read the document in order."""
    bucket, expected = stored
    text = wire("GET", path_of(bucket), query="versions=").body.decode()
    places = [text.index(f"<VersionId>{id}</VersionId>") for _, id, _, _ in expected]
    assert places == sorted(places)


@pytest.mark.parametrize("query, wanted, prefixes", [
    ("prefix=b%2F", lambda key: key.startswith("b/"), []),
    ("delimiter=%2F", lambda key: "/" not in key, ["b/", "c/"]),
    ("delimiter=%2F&prefix=b%2F", lambda key: key in ("b/1", "b/2"), ["b/3/"]),
    ("prefix=nothing", lambda key: False, []),
    ("key-marker=b%2F2", lambda key: key > "b/2", []),
    ("key-marker=a", lambda key: key > "a", []),
    ("delimiter=%2F&key-marker=b%2F", lambda key: key > "c/1", ["c/"]),
    ("key-marker=zz", lambda key: False, []),
])  # fmt: skip
def test_filtered(wire, stored, query, wanted, prefixes):
    bucket, expected = stored
    _, found, found_prefixes = list_versions(wire, bucket, query)
    assert sorted(found) == sorted(row for row in expected if wanted(row[0]))
    assert found_prefixes == prefixes


def test_after_a_version(wire, stored):
    """A version marker continues within the key, after that version."""
    bucket, expected = stored
    for number, (key, id, _, _) in enumerate(expected):
        query = f"key-marker={quote(key, safe='')}&version-id-marker={id}"
        _, found, _ = list_versions(wire, bucket, query)
        assert sorted(found) == sorted(expected[number + 1 :]), (key, id)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("query", ["", "delimiter=%2F", "prefix=b%2F"])
def test_pages(wire, stored, query, size):
    """All pages together contain each version exactly once."""
    bucket, _ = stored
    _, expected, prefixes = list_versions(wire, bucket, query)
    markers, rows, found = "", [], []
    for _ in range(30):
        requested = "&".join(sorted(filter(None, [query, markers, f"max-keys={size}"])))
        document, more, more_prefixes = list_versions(wire, bucket, requested)
        assert len(more) + len(more_prefixes) <= size and one(document, "MaxKeys") == str(size)
        rows, found = rows + more, found + more_prefixes
        if one(document, "IsTruncated") == "false":
            break
        markers = f"key-marker={quote(one(document, 'NextKeyMarker'), safe='')}"
        if "NextVersionIdMarker" in document:
            markers += f"&version-id-marker={one(document, 'NextVersionIdMarker')}"
    assert (sorted(rows), found) == (sorted(expected), prefixes)


def test_encoding(wire, stored):
    document, found, _ = list_versions(wire, stored[0], "encoding-type=url&prefix=d%26")
    assert {key for key, *_ in found} == {"d%26%C3%A9"} and one(document, "Prefix") == "d%26"
    assert one(document, "EncodingType") == "url"


@pytest.mark.parametrize("query", [
    "version-id-marker=null", "key-marker=a&version-id-marker=rubbish", "max-keys=-1", "max-keys=x", "encoding-type=rubbish",
])  # fmt: skip
def test_invalid_arguments(wire, stored, query):
    query = "&".join(sorted([*query.split("&"), "versions="]))
    wire("GET", path_of(stored[0]), query=query).is_error(400, "InvalidArgument")


def test_a_page_of_no_entries(wire, stored):
    document, found, prefixes = list_versions(wire, stored[0], "max-keys=0")
    assert found == prefixes == [] and one(document, "IsTruncated") == "false"


def test_a_bucket_without_versioning(wire, bucket):
    put(wire, path_of(bucket, "k"), b"data")
    _, found, _ = list_versions(wire, bucket)
    assert found == [("k", "null", False, True)]
    wire("GET", path_of("no-such-bucket-here"), query="versions=").is_error(404, "NoSuchBucket")


def test_boto3_pages(s3, stored):
    bucket, expected = stored
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    rows = []
    for page in pages:
        for name, marker in [("Versions", False), ("DeleteMarkers", True)]:
            rows += [(e["Key"], e["VersionId"], marker, e["IsLatest"]) for e in page.get(name, [])]
    assert sorted(rows) == sorted(expected)
