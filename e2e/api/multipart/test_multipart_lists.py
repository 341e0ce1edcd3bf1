"""Listings of the parts of an upload, and of the uploads of a bucket."""

import secrets
from urllib.parse import quote

import pytest

from support.raw import path_of, sse_c
from support.wire import Upload, elements

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def upload(wire, s3):
    """An upload with the parts 1, 3, 5, 7, 9."""
    bucket = f"lists-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    upload = Upload(wire, bucket, "dir/k", sse_c(KEY))
    for number in [9, 7, 1, 3, 5]:
        assert upload.part(number, b"x" * number, sse_c(KEY)).status == 200
    return upload


def one(document, name):
    return document.get(name, [None])[0]


@pytest.mark.parametrize("query, numbers, truncated, following", [
    ("", [1, 3, 5, 7, 9], "false", None),
    ("&max-parts=2", [1, 3], "true", "3"),
    ("&max-parts=2&part-number-marker=3", [5, 7], "true", "7"),
    ("&max-parts=2&part-number-marker=7", [9], "false", None),
    ("&max-parts=5", [1, 3, 5, 7, 9], "false", None),
    ("&part-number-marker=4", [5, 7, 9], "false", None),
    ("&part-number-marker=9", [], "false", None),
    ("&part-number-marker=10000", [], "false", None),
    ("&part-number-marker=0", [1, 3, 5, 7, 9], "false", None),
    ("&max-parts=100000", [1, 3, 5, 7, 9], "false", None),
])  # fmt: skip
def test_parts(upload, query, numbers, truncated, following):
    response = upload.list(query)
    assert response.status == 200
    document = elements(response.body)
    parts = document.get("Part", [])
    assert [(one(part, "PartNumber"), one(part, "Size")) for part in parts] == [(str(n), str(n)) for n in numbers]
    assert [one(part, "ETag") for part in parts] == [upload.parts[number] for number in numbers]
    assert all(one(part, "LastModified").endswith("Z") for part in parts)
    assert one(document, "IsTruncated") == truncated
    if following:
        assert one(document, "NextPartNumberMarker") == following
    assert one(document, "Key") == "dir/k" and one(document, "UploadId") == upload.id
    assert one(document, "StorageClass") == "STANDARD" and "Owner" in document and "Initiator" in document


def test_a_page_of_no_parts(upload):
    document = elements(upload.list("&max-parts=0").body)
    assert "Part" not in document


@pytest.mark.parametrize("query", ["&max-parts=-1", "&max-parts=x", "&part-number-marker=-1", "&part-number-marker=x"])
def test_invalid_numbers(upload, query):
    upload.list(query).is_error(400, "InvalidArgument")


def test_boto3_pages(s3, upload):
    bucket, key = upload.path.lstrip("/").split("/", 1)
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=bucket, Key=key, UploadId=upload.id, PaginationConfig={"PageSize": 2}
    )
    assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[1, 3], [5, 7], [9]]


KEYS = ["a", "a b", "b/1", "b/2", "b/2", "b/2", "c/x/1", "d&é"]


@pytest.fixture(scope="module")
def uploads(wire, s3):
    """A bucket with uploads of KEYS; one of the keys has three uploads."""
    bucket = f"lists-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    begun = [Upload(wire, bucket, key) for key in reversed(KEYS)]
    wire("PUT", path_of(bucket, "b/0-object"), body=b"not an upload")
    return bucket, begun


def list_uploads(wire, bucket, query=""):
    response = wire("GET", path_of(bucket), query="&".join(filter(None, [query, "uploads="])))
    assert response.status == 200, response
    document = elements(response.body)
    names = [(one(entry, "Key"), one(entry, "UploadId")) for entry in document.get("Upload", [])]
    return document, names, [one(entry, "Prefix") for entry in document.get("CommonPrefixes", [])]


