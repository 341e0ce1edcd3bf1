"""CORS: the rules of a bucket, preflight requests, and the headers of responses."""

import pytest

from support.documents import get, put, refused
from support.raw import path_of, send, send_unsigned

ONE = "https://one.example"
RULES = [
    {
        "ID": "first",
        "AllowedOrigins": [ONE, "https://*.two.example"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "x-amz-server-side-encryption-customer-key-MD5"],
        "MaxAgeSeconds": 3000,
    },
    {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
]
VARIES = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


@pytest.fixture
def open_bucket(s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    return bucket


def preflight(server, path, origin=ONE, method="PUT", headers=None, **more):
    pairs = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return send_unsigned(server, "OPTIONS", path, headers={n: v for n, v in pairs.items() if v}, **more)


def test_rules(s3, bucket):
    assert refused(s3.get_bucket_cors, "NoSuchCORSConfiguration", Bucket=bucket) == 404
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES
    for _ in range(2):
        assert s3.delete_bucket_cors(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_cors, "NoSuchCORSConfiguration", Bucket=bucket) == 404


@pytest.mark.parametrize(
    "change, code",
    [
        ({"AllowedMethods": ["PATCH"]}, "InvalidRequest"),
        ({"AllowedMethods": ["get"]}, "InvalidRequest"),
        ({"AllowedMethods": []}, "MalformedXML"),
        ({"AllowedOrigins": []}, "MalformedXML"),
        ({"AllowedOrigins": ["https://*.*"]}, "InvalidRequest"),
        ({"AllowedHeaders": ["x-*-*"]}, "InvalidRequest"),
        ({"ExposeHeaders": ["*"]}, "InvalidRequest"),
        ({"ID": "x" * 256}, "InvalidArgument"),
    ],
)
def test_invalid_rules(s3, bucket, change, code):
    rules = [RULES[0], {**RULES[0], **change}]
    assert refused(s3.put_bucket_cors, code, Bucket=bucket, CORSConfiguration={"CORSRules": rules}) == 400
    assert refused(s3.get_bucket_cors, "NoSuchCORSConfiguration", Bucket=bucket) == 404


def test_the_maximum_number_of_rules(server, s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [RULES[1]] * 100})
    too_many = {"CORSRules": [RULES[1]] * 101}
    refused(s3.put_bucket_cors, "InvalidRequest", Bucket=bucket, CORSConfiguration=too_many)
    put(server, bucket, "cors", "<CORSConfiguration/>").is_error(400, "MalformedXML")
    assert get(server, bucket, "cors").body.count(b"<CORSRule>") == 100


def test_allowed_preflights(server, open_bucket):
    """The wildcard covers the headers of customer keys."""
    requested = "content-type, x-amz-server-side-encryption-customer-key, Authorization"
    response = preflight(server, path_of(open_bucket, "k"), headers=requested)
    assert response.status == 200 and response.body == b""
    reported = {n: v for n, v in response.headers.items() if n.startswith("access-control-") or n == "vary"}
    assert reported == {
        "access-control-allow-origin": ONE,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, PUT",
        "access-control-allow-headers": requested.lower(),
        "access-control-expose-headers": "ETag, x-amz-server-side-encryption-customer-key-MD5",
        "access-control-max-age": "3000",
        "vary": VARIES,
    }
    response = preflight(server, path_of(open_bucket), origin="https://any.example", method="HEAD")
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


def test_in_virtual_host_style(server, s3, open_bucket):
    from support.raw import Connection

    with Connection(server) as connection:
        host = f"{open_bucket}.s3.strong.localhost:{server.https_port}"
        pairs = [("Host", host), ("Origin", ONE), ("Access-Control-Request-Method", "GET"), ("Content-Length", 0)]
        connection.head("OPTIONS", "/k", "", pairs)
        response = connection.response("OPTIONS")
    assert response.status == 200 and response.headers["access-control-allow-origin"] == ONE


FORBIDDEN = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


def test_refused_preflights(server, bucket, bucket_name, open_bucket):
    path = path_of(open_bucket, "k")
    response = preflight(server, path, method="DELETE").is_error(403, "AccessForbidden", FORBIDDEN)
    assert (response.error["Method"], response.error["ResourceType"]) == ("DELETE", "OBJECT")
    preflight(server, path, origin="https://other.example").is_error(403, "AccessForbidden", FORBIDDEN)
    text = "Insufficient information. Origin request header needed."
    preflight(server, path, origin=None).is_error(400, "BadRequest", text)
    for method in [None, "PATCH"]:
        text = f"Invalid Access-Control-Request-Method: {method or 'null'}"
        preflight(server, path, method=method).is_error(400, "BadRequest", text)
    for path in ["/", "/no-such-bucket", "/no-such-bucket/k"]:
        preflight(server, path).is_error(403, "AccessForbidden", "CORSResponse: Bucket not found")


def test_a_bucket_without_rules(server, s3, bucket):
    response = preflight(server, path_of(bucket))
    response.is_error(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
    assert response.error["ResourceType"] == "BUCKET"
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    response = send(server, "GET", path_of(bucket, "k"), headers={"Origin": ONE})
    assert response.status == 200 and "access-control-allow-origin" not in response.headers


def test_preflights_change_nothing(server, s3, open_bucket):
    """Preflight requests change nothing, signed or not."""
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"data")
    for query in ["", "delete=", "tagging="]:
        for path in [path_of(open_bucket), path_of(open_bucket, "k")]:
            assert preflight(server, path, body=b"<Delete/>", query=query).status == 200
            assert send(server, "OPTIONS", path, query=query, headers={"Origin": ONE}, body=b"x").status == 400
    assert s3.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"data"


def test_headers_exposed_to_the_page(server, s3, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"data")
    given = {"Origin": ONE}
    responses = [
        send(server, "GET", path_of(open_bucket, "k"), headers=given),
        send(server, "PUT", path_of(open_bucket, "new"), headers=given, body=b"x"),
        # Errors too, or the page could not distinguish them from a broken network.
        send(server, "GET", path_of(open_bucket, "missing"), headers=given),
        send(server, "GET", path_of(open_bucket, "k"), headers=given, secret="wrong"),
        send_unsigned(server, "GET", path_of(open_bucket, "k"), headers=given),
        send(server, "GET", path_of(open_bucket), headers=given, query="session="),
    ]
    assert [response.status for response in responses] == [200, 200, 404, 403, 403, 501]
    for response in responses:
        assert response.headers["access-control-allow-origin"] == ONE, response
        assert response.headers["access-control-expose-headers"].startswith("ETag"), response
        assert response.headers["vary"] == VARIES
    for headers in [{}, {"Origin": "https://other.example"}]:
        response = send(server, "GET", path_of(open_bucket, "k"), headers=headers)
        assert response.status == 200 and "access-control-allow-origin" not in response.headers
