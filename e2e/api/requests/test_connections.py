"""HTTP connections: keep-alive, uploads refused while they are sent, host names."""

import pytest

from support.http2 import Http2
from support.raw import UNSIGNED, Connection, head_of, path_of, send

CONTENT = bytes(range(256)) * 1000


def test_many_requests_on_one_connection(server, bucket):
    with Connection(server) as connection:
        for number in range(20):
            path, body = path_of(bucket, f"k{number}"), CONTENT[: number * 5000]
            given = {"host": connection.host, "length": len(body)}
            connection.head("PUT", path, "", head_of(server, "PUT", path, **given))
            connection.body(body)
            assert connection.response("PUT").status == 200
            for method in ["GET", "HEAD"]:
                connection.head(method, path, "", head_of(server, method, path, host=connection.host))
                response = connection.response(method)
                assert response.status == 200 and response.body == (body if method == "GET" else b"")
            missing = path_of(bucket, "missing")
            connection.head("HEAD", missing, "", head_of(server, "HEAD", missing, host=connection.host))
            assert connection.response("HEAD").status == 404


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
@pytest.mark.parametrize("size", [100_000, 30_000_000])
@pytest.mark.parametrize(
    "more, status",
    [
        ({"secret": "x" * 40}, 403),
        ({"headers": {"If-Match": '"0"'}}, 404),
        ({"headers": {"x-amz-server-side-encryption": "aws:kms:dsse"}}, 501),
        ({"headers": {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}}, 400),
    ],
    ids=["secret", "condition", "kms", "digest"],
)
def test_a_refused_client_receives_the_error(server, bucket, secure, size, more, status):
    """Also for a client that does not wait for 100 Continue and is still sending when the response comes."""
    response = send(server, "PUT", path_of(bucket, "k"), body=bytes(size), payload=UNSIGNED, secure=secure, **more)
    assert response.status == status


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_a_client_that_reads_only_after_its_body(server, bucket_name, secure):
    """Most clients do. The server reads on after its response, which says that the connection ends."""
    with Connection(server, secure) as connection:
        path, body = path_of(bucket_name, "k"), bytes(20_000_000)
        connection.head("PUT", path, "", head_of(server, "PUT", path, length=len(body), host=connection.host))
        connection.body(body)
        response = connection.response("PUT").is_error(404, "NoSuchBucket")
        assert response.headers["connection"] == "close"


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_a_small_refused_upload_keeps_the_connection(server, bucket, secure):
    path, body = path_of(bucket, "k"), bytes(60_000)
    with Connection(server, secure) as connection:
        for more, status in [({"headers": {"If-Match": '"0"'}}, 404), ({}, 200)]:
            head = head_of(server, "PUT", path, length=len(body), host=connection.host, **more)
            connection.head("PUT", path, "", head)
            connection.body(body)
            response = connection.response("PUT")
            assert response.status == status and "connection" not in response.headers


def test_a_refused_upload_over_http2(server, bucket):
    """The stream is reset with NO_ERROR after the response; other streams of the connection continue."""
    with Http2(server) as connection:
        body = bytes(20_000_000)
        refused = connection.begin("PUT", path_of(bucket, "k"), {"If-Match": '"0"'}, len(body))
        refused.send(body)
        status, document = refused.end()
        assert status == 404 and b"<Code>NoSuchKey</Code>" in document
        assert refused.is_reset
        assert connection.ask("PUT", path_of(bucket, "k"), body=b"data")[0] == 200


def test_the_body_of_a_refused_request_is_not_executed(server, s3, bucket):
    """Bytes that follow a refused upload must not be executed, even if they form a complete signed request."""
    with Connection(server, secure=False) as connection:
        inner = path_of(bucket, "smuggled")
        lines = [
            f"PUT {inner} HTTP/1.1",
            *(f"{n}: {v}" for n, v in head_of(server, "PUT", inner, host=connection.host)),
        ]
        smuggled = "\r\n".join([*lines, "", ""]).encode()
        path = path_of(bucket, "k")
        for more in [{"secret": "x"}, {"headers": {"If-Match": '"0"'}}, {"headers": {"x-amz-acl": "public-read"}}]:
            head = head_of(server, "PUT", path, length=len(smuggled), host=connection.host, **more)
            connection.head("PUT", path, "", head)
            connection.body(smuggled)
            assert connection.response("PUT").status >= 400
            connection.close()
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("framing", [{"Transfer-Encoding": "chunked, identity"}, {"Transfer-Encoding": "xchunked"}])
def test_ambiguous_framing(server, s3, bucket, framing):
    path = path_of(bucket, "k")
    with Connection(server, secure=False) as connection:
        head = head_of(server, "PUT", path, length=None, host=connection.host)
        connection.head("PUT", path, "", [*head, *framing.items()])
        connection.body(b"0\r\n\r\n")
        assert connection.http.getresponse().status >= 400
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_expect_100_continue(server, bucket):
    """A waiting client receives 100 Continue, or the error immediately."""
    path = path_of(bucket, "k")
    for more, first in [({}, b"HTTP/1.1 100 "), ({"secret": "x"}, b"HTTP/1.1 403 ")]:
        with Connection(server) as connection:
            head = head_of(server, "PUT", path, length=4, host=connection.host, **more)
            connection.head("PUT", path, "", [*head, ("Expect", "100-continue")])
            assert connection.http.sock.recv(4096).startswith(first)
            if not more:
                connection.body(b"data")
                assert connection.response("PUT").status == 200
    # Also if the length of the body is not known.
    with Connection(server) as connection:
        head = head_of(server, "PUT", path, length=None, host=connection.host, secret="x")
        connection.head("PUT", path, "", [*head, ("Transfer-Encoding", "chunked"), ("Expect", "100-continue")])
        response = connection.http.sock.recv(4096)
        assert response.startswith(b"HTTP/1.1 403 ") and b"connection: close\r\n" in response
    assert send(server, "GET", path).body == b"data"


@pytest.mark.parametrize(
    "host", ["{bucket}.localhost", "{BUCKET}.LOCALHOST", "{bucket}.localhost.", "{bucket}.localhost:80"]
)
def test_hosts_that_name_a_bucket(server, bucket, host):
    host = host.format(bucket=bucket, BUCKET=bucket.upper())
    assert send(server, "PUT", "/k", body=b"data", host=host).status == 200
    assert send(server, "GET", path_of(bucket, "k")).body == b"data"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:9000", "example.com", "{bucket}.example.com"])
def test_hosts_that_name_no_bucket(server, bucket, host):
    assert send(server, "PUT", path_of(bucket, "k"), body=b"data", host=host.format(bucket=bucket)).status == 200
    assert send(server, "GET", path_of(bucket, "k")).body == b"data"


@pytest.mark.parametrize("query", ["encryption=", "foo=", "acl=", "uploads=", "torrent=", "attributes="])
def test_sub_resources_in_virtual_host_style(server, s3, bucket, query):
    """`/k` is an object there, but looks like a bucket from the path alone."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    for method in ["PUT", "DELETE"]:
        response = send(server, method, "/k", query=query, host=f"{bucket}.localhost", body=b"")
        assert response.status >= 400, response
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
