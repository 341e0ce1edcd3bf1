"""Copies between all modes of encryption, and parts that are copied."""

import hashlib
import itertools
import random
import secrets

import pytest

from support.raw import SSE_C_MD5, path_of, sse_c
from support.wire import COPY_SOURCE, LEAST_PART, Upload, encryption_of, of_source, opens_only_with, the

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
CONTENT = random.Random(15).randbytes(150_000)
# Encryption headers of PUT and copy requests, and the customer key needed to read the object.
MODES = {
    "default": ({}, None),
    "SSE-S3": ({"x-amz-server-side-encryption": "AES256"}, None),
    "SSE-C one": (sse_c(ONE), ONE),
    "SSE-C two": (sse_c(TWO), TWO),
}
NEEDED = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
    "retrieve the object."
)
NOT_APPLICABLE = "The encryption parameters are not applicable to this object."
WRONG_KEY = (
    "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
)


def source_key(key):
    return of_source(sse_c(key)) if key else {}


def is_md5(etag, content):
    return etag == f'"{hashlib.md5(content).hexdigest()}"'


@pytest.mark.parametrize("before, after", list(itertools.product(MODES, MODES)))
@pytest.mark.parametrize("onto_itself", [False, True], ids=["elsewhere", "onto itself"])
def test_copies_between_all_modes(wire, bucket, before, after, onto_itself):
    given, key = MODES[before]
    requested, new_key = MODES[after]
    path = path_of(bucket, "k")
    target = path if onto_itself else path_of(bucket, "copy")
    for content in [b"", b"small", CONTENT]:
        etag = wire("PUT", path, body=content, headers={**given, "x-amz-meta-a": "b"}).headers["etag"]
        response = wire("PUT", target, headers={COPY_SOURCE: path, **source_key(key), **requested})
        if onto_itself and after == "default":
            response.is_error(400, "InvalidRequest")
            opens_only_with(wire, path, content, key)
            continue
        assert response.status == 200, response
        assert encryption_of(response) == (requested[SSE_C_MD5] if new_key else "AES256")
        copied = opens_only_with(wire, target, content, new_key, other=ONE if new_key == TWO else TWO)
        assert copied.headers["etag"] == the(response.body, "ETag") and copied.headers["x-amz-meta-a"] == "b"
        if not onto_itself:
            opens_only_with(wire, path, content, key)
        now = copied.headers["etag"]
        # SSE-S3: the MD5 of the content, or an ETag with a dash, which no client takes for an MD5. SSE-C: not the MD5.
        if new_key:
            assert not is_md5(now, content)
            assert onto_itself or now != etag
        else:
            assert is_md5(now, content) or (onto_itself and key and "-" in now), now


def test_after_a_key_change_the_old_key_is_refused(wire, bucket):
    """Key rotation by copies onto the object itself; only the last key decrypts it."""
    path, keys = path_of(bucket, "k"), [secrets.token_bytes(32) for _ in range(4)]
    assert wire("PUT", path, body=CONTENT, headers=sse_c(keys[0])).status == 200
    for old, new in itertools.pairwise(keys):
        response = wire("PUT", path, headers={COPY_SOURCE: path, **source_key(old), **sse_c(new)})
        assert response.status == 200
        opens_only_with(wire, path, CONTENT, new, other=old)
        again = wire("PUT", path, headers={COPY_SOURCE: path, **source_key(old), **sse_c(old)})
        again.is_error(403, "AccessDenied", WRONG_KEY)
    opens_only_with(wire, path, CONTENT, keys[-1], other=keys[0])
    assert wire("GET", path, headers={**sse_c(keys[-1]), "Range": "bytes=99990-100010"}).body == CONTENT[99_990:100_011]


def test_a_key_change_of_a_multipart_object(wire, bucket):
    first, last = CONTENT[:1024] * 5200, b"last"
    upload = Upload(wire, bucket, "k", sse_c(ONE))
    upload.part(1, first, sse_c(ONE))
    upload.part(2, last, sse_c(ONE))
    upload.complete()
    for old, requested, new in [(ONE, sse_c(TWO), TWO), (TWO, MODES["SSE-S3"][0], None), (None, sse_c(ONE), ONE)]:
        response = wire("PUT", upload.path, headers={COPY_SOURCE: upload.path, **source_key(old), **requested})
        assert response.status == 200, response
        opens_only_with(wire, upload.path, first + last, new, other=b"?" * 32)
        part = wire("GET", upload.path, query="partNumber=2", headers=sse_c(new) if new else {})
        assert part.status == 206 and part.body == last
        assert part.headers["x-amz-mp-parts-count"] == "2" and part.headers["etag"].endswith('-2"')


