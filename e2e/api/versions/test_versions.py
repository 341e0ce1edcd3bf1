"""Versions of objects: storing, naming, delete markers, deletion."""

import random

import pytest

from support.raw import path_of, sse_c
from support.versions import UNKNOWN, put, set_versioning
from support.wire import COPY_SOURCE, Upload, content_md5, elements, of_source, opens_only_with, the

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
CONTENTS = [b"first", b"second" * 30_000, b"", random.Random(17).randbytes(100_000)]
TAGGING = "<Tagging><TagSet><Tag><Key>{}</Key><Value>v</Value></Tag></TagSet></Tagging>"
TAGS = TAGGING.format("a").encode()


@pytest.fixture
def versioned(wire, bucket):
    """The path of a key in a bucket with versioning enabled."""
    set_versioning(wire, bucket, "Enabled")
    return path_of(bucket, "dir/k")


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def key(request):
    return ONE if request.param == "SSE-C" else None


@pytest.fixture
def given(key):
    return sse_c(key) if key else {}


def test_versioning_is_reported(wire, bucket):
    def status():
        response = wire("GET", path_of(bucket), query="versioning=")
        assert response.status == 200
        return the(response.body, "Status")

    assert status() is None
    for requested in ["Enabled", "Suspended", "Enabled"]:
        set_versioning(wire, bucket, requested)
        assert status() == requested


def test_every_version_is_kept(wire, versioned, key, given):
    ids = [put(wire, versioned, body, given) for body in CONTENTS]
    assert len(set(ids)) == len(ids) and all(ids) and "null" not in ids
    for id, body in zip(ids, CONTENTS, strict=True):
        response = opens_only_with(wire, versioned, body, key, query=f"versionId={id}")
        assert response.headers["x-amz-version-id"] == id
        head = wire("HEAD", versioned, query=f"versionId={id}", headers=given)
        assert head.status == 200 and head.headers["content-length"] == str(len(body))
        if len(body) > 10:
            ranged = wire("GET", versioned, query=f"versionId={id}", headers={"Range": "bytes=3-9", **given})
            assert ranged.status == 206 and ranged.body == body[3:10]
    assert opens_only_with(wire, versioned, CONTENTS[-1], key).headers["x-amz-version-id"] == ids[-1]
    # One in the middle and the newest are deleted; the next older one becomes the newest.
    for gone in [ids[1], ids[3]]:
        response = wire("DELETE", versioned, query=f"versionId={gone}")
        assert response.status == 204 and response.headers["x-amz-version-id"] == gone
        assert "x-amz-delete-marker" not in response.headers
        wire("GET", versioned, query=f"versionId={gone}", headers=given).is_error(404, "NoSuchVersion")
        assert wire("HEAD", versioned, query=f"versionId={gone}", headers=given).status == 404
    assert opens_only_with(wire, versioned, b"", key).headers["x-amz-version-id"] == ids[2]
    opens_only_with(wire, versioned, b"first", key, query=f"versionId={ids[0]}")


def test_each_version_has_its_own_key(wire, versioned):
    """The key of one version does not decrypt another, and versions with SSE-S3 may exist beside them."""
    one, two = put(wire, versioned, b"one", sse_c(ONE)), put(wire, versioned, b"two", sse_c(TWO))
    plain = put(wire, versioned, b"plain")
    for id, body, key, other in [(one, b"one", ONE, TWO), (two, b"two", TWO, ONE), (plain, b"plain", None, ONE)]:
        opens_only_with(wire, versioned, body, key, query=f"versionId={id}", other=other)


def test_a_delete_marker(wire, bucket, versioned, key, given):
    id = put(wire, versioned, b"data", given)
    deleted = wire("DELETE", versioned)
    marker = deleted.headers["x-amz-version-id"]
    assert deleted.status == 204 and deleted.headers["x-amz-delete-marker"] == "true" and marker != id
    for headers in [{}, given, sse_c(TWO)]:
        response = wire("GET", versioned, headers=headers).is_error(404, "NoSuchKey")
        for reported in [response, wire("HEAD", versioned, headers=headers)]:
            assert reported.status == 404 and reported.headers["x-amz-delete-marker"] == "true"
            assert reported.headers["x-amz-version-id"] == marker
        named = wire("GET", versioned, query=f"versionId={marker}", headers=headers)
        named.is_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        assert named.error["ResourceType"] == "DeleteMarker"
        for reported in [named, wire("HEAD", versioned, query=f"versionId={marker}", headers=headers)]:
            assert reported.status == 405 and reported.headers["allow"] == "DELETE"
            assert reported.headers["x-amz-delete-marker"] == "true"
    opens_only_with(wire, versioned, b"data", key, query=f"versionId={id}")
    assert the(wire("GET", path_of(bucket), query="list-type=2").body, "KeyCount") == "0"
    second = wire("DELETE", versioned).headers["x-amz-version-id"]
    assert second != marker, "each DELETE adds one more"
    for name in [second, marker]:
        response = wire("DELETE", versioned, query=f"versionId={name}")
        assert response.status == 204 and response.headers["x-amz-delete-marker"] == "true"
        assert response.headers["x-amz-version-id"] == name
    assert opens_only_with(wire, versioned, b"data", key).headers["x-amz-version-id"] == id


