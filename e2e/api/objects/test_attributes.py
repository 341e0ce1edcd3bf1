"""GetObjectAttributes: the document that describes an object and its parts."""

import secrets

import pytest
from botocore.exceptions import ClientError

from support.checksums import checksum, header
from support.raw import SSE, path_of, sse_c
from support.wire import LEAST_PART, Upload, elements, encryption_of

KEY = bytes(range(32))
ALL = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize"
FIRST, LAST = b"0123456789abcdef" * (LEAST_PART // 16), b"last"


def attributes(wire, path, requested=ALL, headers=None):
    return wire("GET", path, query="attributes=", headers={"x-amz-object-attributes": requested, **(headers or {})})


@pytest.fixture(scope="module", params=["SSE-S3", "SSE-C"])
def stored(request, wire, s3):
    """A bucket with an object put `whole`, one of `parts`, one of parts with `checksums`, and the headers of the key."""
    bucket = f"attributes-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    given = sse_c(KEY) if request.param == "SSE-C" else {}
    wire("PUT", path_of(bucket, "whole"), body=LAST, headers={header("SHA1"): checksum("SHA1", LAST), **given})
    for name, requested in [("parts", {}), ("checksums", {"x-amz-checksum-algorithm": "SHA256"})]:
        upload = Upload(wire, bucket, name, {**requested, **given})
        checksums = {}
        for number, body in [(1, FIRST), (2, FIRST), (4, LAST)]:
            response = upload.part(number, body, given)
            checksums[number] = f"<ChecksumSHA256>{response.headers.get(header('SHA256'))}</ChecksumSHA256>"
        assert upload.complete(checksums=checksums if requested else None, headers=given).status == 200
    return bucket, given


def test_an_object_from_a_single_put(wire, stored):
    bucket, given = stored
    path = path_of(bucket, "whole")
    response = attributes(wire, path, headers=given)
    assert response.status == 200 and encryption_of(response) is None, response
    head = wire("HEAD", path, headers=given)
    assert response.headers["last-modified"] == head.headers["last-modified"]
    document = elements(response.body)
    assert document.pop("ETag")[0].strip('"') == head.headers["etag"].strip('"')
    assert document == {
        "Checksum": [{"ChecksumSHA1": [checksum("SHA1", LAST)], "ChecksumType": ["FULL_OBJECT"]}],
        "StorageClass": ["STANDARD"],
        "ObjectSize": ["4"],
    }


@pytest.mark.parametrize("name", ["whole", "parts"])
def test_etags_have_no_quotes(wire, stored, name):
    """As on AWS, in contrast to all other responses."""
    bucket, given = stored
    etag = wire("HEAD", path_of(bucket, name), headers=given).headers["etag"]
    assert elements(attributes(wire, path_of(bucket, name), headers=given).body)["ETag"] == [etag.strip('"')]


@pytest.mark.parametrize("name", ["parts", "checksums"])
def test_a_multipart_object(wire, stored, name):
    """Parts are listed one by one only if they have checksums."""
    bucket, given = stored
    path = path_of(bucket, name)
    document = elements(attributes(wire, path, headers=given).body)
    assert document["ETag"][0].strip('"') == wire("HEAD", path, headers=given).headers["etag"].strip('"')
    assert document["ObjectSize"] == [str(2 * len(FIRST) + len(LAST))]
    parts = document["ObjectParts"][0]
    assert parts["PartsCount"] == ["3"]
    if name == "checksums":
        assert [(part["PartNumber"], part["Size"]) for part in parts["Part"]] == [
            (["1"], [str(len(FIRST))]), (["2"], [str(len(FIRST))]), (["4"], ["4"])
        ]  # fmt: skip
        assert parts["Part"][2]["ChecksumSHA256"] == [checksum("SHA256", LAST)]
        assert document["Checksum"][0]["ChecksumType"] == ["COMPOSITE"]
        assert document["Checksum"][0]["ChecksumSHA256"][0].rstrip("-3") != ""
    elif given:
        assert "Checksum" not in document, "AWS has no checksum of an SSE-C multipart object unless one was requested"


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA1"])
def test_an_upload_of_one_part(wire, bucket, algorithm):
    """Only here its checksum has no number of parts."""
    upload = Upload(wire, bucket, "one", {"x-amz-checksum-algorithm": algorithm})
    value = upload.part(1, LAST, {header(algorithm): checksum(algorithm, LAST)}).headers[header(algorithm).lower()]
    done = upload.complete(checksums={1: f"<Checksum{algorithm}>{value}</Checksum{algorithm}>"})
    of_object = elements(done.body)[f"Checksum{algorithm}"][0]
    assert of_object.endswith("-1"), done
    head = wire("HEAD", upload.path, headers={"x-amz-checksum-mode": "ENABLED"})
    assert head.headers[header(algorithm).lower()] == of_object
    found = elements(attributes(wire, upload.path).body)["Checksum"][0]
    assert found[f"Checksum{algorithm}"] == [of_object.removesuffix("-1")] and found["ChecksumType"] == ["COMPOSITE"]


def test_pages_of_parts(wire, stored):
    bucket, given = stored
    numbers, marker = [], 0
    for expected in [["1"], ["2"], ["4"]]:
        requested = {"x-amz-max-parts": 1, "x-amz-part-number-marker": marker, **given}
        parts = elements(attributes(wire, path_of(bucket, "checksums"), "ObjectParts", requested).body)["ObjectParts"][
            0
        ]
        assert parts["MaxParts"] == ["1"] and parts["PartNumberMarker"] == [str(marker)]
        assert parts["PartsCount"] == ["3"], "the total number, on every page"
        assert parts["IsTruncated"] == ["false" if expected == ["4"] else "true"]
        numbers.append([part["PartNumber"][0] for part in parts["Part"]])
        assert numbers[-1] == expected == parts["NextPartNumberMarker"]
        marker = expected[0]
    past = {"x-amz-part-number-marker": 4, **given}
    parts = elements(attributes(wire, path_of(bucket, "checksums"), "ObjectParts", past).body)["ObjectParts"][0]
    assert "Part" not in parts and parts["IsTruncated"] == ["false"]


@pytest.mark.parametrize(
    "requested", ["ETag", "Checksum", "StorageClass", "ObjectSize", "ObjectSize, ETag", "ETag,ETag"]
)
def test_only_requested_attributes(wire, stored, requested):
    bucket, given = stored
    document = elements(attributes(wire, path_of(bucket, "whole"), requested, given).body)
    assert set(document) == {name.strip() for name in requested.split(",")}


@pytest.mark.parametrize("requested", ["", "etag", "Rubbish", "ETag,Rubbish", None])
def test_unknown_attributes(wire, stored, requested):
    bucket, given = stored
    headers = {**given, **({} if requested is None else {"x-amz-object-attributes": requested})}
    response = wire("GET", path_of(bucket, "whole"), query="attributes=", headers=headers)
    assert response.status == 400 and response.error["Code"] in ("InvalidArgument", "InvalidRequest"), response


def test_numbers_that_cannot_be_read_are_ignored(wire, stored):
    bucket, given = stored
    whole = attributes(wire, path_of(bucket, "checksums"), "ObjectParts", given)
    for name, value in [
        ("max-parts", "-1"),
        ("max-parts", "x"),
        ("max-parts", "2147483648"),
        ("part-number-marker", "x"),
    ]:
        requested = {f"x-amz-{name}": value, **given}
        response = attributes(wire, path_of(bucket, "checksums"), "ObjectParts", requested)
        assert (response.status, response.body) == (200, whole.body), (name, value, response)


def test_missing_objects(wire, stored):
    bucket, _ = stored
    attributes(wire, path_of(bucket, "missing")).is_error(404, "NoSuchKey")
    attributes(wire, path_of("no-such-bucket-here", "k")).is_error(404, "NoSuchBucket")


def test_the_sse_header_is_refused(wire, stored):
    bucket, _ = stored
    attributes(wire, path_of(bucket, "whole"), headers={SSE: "AES256"}).is_error(400, "InvalidArgument")


def test_boto3_sends_the_key_unchanged(s3, stored):
    """boto3 encodes keys and adds their MD5s for other operations but not for this one."""
    bucket, given = stored
    if not given:
        response = s3.get_object_attributes(
            Bucket=bucket, Key="checksums", ObjectAttributes=["ObjectParts"], MaxParts=2
        )
        assert [part["PartNumber"] for part in response["ObjectParts"]["Parts"]] == [1, 2]
        return
    _, encoded, md5 = given.values()
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": encoded, "SSECustomerKeyMD5": md5}
    response = s3.get_object_attributes(Bucket=bucket, Key="whole", ObjectAttributes=["ObjectSize"], **key)
    assert response["ObjectSize"] == 4
    with pytest.raises(ClientError):
        s3.get_object_attributes(Bucket=bucket, Key="whole", ObjectAttributes=["ObjectSize"])
