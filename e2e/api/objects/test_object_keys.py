"""Object keys: any UTF-8 text of up to 1024 bytes is a key, and never a path."""

import unicodedata
import xml.etree.ElementTree
from urllib.parse import unquote, unquote_to_bytes

import pytest
from botocore.exceptions import ClientError

from support.raw import Connection, head_of, path_of, send, sse_c

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
MARK = "zzmarkzz"

KEYS = [
    "plain", ".", "..", "../", "./a", "a/../b", "../../../../etc/passwd", "a/./b", "a/..", "/", "//", "/leading", "//two",
    "trailing/", "trailing//", "a//b", "a///b", " ", "  a b  ", "+", "a+b c", "a%20b", "a%2Fb", "a%252Fb", "%", "%%", "%zz",
    "%00", "\\", "..\\..\\a", "C:\\a", "~", "*", "?", "a?b=c&d", "#a", "&amp;", "<a>\"'</a>", "]]>", "a;b", "a:b", "a|b",
    "$HOME", "`id`", "'; DROP TABLE", "ü", "u\u0308", "日本語/鍵", "🔐/👩‍👩‍👧", "\u202e\u200f", "\u00a0", "\ufeffa", "a" * 255,
    "a" * 300, "é" * 512, "🔐" * 256, "a/" * 512, "current/k", "version/k", "tmp", "lock", ".hidden", "con", "nul",
    "a\tb", "a\nb", "a\rb", "a\r\nb",
]  # fmt: skip
# Characters that XML 1.0 cannot represent: listed with encoding-type=url only.
CONTROL = ["a\x01b", "\x7f", "\x1b[31m", "a\x08", "\u0085", "a\ufffeb", "a\uffffb"]


def listed(server, bucket, query=""):
    """Returns the decoded keys of a listing with encoding-type=url."""
    query = "&".join(sorted(["encoding-type=url", "list-type=2", *([query] if query else [])]))
    response = send(server, "GET", path_of(bucket), query=query)
    root = xml.etree.ElementTree.fromstring(response.body)
    names = [node.text for node in root.findall(f"{NAMESPACE}Contents/{NAMESPACE}Key")]
    return [unquote_to_bytes(name).decode() for name in names]


@pytest.mark.parametrize("key", KEYS + CONTROL, ids=ascii)
def test_any_text_is_a_key(server, bucket, key):
    """Sent as raw requests, so that no client library normalizes the key; deleted afterwards, so that each exists alone."""
    path, body = path_of(bucket, key), key.encode()
    assert send(server, "PUT", path, body=body).status == 200
    assert send(server, "GET", path).body == body
    assert send(server, "HEAD", path).headers["content-length"] == str(len(body))
    assert listed(server, bucket) == [key]
    assert send(server, "DELETE", path).status == 204
    assert send(server, "HEAD", path).status == 404
    assert listed(server, bucket) == []


@pytest.mark.parametrize("key", [key for key in KEYS if not {".", ".."} & set(key.split("/"))], ids=ascii)
def test_any_text_is_a_key_for_boto3(s3, bucket, key):
    """boto3 lists with encoding-type=url by default and decodes it. Its URLs drop path segments that are only dots."""
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)


def test_all_of_them_together(server, bucket):
    """All keys exist side by side and are listed in the order of their bytes."""
    for key in KEYS + CONTROL:
        assert send(server, "PUT", path_of(bucket, key), body=key.encode()).status == 200
    ordered = sorted(KEYS + CONTROL, key=lambda key: key.encode())
    assert listed(server, bucket) == ordered
    for key in KEYS + CONTROL:
        assert send(server, "GET", path_of(bucket, key)).body == key.encode()
    # The two Unicode forms of an umlaut are two keys.
    assert unicodedata.normalize("NFC", "u\u0308") == "ü" and {"ü", "u\u0308"} <= set(ordered)
    for key in ["a/", "/", "日本語/", "..", "%"]:
        prefix = path_of("", key)[2:].replace("/", "%2F")
        assert listed(server, bucket, f"prefix={prefix}") == [name for name in ordered if name.startswith(key)]