def test_wrong_keys_of_sources(wire, bucket):
    sealed, plain, new = (path_of(bucket, name) for name in ["sealed", "plain", "new"])
    wire("PUT", sealed, body=CONTENT, headers=sse_c(ONE))
    wire("PUT", plain, body=CONTENT)
    upload = Upload(wire, bucket, "upload")
    for path, query in [(new, ""), (upload.path, f"partNumber=1&uploadId={upload.id}")]:
        for source, given, status, code, message in [
            (sealed, {}, 400, "InvalidRequest", NEEDED),
            (sealed, source_key(TWO), 403, "AccessDenied", WRONG_KEY),
            (plain, source_key(ONE), 400, "InvalidRequest", NOT_APPLICABLE),
        ]:
            response = wire("PUT", path, query=query, headers={COPY_SOURCE: source, **given})
            response.is_error(status, code, message)
    # A key in the headers of the target does not count for the source.
    wire("PUT", new, headers={COPY_SOURCE: sealed, **sse_c(ONE)}).is_error(400, "InvalidRequest", NEEDED)
    # They are refused if the request is no copy.
    for method in ["PUT", "GET", "HEAD", "DELETE"]:
        response = wire(method, sealed, headers={**sse_c(ONE), **source_key(ONE)})
        assert response.status == 400, (method, response)
    wire("GET", new).is_error(404, "NoSuchKey")
    assert upload.numbers() == []
    opens_only_with(wire, sealed, CONTENT, ONE)


def test_keys_of_sources_over_clear_text(server, wire, bucket):
    """The key of a source is a customer key too: other machines must not send it over HTTP."""
    sealed = path_of(bucket, "sealed")
    wire("PUT", sealed, body=CONTENT, headers=sse_c(ONE))
    clear = type(wire)(server, secure=False)
    given = {COPY_SOURCE: sealed, **source_key(ONE), "X-Forwarded-For": "203.0.113.7"}
    clear("PUT", path_of(bucket, "new"), headers=given).is_error(400, "InvalidRequest")
    clear.close()
    wire("GET", path_of(bucket, "new")).is_error(404, "NoSuchKey")


@pytest.fixture(scope="module")
def sources(wire, s3):
    """A single-part and a multipart object in both modes, and their contents."""
    bucket = f"sources-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    first, last = random.Random(16).randbytes(LEAST_PART + 12_345), CONTENT
    contents = {}
    for name, key in [("plain", None), ("sealed", ONE)]:
        given = sse_c(key) if key else {}
        contents[path_of(bucket, name)] = (key, CONTENT)
        wire("PUT", path_of(bucket, name), body=CONTENT, headers=given)
        upload = Upload(wire, bucket, f"{name}-parts", given)
        upload.part(1, first, given)
        upload.part(2, last, given)
        assert upload.complete().status == 200
        contents[upload.path] = (key, first + last)
    return bucket, contents


@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-C two"])
def test_copied_parts(wire, sources, mode):
    """Copies parts from every kind of source, whole and in ranges, into one object."""
    bucket, contents = sources
    given, key = MODES[mode] if mode != "SSE-S3" else ({}, None)
    border = LEAST_PART + 12_345
    for path, (of_source_key, content) in contents.items():
        size = len(content)
        ranges = [(0, 0), (65_535, 65_536), (0, size - 1), (size - 1, size - 1), (100, 100_000)]
        ranges += [(border - 70_000, border + 70_000), (border - 1, border)] if size > border else []
        for first, last in ranges:
            upload = Upload(wire, bucket, "target", given)
            requested = {**given, **source_key(of_source_key), "x-amz-copy-source-range": f"bytes={first}-{last}"}
            response = upload.copy_part(1, path, requested)
            assert response.status == 200 and encryption_of(response) == (given.get(SSE_C_MD5) or "AES256"), response
            if not key:
                assert is_md5(the(response.body, "ETag"), content[first : last + 1])
            assert upload.complete().status == 200
            opens_only_with(wire, upload.path, content[first : last + 1], key, other=ONE)


def test_many_sources_in_one_object(wire, sources):
    bucket, contents = sources
    large = [(path, *rest) for path, rest in contents.items() if len(rest[1]) > LEAST_PART]
    upload = Upload(wire, bucket, "all", sse_c(TWO))
    for number, (path, key, _) in enumerate(large, 1):
        response = upload.copy_part(number, path, {**sse_c(TWO), **source_key(key)})
        assert response.status == 200 and "x-amz-copy-source-version-id" not in response.headers
    upload.part(9, b"the end", sse_c(TWO))
    assert upload.complete().status == 200
    opens_only_with(wire, upload.path, b"".join(content for *_, content in large) + b"the end", TWO)


def test_invalid_ranges(wire, sources):
    bucket, contents = sources
    source = path_of(bucket, "plain")
    size = len(contents[source][1])
    upload = Upload(wire, bucket, "none")
    for requested in [
        f"bytes=0-{size}", f"bytes={size}-{size}", "bytes=5-4", "bytes=5-", "bytes=-5", "bytes=", "0-5", "bytes=a-b",
        "bytes=0-1,3-4", "lines=0-5", "bytes=0-99999999999999999999999",
    ]:  # fmt: skip
        response = upload.copy_part(1, source, {"x-amz-copy-source-range": requested})
        assert (response.status, response.error.get("Code")) == (400, "InvalidArgument"), (requested, response)
    upload.copy_part(1, f"/{bucket}/missing").is_error(404, "NoSuchKey")
    upload.copy_part(1, "/no-such-bucket-here/k").is_error(404, "NoSuchBucket")
    assert upload.numbers() == []
