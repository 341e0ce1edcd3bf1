"""Deleting versions: many at once, conditions, non-empty buckets."""

import pytest

from support.raw import path_of, sse_c
from support.versions import UNKNOWN, delete_many, put, set_versioning
from support.wire import COPY_SOURCE, content_md5, elements, opens_only_with

OTHER = '"00000000000000000000000000000000"'


@pytest.fixture
def versioned(wire, bucket):
    set_versioning(wire, bucket, "Enabled")
    return bucket


def test_deleting_many(wire, versioned):
    one, two = path_of(versioned, "one"), path_of(versioned, "two")
    first, second = put(wire, one, b"first", sse_c(b"1" * 32)), put(wire, one, b"second")
    put(wire, two, b"two")
    deleted, errors = delete_many(wire, versioned, [("one", first), ("two", None), ("missing", UNKNOWN)])
    assert errors == []
    by_key = {entry["Key"]: entry for entry in deleted}
    assert by_key["one"] == {"Key": "one", "VersionId": first}
    assert by_key["two"]["DeleteMarker"] == "true" and "VersionId" not in by_key["two"]
    marker = by_key["two"]["DeleteMarkerVersionId"]
    assert by_key["missing"] == {"Key": "missing", "VersionId": UNKNOWN}
    assert wire("GET", two).headers["x-amz-version-id"] == marker
    opens_only_with(wire, one, b"second", query=f"versionId={second}")
    wire("GET", one, query=f"versionId={first}").is_error(404, "NoSuchVersion")
    # A deleted marker is reported as one.
    deleted, errors = delete_many(wire, versioned, [("two", marker)])
    assert deleted == [
        {"Key": "two", "VersionId": marker, "DeleteMarker": "true", "DeleteMarkerVersionId": marker}
    ] and errors == []  # fmt: skip
    opens_only_with(wire, two, b"two")


def test_several_versions_of_one_key_at_once(wire, versioned):
    path = path_of(versioned, "k")
    ids = [put(wire, path, body) for body in [b"1", b"2", b"3", b"4"]]
    deleted, errors = delete_many(wire, versioned, [("k", ids[3]), ("k", ids[1]), ("k", None), ("k", ids[0])])
    assert errors == [] and len(deleted) == 4
    wire("GET", path).is_error(404, "NoSuchKey")
    opens_only_with(wire, path, b"3", query=f"versionId={ids[2]}")
    for gone in (0, 1, 3):
        wire("GET", path, query=f"versionId={ids[gone]}").is_error(404, "NoSuchVersion")


def test_invalid_version_ids_do_not_stop_the_other_deletions(wire, versioned):
    path = path_of(versioned, "k")
    id = put(wire, path, b"data")
    deleted, errors = delete_many(wire, versioned, [("k", "rubbish"), ("k", id)], quiet=True)
    assert deleted == [] and [entry["Key"] for entry in errors] == ["k"]
    assert errors[0]["Code"] in ("NoSuchVersion", "InvalidArgument") and errors[0]["VersionId"] == "rubbish"
    wire("GET", path).is_error(404, "NoSuchKey")


def test_conditions(wire, versioned):
    """They apply to the current object; below a delete marker there is none."""
    path = path_of(versioned, "k")
    id = put(wire, path, b"data")
    etag = wire("HEAD", path).headers["etag"]
    wire("PUT", path, body=b"x", headers={"If-None-Match": "*"}).is_error(412, "PreconditionFailed")
    wire("DELETE", path, headers={"If-Match": OTHER}).is_error(412, "PreconditionFailed")
    marker = wire("DELETE", path, headers={"If-Match": etag})
    assert marker.status == 204 and marker.headers["x-amz-delete-marker"] == "true"
    wire("PUT", path, body=b"x", headers={"If-Match": etag}).is_error(404, "NoSuchKey")
    assert wire("PUT", path, body=b"new", headers={"If-None-Match": "*"}).status == 200
    opens_only_with(wire, path, b"new")
    opens_only_with(wire, path, b"data", query=f"versionId={id}")
    copied = wire("PUT", path_of(versioned, "c"), headers={COPY_SOURCE: path, "x-amz-copy-source-if-match": etag})
    copied.is_error(412, "PreconditionFailed")
    named = {COPY_SOURCE: f"{path}?versionId={id}", "x-amz-copy-source-if-match": etag}
    assert wire("PUT", path_of(versioned, "c"), headers=named).status == 200
    for condition, status in [({"If-Match": etag}, 200), ({"If-None-Match": etag}, 304), ({"If-Match": OTHER}, 412)]:
        assert wire("GET", path, query=f"versionId={id}", headers=condition).status == status


def test_conditions_of_many(wire, versioned):
    """Each object may have its own conditions; a failed one keeps only that object."""
    names = ["etag", "size", "time", "right", "none"]
    heads = {}
    for name in names:
        put(wire, path_of(versioned, name), b"data")
        heads[name] = wire("HEAD", path_of(versioned, name)).headers
    past = "Mon, 01 Jan 2001 00:00:00 GMT"
    right = f"<ETag>{heads['right']['etag']}</ETag><Size>4</Size>"
    right += f"<LastModifiedTime>{heads['right']['last-modified']}</LastModifiedTime>"
    conditions = [f"<ETag>{OTHER}</ETag>", "<Size>5</Size>", f"<LastModifiedTime>{past}</LastModifiedTime>", right, ""]
    objects = zip([*names, "missing"], [*conditions, "<ETag>x</ETag>"], strict=True)
    body = "".join(f"<Object><Key>{name}</Key>{condition}</Object>" for name, condition in objects)
    body = f"<Delete>{body}</Delete>".encode()
    response = elements(wire("POST", path_of(versioned), query="delete=", body=body, headers=content_md5(body)).body)
    errors = {entry["Key"][0]: entry["Code"][0] for entry in response["Error"]}
    assert errors == {
        "etag": "PreconditionFailed", "size": "PreconditionFailed", "time": "PreconditionFailed", "missing": "NoSuchKey",
    }  # fmt: skip
    assert sorted(entry["Key"][0] for entry in response["Deleted"]) == ["none", "right"]
    for name in names:
        assert wire("HEAD", path_of(versioned, name)).status == (200 if name in errors else 404), name


def test_a_bucket_with_versions_is_not_empty(wire, versioned):
    path = path_of(versioned, "k")
    id = put(wire, path, b"data")
    marker = wire("DELETE", path).headers["x-amz-version-id"]
    wire("DELETE", path_of(versioned)).is_error(409, "BucketNotEmpty")
    wire("DELETE", path, query=f"versionId={id}")
    wire("DELETE", path_of(versioned)).is_error(409, "BucketNotEmpty")
    wire("DELETE", path, query=f"versionId={marker}")
    assert wire("DELETE", path_of(versioned)).status == 204


def test_boto3(s3, versioned):
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=first)["Body"].read() == b"1"
    marker = s3.delete_object(Bucket=versioned, Key="k")
    assert marker["DeleteMarker"] is True
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=versioned, Key="k")
    listed = s3.list_object_versions(Bucket=versioned)
    assert [entry["VersionId"] for entry in listed["Versions"]] == [second, first]
    assert [entry["VersionId"] for entry in listed["DeleteMarkers"]] == [marker["VersionId"]]
    every = [{"Key": "k", "VersionId": id} for id in (first, second, marker["VersionId"])]
    assert len(s3.delete_objects(Bucket=versioned, Delete={"Objects": every})["Deleted"]) == 3
    listed = s3.list_object_versions(Bucket=versioned)
    assert "Versions" not in listed and "DeleteMarkers" not in listed
