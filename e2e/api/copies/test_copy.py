"""Copies of objects: copied properties, names of sources, refused requests."""

import hashlib
import random
import secrets
from urllib.parse import quote

import pytest

from support.checksums import ALGORITHMS, checksum, header
from support.raw import path_of, sse_c
from support.wire import COPY_SOURCE, LEAST_PART, Upload, elements, opens_only_with, the

CONTENT = random.Random(14).randbytes(200_000)
ONTO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes."
)
SAID = {"content-type": "text/x-own", "cache-control": "no-store", "content-language": "de", "x-amz-meta-owner": "me"}
NEW = {"content-type": "text/x-new", "x-amz-meta-other": "you"}
REPLACE = {"x-amz-metadata-directive": "REPLACE"}


def md5(data):
    return f'"{hashlib.md5(data).hexdigest()}"'


@pytest.fixture
def stored(wire, bucket):
    """An object with headers, metadata and tags."""
    path = path_of(bucket, "k")
    assert wire("PUT", path, body=CONTENT, headers={**SAID, "x-amz-tagging": "a=b"}).status == 200
    return path


def copy(wire, source, target, **headers):
    return wire("PUT", target, headers={COPY_SOURCE: source, **{n.replace("_", "-"): v for n, v in headers.items()}})


def said_of(wire, path):
    headers = wire("HEAD", path).headers
    return {name: headers[name] for name in [*SAID, *NEW] if name in headers}


def tags_of(wire, path):
    response = wire("GET", path, query="tagging=")
    assert response.status == 200, response
    tag_set = elements(response.body)["TagSet"][0]
    return {tag["Key"][0]: tag["Value"][0] for tag in tag_set["Tag"]} if tag_set else {}


def test_a_copy(wire, bucket, stored):
    target = path_of(bucket, "dir/copy")
    response = copy(wire, stored, target)
    assert response.status == 200 and response.headers["x-amz-server-side-encryption"] == "AES256"
    assert the(response.body, "ETag") == md5(CONTENT) and the(response.body, "LastModified").endswith("Z")
    assert "x-amz-version-id" not in response.headers and "x-amz-copy-source-version-id" not in response.headers
    for path in [stored, target]:
        assert opens_only_with(wire, path, CONTENT).headers["etag"] == md5(CONTENT)
        assert said_of(wire, path) == SAID and tags_of(wire, path) == {"a": "b"}
    wire("PUT", stored, body=b"other")
    opens_only_with(wire, target, CONTENT)
    wire("DELETE", stored)
    opens_only_with(wire, target, CONTENT)


@pytest.mark.parametrize("onto_itself", [False, True])
def test_directives(wire, bucket, stored, onto_itself):
    target = stored if onto_itself else path_of(bucket, "copy")
    # With COPY, or without a directive, content headers of the request are ignored.
    if not onto_itself:
        assert wire("PUT", target, headers={COPY_SOURCE: stored, **NEW}).status == 200
        assert said_of(wire, target) == SAID
        response = wire("PUT", target, headers={COPY_SOURCE: stored, "x-amz-metadata-directive": "COPY", **NEW})
        assert response.status == 200 and said_of(wire, target) == SAID
    response = wire("PUT", target, headers={COPY_SOURCE: stored, **REPLACE, **NEW})
    assert response.status == 200 and said_of(wire, target) == NEW and tags_of(wire, target) == {"a": "b"}
    tagging = {"x-amz-tagging-directive": "REPLACE", "x-amz-tagging": "c=d"}
    response = wire("PUT", target, headers={COPY_SOURCE: stored, **REPLACE, **tagging})
    assert response.status == 200 and tags_of(wire, target) == {"c": "d"}
    assert said_of(wire, target) == {"content-type": "binary/octet-stream"}
    tagging = {"x-amz-tagging-directive": "REPLACE"}
    assert wire("PUT", target, headers={COPY_SOURCE: stored, **REPLACE, **tagging}).status == 200
    assert tags_of(wire, target) == {}
    assert opens_only_with(wire, target, CONTENT).headers["etag"] == md5(CONTENT)


def test_invalid_directives(wire, bucket, stored):
    for name in ["metadata", "tagging"]:
        response = wire(
            "PUT", path_of(bucket, "new"), headers={COPY_SOURCE: stored, f"x-amz-{name}-directive": "MERGE"}
        )
        response.is_error(400, "InvalidArgument")
    wire("GET", path_of(bucket, "new")).is_error(404, "NoSuchKey")


def test_copies_onto_themselves(wire, stored):
    copy(wire, stored, stored).is_error(400, "InvalidRequest", ONTO_ITSELF)
    for change in [
        REPLACE, {"x-amz-storage-class": "STANDARD"}, {"x-amz-server-side-encryption": "AES256"},
    ]:  # fmt: skip
        assert wire("PUT", stored, headers={COPY_SOURCE: stored, **change}).status == 200, change
        opens_only_with(wire, stored, CONTENT)
    wire("DELETE", stored)
    wire("PUT", stored, headers={COPY_SOURCE: stored, **REPLACE}).is_error(404, "NoSuchKey")


NAMES = [
    "plain", "a b", "a+b", "100%", "%41", "a%2Fb", "ü/é", "日本", "emoji-😀", "/lead", "//two", "dir/", "a//b", "q?x=y",
    "q?versionId=null", "#hash", "a&b=c", "tilde~", "(paren)'s!*", "trailing ", "ctrl-\x01", "..", "a/../b", "\u00e9", "e\u0301",
]  # fmt: skip