def test_the_error_of_a_marker_names_the_refused_method(wire, versioned):
    marker = wire("DELETE", versioned).headers["x-amz-version-id"]
    assert wire("GET", versioned, query=f"versionId={marker}").error["Method"] == "GET"


def test_a_delete_marker_of_nothing(wire, versioned):
    deleted = wire("DELETE", versioned)
    assert deleted.status == 204 and deleted.headers["x-amz-delete-marker"] == "true"
    assert wire("GET", versioned).headers["x-amz-delete-marker"] == "true"


def test_operations_that_markers_do_not_support(wire, versioned):
    put(wire, versioned, b"data")
    marker = wire("DELETE", versioned).headers["x-amz-version-id"]
    by_id = f"versionId={marker}"
    for method, query, body, headers in [
        ("GET", "tagging=", b"", {}),
        ("PUT", "tagging=", TAGS, content_md5(TAGS)),
        ("DELETE", "tagging=", b"", {}),
        ("GET", "attributes=", b"", {"x-amz-object-attributes": "ETag"}),
    ]:
        response = wire(method, versioned, query=f"{query}&{by_id}", body=body, headers=headers)
        response.is_error(405, "MethodNotAllowed")
        assert response.headers["x-amz-delete-marker"] == "true"
        response = wire(method, versioned, query=query, body=body, headers=headers)
        assert response.status in (404, 405), response
    copied = wire("PUT", versioned + "-copy", headers={COPY_SOURCE: f"{versioned}?{by_id}"})
    copied.is_error(400, "InvalidRequest")
    wire("PUT", versioned + "-copy", headers={COPY_SOURCE: versioned}).is_error(404, "NoSuchKey")


def test_null_versions(wire, bucket, key, given):
    """Objects from before versioning was enabled, and objects written while it is suspended."""
    path = path_of(bucket, "k")
    assert put(wire, path, b"before", given) is None
    assert "x-amz-version-id" not in wire("HEAD", path, headers=given).headers
    set_versioning(wire, bucket, "Enabled")
    assert opens_only_with(wire, path, b"before", key).headers["x-amz-version-id"] == "null"
    kept = put(wire, path, b"kept", given)
    opens_only_with(wire, path, b"before", key, query="versionId=null")
    set_versioning(wire, bucket, "Suspended")
    assert put(wire, path, b"null", given) is None, "as on AWS, a null version is not named here"
    opens_only_with(wire, path, b"null", key, query="versionId=null")
    assert put(wire, path, b"null again", given) is None
    opens_only_with(wire, path, b"null again", key)
    opens_only_with(wire, path, b"kept", key, query=f"versionId={kept}")
    deleted = wire("DELETE", path)
    assert deleted.headers["x-amz-delete-marker"] == "true" and deleted.headers["x-amz-version-id"] == "null"
    wire("GET", path, headers=given).is_error(404, "NoSuchKey")
    wire("DELETE", path, headers={"If-Match": "*"}).is_error(412, "PreconditionFailed")
    marker = wire("GET", path, query="versionId=null", headers=given).is_error(405, "MethodNotAllowed")
    assert marker.headers["last-modified"]
    opens_only_with(wire, path, b"kept", key, query=f"versionId={kept}")
    set_versioning(wire, bucket, "Enabled")
    newest = put(wire, path, b"newest", given)
    assert newest not in (kept, "null")
    response = wire("DELETE", path, query="versionId=null")
    assert response.status == 204 and response.headers["x-amz-delete-marker"] == "true"
    for id in [newest, kept]:
        assert wire("DELETE", path, query=f"versionId={id}").status == 204
    wire("GET", path, headers=given).is_error(404, "NoSuchKey")
    assert wire("DELETE", path_of(bucket)).status == 204


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_invalid_names(wire, versioned, method):
    """32 hex digits could be a version id that was never assigned: its DELETE succeeds, as for any missing key."""
    put(wire, versioned, b"data")
    for name in ["rubbish", "", "NULL", "0" * 31, "..", "z" * 32, "0" * 33]:
        response = wire(method, versioned, query=f"versionId={name}")
        assert response.status == 400, (name, response)
        assert method == "HEAD" or response.is_error(400, "InvalidArgument").error["ArgumentName"] == "versionId"
    response = wire(method, versioned, query=f"versionId={UNKNOWN}")
    assert response.status == (204 if method == "DELETE" else 404), response
    assert method != "GET" or response.is_error(404, "NoSuchVersion")
    opens_only_with(wire, versioned, b"data")


