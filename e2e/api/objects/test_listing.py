"""Listings of objects, versions 1 and 2 of the request, compared with a model of S3."""

import random
import re
import xml.etree.ElementTree
from urllib.parse import quote, unquote

import pytest

from support.raw import path_of, send

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
KEYS = sorted(
    ["a", "a/", "a/b", "a/b/c", "a//b", "a0", "b/1", "b/2", "b/3", "c", "dir/sub/x", "dir/sub/y", "dir/z", "Z"]
    + ["é/1", "日本/1", "日本/2", "🔐", "with space/1", "plus+1", "percent%2F1", "q?1", "&amp;"],
    key=lambda key: key.encode(),
)


def model(keys, prefix="", delimiter="", after=""):
    """Returns the entries of an unpaged listing: keys, and prefixes with a mark, in order."""
    found = []
    for key in sorted(keys, key=lambda key: key.encode()):
        if not key.startswith(prefix):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        name = ("prefix", key[: cut + len(delimiter)]) if cut >= 0 else ("key", key)
        if name[1].encode() > after.encode() and name not in found:
            found.append(name)
    return found


@pytest.fixture(scope="module")
def full(server, s3):
    """A bucket with [KEYS]."""
    name = f"listing-{random.getrandbits(40):x}"
    s3.create_bucket(Bucket=name)
    for key in random.sample(KEYS, len(KEYS)):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def entries(page):
    keys = [("key", entry["Key"]) for entry in page.get("Contents", [])]
    prefixes = [("prefix", entry["Prefix"]) for entry in page.get("CommonPrefixes", [])]
    return sorted(keys + prefixes, key=lambda entry: entry[1].encode())


QUERIES = [
    {},
    {"prefix": "a"},
    {"prefix": "a/"},
    {"prefix": "none"},
    {"delimiter": "/"},
    {"prefix": "a/", "delimiter": "/"},
    {"prefix": "dir", "delimiter": "/"},
    {"prefix": "dir/sub", "delimiter": "/"},
    {"delimiter": "b"},
    {"delimiter": "/b"},
    {"prefix": "日本/", "delimiter": "/"},
    {"delimiter": " "},
    {"after": "b/2"},
    {"after": "b/2", "delimiter": "/"},
    {"after": "dir/", "delimiter": "/"},
    {"after": "zzz"},
    {"prefix": "b/", "after": "b/1"},
    {"prefix": "b/", "after": "a"},
    {"prefix": "b/", "after": "c"},
]


@pytest.mark.parametrize("size", [1000, 3, 1])
@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_v2_in_pages(s3, full, query, size):
    requested = {"Bucket": full, "Prefix": query.get("prefix", ""), "MaxKeys": size}
    if "delimiter" in query:
        requested["Delimiter"] = query["delimiter"]
    if "after" in query:
        requested["StartAfter"] = query["after"]
    expected, found, token = model(KEYS, **query), [], {}
    for _ in range(len(KEYS) + 2):
        page = s3.list_objects_v2(**requested, **token)
        assert page["KeyCount"] == len(entries(page)) <= size
        found += entries(page)
        assert page["IsTruncated"] == (len(found) < len(expected)) == ("NextContinuationToken" in page)
        if not page["IsTruncated"]:
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}
    assert found == expected


@pytest.mark.parametrize("size", [1000, 3, 1])
@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_v1_in_pages(s3, full, query, size):
    requested = {"Bucket": full, "Prefix": query.get("prefix", ""), "MaxKeys": size}
    if "delimiter" in query:
        requested["Delimiter"] = query["delimiter"]
    expected, found, marker = model(KEYS, **query), [], query.get("after", "")
    for _ in range(len(KEYS) + 2):
        page = s3.list_objects(**requested, Marker=marker)
        found += entries(page)
        assert page["IsTruncated"] == (len(found) < len(expected))
        if not page["IsTruncated"]:
            break
        assert ("NextMarker" in page) == ("delimiter" in query)
        marker = page.get("NextMarker", entries(page)[-1][1])
    assert found == expected


def document(response):
    assert response.status == 200, response
    root = xml.etree.ElementTree.fromstring(response.body)
    assert root.tag == f"{NAMESPACE}ListBucketResult"
    return root


def texts(root, *path):
    return [node.text for node in root.findall("/".join(NAMESPACE + name for name in path))]


