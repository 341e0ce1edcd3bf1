"""Tags of objects."""

import pytest

from support.raw import path_of, sse_c
from support.wire import COPY_SOURCE, elements, of_source, opens_only_with

KEY = bytes(range(32))
TAGGING = '<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>{}</TagSet></Tagging>'


def document(pairs):
    return TAGGING.format("".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs))


def put(wire, path, pairs):
    return wire.put(path, "tagging=", document(pairs))


def tags_of(wire, path):
    response = wire("GET", path, query="tagging=")
    assert response.status == 200, response
    tag_set = elements(response.body)["TagSet"][0]
    return [(tag["Key"][0], tag["Value"][0]) for tag in tag_set["Tag"]] if tag_set else []


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def stored(request, wire, bucket):
    """An object with two tags, and its customer key: requests about tags need none."""
    key = KEY if request.param == "SSE-C" else None
    path = path_of(bucket, "k")
    given = {"x-amz-tagging": "b=2&a=1", **(sse_c(key) if key else {})}
    assert wire("PUT", path, body=b"data", headers=given).status == 200
    return path, key


def test_setting_reading_and_deleting_tags(wire, stored):
    path, key = stored
    before = opens_only_with(wire, path, b"data", key).headers
    assert before["x-amz-tagging-count"] == "2"
    assert sorted(tags_of(wire, path)) == [("a", "1"), ("b", "2")]
    assert put(wire, path, [("c", "3")]).status == 200
    assert tags_of(wire, path) == [("c", "3")]
    assert opens_only_with(wire, path, b"data", key).headers["x-amz-tagging-count"] == "1"
    assert wire("DELETE", path, query="tagging=").status == 204
    assert tags_of(wire, path) == []
    after = opens_only_with(wire, path, b"data", key).headers
    assert "x-amz-tagging-count" not in after
    assert (after["etag"], after["last-modified"]) == (before["etag"], before["last-modified"])
    assert put(wire, path, []).status == 200 and wire("DELETE", path, query="tagging=").status == 204


def test_a_new_object_has_none_of_the_old_tags(wire, stored):
    path, _ = stored
    wire("PUT", path, body=b"other")
    assert tags_of(wire, path) == []
    wire("DELETE", path)
    wire("GET", path, query="tagging=").is_error(404, "NoSuchKey")


GOOD = [
    [("key", "")],
    [("k" * 128, "v" * 256)],
    [("a b", " + - = . _ : / @")],
    [("ü", "日本"), ("Case", "1"), ("case", "2")],
    [(f"k{n}", str(n)) for n in range(10)],
]


def test_valid_tags(wire, stored):
    path, _ = stored
    for pairs in GOOD:
        response = put(wire, path, pairs)
        assert response.status == 200, (pairs, response)
        assert sorted(tags_of(wire, path)) == sorted(pairs)


BAD = [
    ([("k" * 129, "v")], "InvalidTag"),
    ([("k", "v" * 257)], "InvalidTag"),
    ([("", "v")], "InvalidTag"),
    ([("a", "1"), ("a", "2")], "InvalidTag"),
    ([("a;b", "1")], "InvalidTag"),
    ([("a", "b;c")], "InvalidTag"),
    ([("aws:a", "1")], "InvalidTag"),
    ([(f"k{n}", "v") for n in range(11)], "BadRequest"),
]


HEADER = (
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
    "duplicates."
)


def of_header(pairs, code):
    """Returns the code for tags in a header: names that are missing or come twice are faults of the header."""
    names = [name for name, _ in pairs]
    return "InvalidArgument" if "" in names or len(set(names)) < len(names) else code


def test_invalid_tags(wire, bucket, stored):
    """In documents, and in the header of a PUT, which is then refused."""
    path, key = stored
    for pairs, code in BAD:
        response = put(wire, path, pairs)
        assert (response.status, response.error.get("Code")) == (400, code), (pairs, response)
        query = "&".join(f"{name}={value}".replace(";", "%3B") for name, value in pairs)
        of_copy = {COPY_SOURCE: path, "x-amz-tagging-directive": "REPLACE", **(of_source(sse_c(key)) if key else {})}
        for headers in [{}, of_copy]:
            given = {"x-amz-tagging": query, **headers}
            response = wire("PUT", path_of(bucket, "new"), body=b"" if headers else b"data", headers=given)
            assert (response.status, response.error.get("Code")) == (400, of_header(pairs, code)), (pairs, response)
        response = wire("POST", path_of(bucket, "new"), query="uploads=", headers={"x-amz-tagging": query})
        assert (response.status, response.error.get("Code")) == (400, of_header(pairs, code)), (pairs, response)
    assert sorted(tags_of(wire, path)) == [("a", "1"), ("b", "2")]
    wire("GET", path_of(bucket, "new")).is_error(404, "NoSuchKey")


def test_tags_in_a_header(wire, bucket):
    path = path_of(bucket, "k")
    for query, pairs in [
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a", [("a", "")]),
        ("a=", [("a", "")]),
        ("%C3%BC=a%20b", [("ü", "a b")]),
        ("a+b=c+d", [("a b", "c d")]),
        ("a=b%3Dc", [("a", "b=c")]),
        ("", []),
    ]:
        assert wire("PUT", path, body=b"data", headers={"x-amz-tagging": query}).status == 200, query
        assert sorted(tags_of(wire, path)) == pairs, query
    for query in ["%FF=1", "key=a&key=b", "="]:
        response = wire("PUT", path, body=b"data", headers={"x-amz-tagging": query})
        response.is_error(400, "InvalidArgument", HEADER)
        assert (response.error["ArgumentName"], response.error["ArgumentValue"]) == ("x-amz-tagging", query)


def test_the_number_of_tags(wire, bucket):
    path = path_of(bucket, "counted")
    wire("PUT", path, headers={"x-amz-tagging": "a=1&b=2"})
    for method in ["GET", "HEAD"]:
        assert wire(method, path).headers["x-amz-tagging-count"] == "2"
    wire("PUT", path)
    assert "x-amz-tagging-count" not in wire("HEAD", path).headers


def test_invalid_documents(wire, stored):
    path, _ = stored
    for body in [
        b"", b"rubbish", b"<Tagging/>", TAGGING.format("<Tag><Value>v</Value></Tag>").encode(),
        b"<Tagging><TagSet><Tag><Key>a</Key></Tag>", b"<Other><TagSet/></Other>",
    ]:  # fmt: skip
        response = wire.put(path, "tagging=", body)
        assert response.status == 400, (body, response)
        assert response.error["Code"] in ("MalformedXML", "MissingRequestBodyError", "InvalidRequest"), (body, response)
    response = wire("PUT", path, query="tagging=", body=document([("c", "3")]), headers={"content-md5": "AAAA"})
    assert response.status == 400
    assert sorted(tags_of(wire, path)) == [("a", "1"), ("b", "2")]


def test_missing_objects(wire, bucket):
    for path, code in [
        (path_of(bucket, "missing"), "NoSuchKey"),
        (path_of("no-such-bucket-here", "k"), "NoSuchBucket"),
    ]:
        for method in ["GET", "DELETE"]:
            wire(method, path, query="tagging=").is_error(404, code)
        put(wire, path, [("a", "1")]).is_error(404, code)


def test_boto3(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="a=1&b=%2B")
    got = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert sorted((tag["Key"], tag["Value"]) for tag in got) == [("a", "1"), ("b", "+")]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "ä", "Value": "x"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "ä", "Value": "x"}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