@pytest.mark.parametrize("slash", ["/", ""])
def test_spellings_of_sources(wire, s3, bucket, slash):
    """Percent-encoded, with or without a slash before the bucket."""
    for name in NAMES:
        content = name.encode()
        s3.put_object(Bucket=bucket, Key=name, Body=content)
        source = f"{slash}{bucket}/{quote(name, safe='/')}"
        assert copy(wire, source, path_of(bucket, "copy")).status == 200, (name, source)
        assert wire("GET", path_of(bucket, "copy")).body == content, name
        encoded = f"{slash}{bucket}/{''.join(f'%{byte:02x}' for byte in content)}"
        assert copy(wire, encoded, path_of(bucket, "copy")).status == 200, (name, encoded)
        assert wire("GET", path_of(bucket, "copy")).body == content, name
        s3.copy_object(Bucket=bucket, Key=f"of {name}", CopySource={"Bucket": bucket, "Key": name})
        assert s3.get_object(Bucket=bucket, Key=f"of {name}")["Body"].read() == content


def test_the_version_of_a_source_without_versions(wire, bucket, stored):
    assert copy(wire, f"{stored}?versionId=null", path_of(bucket, "copy")).status == 200
    opens_only_with(wire, path_of(bucket, "copy"), CONTENT)
    unknown = copy(wire, f"{stored}?versionId={'0' * 32}", path_of(bucket, "new"))
    assert unknown.status in (400, 404), unknown
    copy(wire, f"{stored}?versionId=rubbish", path_of(bucket, "new")).is_error(400, "InvalidArgument")
    wire("GET", path_of(bucket, "new")).is_error(404, "NoSuchKey")


def test_missing_sources(wire, bucket, stored):
    new = path_of(bucket, "new")
    copy(wire, f"/{bucket}/missing", new).is_error(404, "NoSuchKey")
    copy(wire, "/no-such-bucket-here/k", new).is_error(404, "NoSuchBucket")
    copy(wire, stored, path_of("no-such-bucket-here", "k")).is_error(404, "NoSuchBucket")
    for source in [
        "",
        "/",
        bucket,
        f"/{bucket}",
        f"/{bucket}/",
        "//k",
        "/UPPER_case!/k",
        "%ff/k",
        f"/{bucket}/%ff",
        "%",
    ]:
        response = copy(wire, source, new)
        assert response.status in (400, 404) and response.error["Code"] != "InternalError", (source, response)
    copy(wire, "arn:aws:s3:us-east-1:123456789012:accesspoint/name/object/k", new).is_error(501, "NotImplemented")
    wire("GET", new).is_error(404, "NoSuchKey")


def test_between_buckets(wire, s3, bucket, stored):
    other = f"other-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=other)
    assert copy(wire, stored, path_of(other, "k")).status == 200
    opens_only_with(wire, path_of(other, "k"), CONTENT)
    wire("DELETE", stored)
    opens_only_with(wire, path_of(other, "k"), CONTENT)


def test_multipart_sources(wire, bucket):
    """A copy has a single part and the MD5 of the whole; a copy onto itself keeps parts and ETag."""
    upload, parts = Upload(wire, bucket, "parts"), [CONTENT[:1000] * 5243, CONTENT]
    assert len(parts[0]) >= LEAST_PART
    for number, body in enumerate(parts, 1):
        upload.part(number, body)
    upload.complete()
    whole, target = b"".join(parts), path_of(bucket, "copy")
    response = copy(wire, upload.path, target)
    assert the(response.body, "ETag") == md5(whole)
    opens_only_with(wire, target, whole)
    assert wire("PUT", upload.path, headers={COPY_SOURCE: upload.path, **REPLACE, **NEW}).status == 200
    opens_only_with(wire, upload.path, whole)
    assert said_of(wire, upload.path) == NEW


@pytest.mark.parametrize("onto_itself", [False, True])
def test_checksums(wire, bucket, stored, onto_itself):
    """The algorithm of the source or the requested one; for copies onto the source too."""
    target = stored if onto_itself else path_of(bucket, "copy")
    enabled = {"x-amz-checksum-mode": "ENABLED"}
    for algorithm in ["CRC64NVME", *ALGORITHMS]:
        requested = {"x-amz-checksum-algorithm": algorithm} if algorithm != "CRC64NVME" else {}
        if algorithm == "CRC64NVME":
            wire("PUT", stored, body=CONTENT)
        response = wire("PUT", target, headers={COPY_SOURCE: stored, **REPLACE, **requested})
        assert response.status == 200, response
        value = checksum(algorithm, CONTENT)
        assert the(response.body, f"Checksum{algorithm}") == value
        assert the(response.body, "ChecksumType") == "FULL_OBJECT"
        head = wire("HEAD", target, headers=enabled)
        assert head.headers[header(algorithm)] == value, head
    wire("PUT", stored, body=CONTENT, headers={header("SHA1"): checksum("SHA1", CONTENT)})
    response = copy(wire, stored, path_of(bucket, "kept"))
    assert the(response.body, "ChecksumSHA1") == checksum("SHA1", CONTENT)
    unknown = wire("PUT", target, headers={COPY_SOURCE: stored, **REPLACE, "x-amz-checksum-algorithm": "MD4"})
    unknown.is_error(400, "InvalidRequest")


def test_an_existing_target_is_replaced(wire, bucket, stored):
    target = path_of(bucket, "copy")
    wire("PUT", target, body=b"old", headers={**sse_c(b"k" * 32), **NEW, "x-amz-tagging": "old=tag"})
    assert copy(wire, stored, target).status == 200
    opens_only_with(wire, target, CONTENT)
    assert said_of(wire, target) == SAID and tags_of(wire, target) == {"a": "b"}


def test_an_empty_object(wire, bucket):
    source, target = path_of(bucket, "empty"), path_of(bucket, "copy")
    wire("PUT", source)
    assert the(copy(wire, source, target).body, "ETag") == md5(b"")
    opens_only_with(wire, target, b"")