def test_the_fields_of_an_entry(server, full):
    root = document(send(server, "GET", path_of(full), query="list-type=2&prefix=a&max-keys=1&fetch-owner=true"))
    assert texts(root, "Name") == [full]
    assert texts(root, "Prefix") == ["a"] and texts(root, "MaxKeys") == ["1"] and texts(root, "KeyCount") == ["1"]
    assert texts(root, "IsTruncated") == ["true"]
    assert texts(root, "Contents", "Key") == ["a"] and texts(root, "Contents", "Size") == ["1"]
    assert texts(root, "Contents", "ETag") == ['"0cc175b9c0f1b6a831c399e269772661"']
    assert texts(root, "Contents", "StorageClass") == ["STANDARD"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", texts(root, "Contents", "LastModified")[0])
    assert len(texts(root, "Contents", "Owner", "ID")) == 1
    without = document(send(server, "GET", path_of(full), query="list-type=2&prefix=a&max-keys=1"))
    assert texts(without, "Contents", "Owner", "ID") == []


@pytest.mark.parametrize("version", ["", "&list-type=2"])
def test_encoding_type_url(server, full, version):
    """Names are percent-encoded except for slashes, in all elements that contain names."""
    query = "delimiter=%2F&encoding-type=url&prefix=%E6%97%A5%E6%9C%AC%2F" + version
    root = document(send(server, "GET", path_of(full), query="&".join(sorted(query.split("&")))))
    assert texts(root, "EncodingType") == ["url"]
    assert texts(root, "Prefix") == ["%E6%97%A5%E6%9C%AC/"]
    assert texts(root, "Contents", "Key") == ["%E6%97%A5%E6%9C%AC/1", "%E6%97%A5%E6%9C%AC/2"]
    root = document(send(server, "GET", path_of(full), query="encoding-type=url" + version))
    for key, written in zip(KEYS, texts(root, "Contents", "Key"), strict=True):
        assert unquote(written.replace("+", " ") if "%20" not in written else written) == key
        assert re.fullmatch(r"[A-Za-z0-9._~/%+*-]+", written)
    root = document(send(server, "GET", path_of(full), query="delimiter=%20&encoding-type=url" + version))
    assert unquote(texts(root, "CommonPrefixes", "Prefix")[0].replace("+", " ")) == "with "
    assert unquote(texts(root, "Delimiter")[0].replace("+", " ")) == " "


@pytest.mark.parametrize("version", ["", "list-type=2&"])
@pytest.mark.parametrize("bad", ["max-keys=-1", "max-keys=x", "max-keys=2147483648", "encoding-type=base64"])
def test_bad_arguments(server, full, version, bad):
    query = "&".join(sorted(f"{version}{bad}".split("&")))
    send(server, "GET", path_of(full), query=query).is_error(400, "InvalidArgument")


def test_a_bad_continuation_token(server, full):
    for token in ["%21%21", "x", "gICA"]:
        response = send(server, "GET", path_of(full), query=f"continuation-token={token}&list-type=2")
        response.is_error(400, "InvalidArgument", "The continuation token provided is incorrect")


def test_no_keys_at_all(s3, full):
    page = s3.list_objects_v2(Bucket=full, MaxKeys=0)
    assert page["KeyCount"] == 0 and page["IsTruncated"] is False and "Contents" not in page


def test_the_maximum_page_size(server, s3, bucket):
    """With more than a thousand objects, a page never has more than a thousand, whatever is requested."""
    keys = [f"{n:04}" for n in range(1010)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    first = s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)
    assert first["KeyCount"] == 1000 and first["IsTruncated"]
    second = s3.list_objects_v2(Bucket=bucket, ContinuationToken=first["NextContinuationToken"])
    assert [entry["Key"] for page in (first, second) for entry in page["Contents"]] == keys
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 123})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys


def test_a_listing_reflects_writes_immediately(s3, bucket):
    for round in range(20):
        s3.put_object(Bucket=bucket, Key=f"k{round}", Body=b"x" * round)
        sizes = {e["Key"]: e["Size"] for e in s3.list_objects_v2(Bucket=bucket)["Contents"]}
        assert sizes[f"k{round}"] == round and len(sizes) == round + 1
    for round in range(20):
        s3.delete_object(Bucket=bucket, Key=f"k{round}")
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 19 - round


def test_random_keys_and_random_queries(s3, bucket):
    """The model and the server agree on a few hundred random listings."""
    chance = random.Random(20_261_123)
    keys = {"".join(chance.choices("ab/-é", k=chance.randint(1, 6))) for _ in range(150)}
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for _ in range(200):
        query = {
            "prefix": "".join(chance.choices("ab/", k=chance.randint(0, 2))),
            "delimiter": chance.choice(["", "/", "a", "b/", "-"]),
            "after": "".join(chance.choices("ab/é", k=chance.randint(0, 3))),
        }
        page = s3.list_objects_v2(
            Bucket=bucket, Prefix=query["prefix"], Delimiter=query["delimiter"], StartAfter=query["after"]
        )
        assert entries(page) == model(keys, **query), query
        assert quote(page["Prefix"]) == quote(query["prefix"])