def test_uploads(wire, uploads):
    bucket, begun = uploads
    document, names, prefixes = list_uploads(wire, bucket)
    assert [key for key, _ in names] == sorted(KEYS) and prefixes == []
    of_one_key = [upload.id for upload in begun if upload.path.endswith("/b/2")]
    assert [id for key, id in names if key == "b/2"] == of_one_key, "uploads of one key are listed oldest first"
    assert one(document, "IsTruncated") == "false" and one(document, "Bucket") == bucket
    assert one(document, "MaxUploads") == "1000"
    for entry in document["Upload"]:
        assert one(entry, "StorageClass") == "STANDARD" and one(entry, "Initiated").endswith("Z")
        assert "Owner" in entry and "Initiator" in entry


@pytest.mark.parametrize("query, keys, prefixes", [
    ("prefix=b%2F", ["b/1", "b/2", "b/2", "b/2"], []),
    ("delimiter=%2F", ["a", "a b", "d&é"], ["b/", "c/"]),
    ("delimiter=%2F&prefix=c%2F", [], ["c/x/"]),
    ("delimiter=%2F&prefix=b%2F", ["b/1", "b/2", "b/2", "b/2"], []),
    ("prefix=nothing", [], []),
    ("key-marker=b%2F1", ["b/2", "b/2", "b/2", "c/x/1", "d&é"], []),
    ("key-marker=b%2F2", ["c/x/1", "d&é"], []),
    ("delimiter=%2F&key-marker=b%2F", ["d&é"], ["c/"]),
    ("key-marker=z", [], []),
    ("upload-id-marker=ignored", KEYS, []),
])  # fmt: skip
def test_filtered_uploads(wire, uploads, query, keys, prefixes):
    _, names, found = list_uploads(wire, uploads[0], query)
    assert ([key for key, _ in names], found) == (sorted(keys), prefixes)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("delimiter", ["", "delimiter=%2F&"])
def test_pages_of_uploads(wire, uploads, size, delimiter):
    """All pages together contain each upload exactly once."""
    bucket = uploads[0]
    _, expected, prefixes = list_uploads(wire, bucket, delimiter.rstrip("&"))
    markers, names, found = "", [], []
    for _ in range(20):
        query = "&".join(filter(None, [delimiter.rstrip("&"), markers, f"max-uploads={size}"]))
        document, more, more_prefixes = list_uploads(wire, bucket, query)
        assert len(more) + len(more_prefixes) <= size
        names, found = names + more, found + more_prefixes
        if one(document, "IsTruncated") == "false":
            break
        key = quote(one(document, "NextKeyMarker"), safe="")
        markers = f"key-marker={key}&upload-id-marker={one(document, 'NextUploadIdMarker') or ''}"
    assert (names, found) == (expected, prefixes)


def test_the_last_page_has_markers(wire, uploads):
    document, names, _ = list_uploads(wire, uploads[0], "")
    assert one(document, "IsTruncated") == "false"
    assert (one(document, "NextKeyMarker"), one(document, "NextUploadIdMarker")) == names[-1]


def test_encoding_of_uploads(wire, uploads):
    document, names, _ = list_uploads(wire, uploads[0], "encoding-type=url&prefix=d%26")
    assert [key for key, _ in names] == ["d%26%C3%A9"] and one(document, "Prefix") == "d%26"
    assert one(document, "EncodingType") == "url"


@pytest.mark.parametrize("query", ["max-uploads=-1", "max-uploads=x", "encoding-type=rubbish"])
def test_invalid_arguments(wire, uploads, query):
    parts = sorted([query, "uploads="])
    wire("GET", path_of(uploads[0]), query="&".join(parts)).is_error(400, "InvalidArgument")


def test_uploads_of_a_missing_bucket(wire):
    wire("GET", path_of("no-such-bucket-here"), query="uploads=").is_error(404, "NoSuchBucket")


def test_boto3_pages_of_uploads(s3, uploads):
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=uploads[0], PaginationConfig={"PageSize": 3})
    assert [upload["Key"] for page in pages for upload in page["Uploads"]] == sorted(KEYS)