def test_tags_of_versions(wire, versioned):
    old, new = put(wire, versioned, b"old", {"x-amz-tagging": "old=1"}), put(wire, versioned, b"new")
    response = wire.put(versioned, f"tagging=&versionId={new}", TAGGING.format("new"))
    assert response.status == 200 and response.headers["x-amz-version-id"] == new

    def tags(query):
        response = wire("GET", versioned, query=query)
        tag_set = elements(response.body)["TagSet"][0]
        return response.headers["x-amz-version-id"], [tag["Key"][0] for tag in tag_set["Tag"]] if tag_set else []

    assert tags(f"tagging=&versionId={old}") == (old, ["old"])
    assert tags("tagging=") == (new, ["new"])
    response = wire("DELETE", versioned, query=f"tagging=&versionId={old}")
    assert response.status == 204 and response.headers["x-amz-version-id"] == old
    assert tags(f"tagging=&versionId={old}") == (old, []) and tags("tagging=") == (new, ["new"])
    wire("GET", versioned, query=f"tagging=&versionId={UNKNOWN}").is_error(404, "NoSuchVersion")
    wire("GET", versioned, query="tagging=&versionId=rubbish").is_error(400, "InvalidArgument")


def test_copies_of_versions(wire, bucket, versioned, key, given):
    old, _ = put(wire, versioned, b"old", given), put(wire, versioned, b"new", given)
    target = path_of(bucket, "copy")
    headers = {COPY_SOURCE: f"{versioned}?versionId={old}", **of_source(given), **given}
    response = wire("PUT", target, headers=headers)
    assert response.status == 200 and response.headers["x-amz-copy-source-version-id"] == old
    assert response.headers["x-amz-version-id"] not in (old, None)
    opens_only_with(wire, target, b"old", key)
    # Copying an older version onto its own key restores it, which is a change.
    headers.pop("x-amz-server-side-encryption-customer-key", None)
    response = wire("PUT", versioned, headers={COPY_SOURCE: headers[COPY_SOURCE], **of_source(given), **given})
    assert response.status == 200, response
    back = response.headers["x-amz-version-id"]
    assert opens_only_with(wire, versioned, b"old", key).headers["x-amz-version-id"] == back != old
    # Copying the newest version onto itself is no change, unless something changes; then the old version is kept.
    wire("PUT", versioned, headers={COPY_SOURCE: versioned, **of_source(given)}).is_error(400, "InvalidRequest")
    response = wire("PUT", versioned, headers={COPY_SOURCE: versioned, **of_source(given), **sse_c(TWO)})
    assert response.headers["x-amz-copy-source-version-id"] == back
    opens_only_with(wire, versioned, b"old", TWO, other=ONE)
    opens_only_with(wire, versioned, b"old", key, query=f"versionId={back}", other=TWO)
    for id, status, code in [(UNKNOWN, 404, "NoSuchVersion"), ("rubbish", 400, "InvalidArgument")]:
        wire("PUT", target, headers={COPY_SOURCE: f"{versioned}?versionId={id}"}).is_error(status, code)


def test_versions_share_the_content_of_a_copy_onto_itself(wire, versioned):
    """A copy onto itself moves no data; deleting one of the versions does not affect the other."""
    for gone in [0, 1, 2]:
        path = f"{versioned}-{gone}"
        ids = [put(wire, path, CONTENTS[3], sse_c(ONE))]
        for old, new in [(ONE, TWO), (TWO, None)]:
            requested = sse_c(new) if new else {"x-amz-server-side-encryption": "AES256"}
            response = wire("PUT", path, headers={COPY_SOURCE: path, **of_source(sse_c(old)), **requested})
            ids.append(response.headers["x-amz-version-id"])
        assert wire("DELETE", path, query=f"versionId={ids[gone]}").status == 204
        for number, key in enumerate([ONE, TWO, None]):
            if number != gone:
                opens_only_with(wire, path, CONTENTS[3], key, query=f"versionId={ids[number]}", other=b"?" * 32)


def test_uploads_in_parts(wire, versioned, key, given):
    old = put(wire, versioned, b"old", given)
    upload = Upload(wire, *versioned[1:].split("/", 1), given)
    assert "x-amz-version-id" not in upload.begun.headers
    source = {"x-amz-copy-source-range": "bytes=0-1", **of_source(given), **given}
    part = upload.copy_part(1, f"{versioned}?versionId={old}", source)
    assert part.status == 200 and part.headers["x-amz-copy-source-version-id"] == old
    done = upload.complete()
    id = done.headers["x-amz-version-id"]
    assert opens_only_with(wire, versioned, b"ol", key).headers["x-amz-version-id"] == id
    assert upload.complete().headers["x-amz-version-id"] == id, "a repeated request returns the same"
    opens_only_with(wire, versioned, b"old", key, query=f"versionId={old}")