def test_a_listing_without_encoding(server, bucket):
    """Keys are XML text: escaped, not percent-encoded."""
    keys = sorted(["<a>&\"'", "a%2Fb", "a+b c", "ü🔐", "]]>", "a\tb", "a\rb"], key=lambda key: key.encode())
    for key in keys:
        send(server, "PUT", path_of(bucket, key), body=b"data")
    for query in ["list-type=2", ""]:
        response = send(server, "GET", path_of(bucket), query=query)
        root = xml.etree.ElementTree.fromstring(response.body)
        assert [node.text for node in root.findall(f"{NAMESPACE}Contents/{NAMESPACE}Key")] == keys


def test_keys_are_never_paths(server, s3, bucket):
    """No path of a file or directory in the data directory or beside it contains a key."""
    for key in [f"{MARK}/a", f"../{MARK}", f"../../../../{MARK}", f"/{MARK}", f"/tmp/{MARK}-abs", f"{MARK}\\{MARK}"]:
        for size in [10, 200_000]:
            assert send(server, "PUT", path_of(bucket, f"{key}-{size}"), body=b"x" * size).status == 200
    named = [path for path in server.place.parent.rglob("*") if MARK in str(path)]
    assert named == []


@pytest.mark.parametrize("written", ["%2e%2e", "%2E%2E/k", "a%2Fb", "%61", "a%2bb", "%7E", "a%20b", "~", "!'()*,;=:@$"])
def test_one_key_has_many_spellings_in_a_url(server, bucket, written):
    """Clients may percent-encode any characters: the key is the decoded text, and the signature covers its canonical form."""
    key = unquote(written)
    response = send(server, "PUT", f"/{bucket}/{written}", body=b"data", canonical=path_of(bucket, key))
    assert response.status == 200, response
    assert listed(server, bucket) == [key]
    assert send(server, "GET", path_of(bucket, key)).body == b"data"


def test_plus_is_a_plus(server, bucket):
    """A plus sign stands for itself in paths and in queries, as in signatures."""
    send(server, "PUT", f"/{bucket}/a+b", body=b"data")
    assert listed(server, bucket) == ["a+b"]
    assert listed(server, bucket, "prefix=a%2B") == ["a+b"]


@pytest.mark.parametrize("key", ["a" * 1025, "é" * 512 + "a", "🔐" * 257])
def test_too_long(server, s3, bucket, key):
    for method, body in [("PUT", b"data"), ("GET", b""), ("DELETE", b"")]:
        response = send(server, method, path_of(bucket, key), body=body)
        response.is_error(400, "KeyTooLongError", "Your key is too long")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_the_longest_key(server, bucket, customer_key):
    for key in ["a" * 1024, "é" * 512, "/" * 1024, "\x01" * 1024]:
        assert send(server, "PUT", path_of(bucket, key), body=b"data", headers=sse_c(customer_key)).status == 200
        assert send(server, "GET", path_of(bucket, key), headers=sse_c(customer_key)).body == b"data"
        assert listed(server, bucket) == [key]
        assert send(server, "DELETE", path_of(bucket, key)).status == 204


@pytest.mark.parametrize("path", ["%ff", "a%c3", "%ed%a0%80", "a%80b", "%c0%af"])
def test_invalid_utf_8(server, s3, bucket, path):
    response = send(server, "PUT", f"/{bucket}/{path}", body=b"data")
    assert response.status == 400, response
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_null_byte(server, s3, bucket):
    """A NUL is valid UTF-8. The key may be stored whole or refused, but never truncated."""
    response = send(server, "PUT", f"/{bucket}/a%00b", body=b"data")
    if response.status == 200:
        assert listed(server, bucket) == ["a\0b"]
    else:
        assert response.status == 400 and listed(server, bucket) == []


def test_an_absolute_url_in_the_request_line(server, bucket):
    """RFC 9112 3.2.2: a server must understand it; the signed path is the same."""
    with Connection(server, secure=False) as connection:
        path = path_of(bucket, "a//../b")
        headers = head_of(server, "PUT", path, host=connection.host, length=4)
        connection.head("PUT", f"http://{connection.host}{path}", "", headers)
        connection.body(b"data")
        assert connection.response("PUT").status == 200
    assert listed(server, bucket) == ["a//../b"]


def test_clients_that_refuse_long_keys_see_why(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="a" * 1025, Body=b"data")
    assert error.value.response["Error"]["Code"] == "KeyTooLongError"
