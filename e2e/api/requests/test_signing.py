"""Authentication: signature version 4 in headers and URLs, and invalid signatures."""

import hashlib

import pytest
from botocore.auth import HmacV1Auth, HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.raw import SSE, UNSIGNED, Connection, ago, head_of, path_of, presign, send, send_unsigned, sse_c

KEY = bytes(range(32))
NOT_SIGNED = "There were headers present in the request which were not signed"
BAD_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)


@pytest.fixture
def path(server, bucket):
    """An object that refused requests must neither read nor change."""
    path = path_of(bucket, "k")
    assert send(server, "PUT", path, body=b"data").status == 200
    yield path
    assert send(server, "GET", path).body == b"data"


def is_refused(server, path, status, code, message=None, **signing):
    send(server, "GET", path, **signing).is_error(status, code, message)
    send(server, "PUT", path, body=b"other", **signing).is_error(status, code, message)
    send(server, "DELETE", path, **signing).is_error(status, code, message)
    assert send(server, "HEAD", path, **signing).status == status


def test_payloads_signed_and_unsigned(server, path):
    for secure in [True, False]:
        for payload in [UNSIGNED, None]:
            assert send(server, "PUT", path, body=b"data", payload=payload, secure=secure).status == 200
            assert send(server, "GET", path, payload=payload, secure=secure).body == b"data"


def test_unknown_access_key(server, path):
    message = "The AWS Access Key Id you provided does not exist in our records."
    is_refused(server, path, 403, "InvalidAccessKeyId", message, access_key="AKIAIOSFODNN7EXAMPLE")


def test_wrong_secret(server, path):
    is_refused(server, path, 403, "SignatureDoesNotMatch", BAD_SIGNATURE, secret="x" * 40)


@pytest.mark.parametrize("off", [{"minutes": 20}, {"days": 2}, {"minutes": -20}], ids=["20 min", "2 days", "future"])
def test_clock_skew(server, path, off):
    is_refused(server, path, 403, "RequestTimeTooSkewed", when=ago(**off))


def test_small_clock_skew(server, path):
    assert send(server, "GET", path, when=ago(minutes=10)).status == 200
    assert send(server, "GET", path, when=ago(minutes=-10)).status == 200


def test_another_region(server, path):
    response = send(server, "GET", path, region="eu-west-1")
    response.is_error(400, "AuthorizationHeaderMalformed")
    assert response.error["Region"] == "us-east-1"
    presigned(server, "GET", path, region="eu-west-1").is_error(400, "AuthorizationQueryParametersError")


def test_another_service(server, path):
    assert send(server, "GET", path, service="ec2").status in (400, 403)
    assert presigned(server, "GET", path, service="ec2").status in (400, 403)


def test_anonymous(server, bucket, path):
    for method in ["GET", "PUT", "DELETE"]:
        for place in [path, path_of(bucket)]:
            send_unsigned(server, method, place).is_error(403, "AccessDenied")
    send_unsigned(server, "GET", "/").is_error(403, "AccessDenied")
    assert send_unsigned(server, "HEAD", path).status == 403


@pytest.mark.parametrize(
    "authorization",
    ["", "rubbish", "Bearer abc", "Basic dXNlcjpwYXNz", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b, x=y",
     "AWS4-ECDSA-P256-SHA256 Credential=a/20260101/s3/aws4_request, SignedHeaders=host, Signature=00"],
)  # fmt: skip
def test_invalid_authorization(server, path, authorization):
    headers = {"Authorization": authorization, "x-amz-content-sha256": UNSIGNED}
    for method in ["GET", "PUT"]:
        response = send_unsigned(server, method, path, headers=headers)
        assert response.status in (400, 403), response


def tampered(server, method, path, change, **more):
    """Sends a signed request after `change` has altered its headers."""
    with Connection(server) as connection:
        pairs = head_of(server, method, path, host=connection.host, **more)
        connection.head(method, path, "", change(pairs))
        return connection.response(method)


def test_a_request_changed_in_transit(server, bucket, path):
    with Connection(server) as connection:
        signed = head_of(server, "GET", path, host=connection.host)
        connection.head("GET", path_of(bucket, "other"), "", signed)
        connection.response("GET").is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    with Connection(server) as connection:
        signed = head_of(server, "GET", path, host=connection.host)
        connection.head("DELETE", path, "", signed)
        connection.response("DELETE").is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    with Connection(server) as connection:
        signed = head_of(server, "GET", path, host=connection.host, query="partNumber=1")
        connection.head("GET", path, "partNumber=2", signed)
        connection.response("GET").is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    given = {"x-amz-meta-a": "1"}
    response = tampered(
        server, "PUT", path, lambda ps: [(n, "2" if n == "x-amz-meta-a" else v) for n, v in ps], headers=given
    )
    response.is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    response = tampered(server, "PUT", path, lambda ps: [p for p in ps if p[0] != "x-amz-meta-a"], headers=given)
    assert response.status in (400, 403), response


@pytest.mark.parametrize(
    "late",
    [{"x-amz-meta-added": "1"}, {SSE: "AES256"}, sse_c(KEY), {"x-amz-acl": "public-read"}, {"x-amz-unknown": "1"},
     {"x-amz-copy-source": "/a/b"}, {"X-Amz-Tagging": "a=b"}],
    ids=lambda late: next(iter(late)),
)  # fmt: skip
def test_headers_that_are_not_signed(server, path, late):
    for method in ["PUT", "GET"]:
        response = send(server, method, path, body=b"", late=list(late.items()))
        response.is_error(403, "AccessDenied", NOT_SIGNED)
        names = {name.strip().lower() for name in response.error["HeadersNotSigned"].split(",")}
        assert names == {name.lower() for name in late}


@pytest.mark.parametrize(
    "name", ["Authorization", "x-amz-date", "x-amz-content-sha256", "Host", "Content-Length", "Content-MD5"]
)
def test_headers_sent_twice(server, path, name):
    """Proxies and servers differ on which of the two counts."""

    def twice(pairs):
        return [*pairs, *[(n, v) for n, v in pairs if n.lower() == name.lower()]]

    more = {"headers": {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}} if name == "Content-MD5" else {}
    with Connection(server) as connection:
        pairs = head_of(server, "PUT", path, host=connection.host, **more)
        pairs = twice(pairs) if name != "Content-Length" else [*pairs, ("Content-Length", "1")]
        connection.head("PUT", path, "", pairs)
        response = connection.http.getresponse()
        # The HTTP layer refuses two lengths, without an error document.
        assert response.status == 400


@pytest.mark.parametrize("way", [HmacV1Auth, HmacV1QueryAuth], ids=["header", "query"])
def test_signature_version_2_is_refused(server, path, way):
    request = AWSRequest("GET", f"{server.https}{path}")
    way(Credentials(server.access_key, server.secret)).add_auth(request)
    prepared = request.prepare()
    query = prepared.url.partition("?")[2]
    headers = {n: v for n, v in prepared.headers.items() if n.lower() in ("authorization", "date")}
    response = send_unsigned(server, "GET", path, query=query, headers=headers).is_error(
        400,
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
    assert "signature_version = s3v4" in response.error["Hint"]


def presigned(server, method, path, body=b"", headers=(), send_query=None, **more):
    query = send_query or presign(server, method, path, **more)
    return send_unsigned(server, method, path, query=query, headers=headers, body=body)


def test_presigned(server, path):
    assert presigned(server, "PUT", path, body=b"data").status == 200
    assert presigned(server, "GET", path).body == b"data"
    assert presigned(server, "HEAD", path).headers["content-length"] == "4"
    assert presigned(server, "HEAD", path, expires=604_800).status == 200


def test_presigned_and_expired(server, path):
    for method in ["GET", "PUT"]:
        response = presigned(server, method, path, when=ago(minutes=10), expires=60)
        response.is_error(403, "AccessDenied", "Request has expired")
    assert presigned(server, "HEAD", path, when=ago(minutes=10), expires=60).status == 403
    assert presigned(server, "GET", path, when=ago(hours=10), expires=86_400).body == b"data"


@pytest.mark.parametrize("expires", [604_801, -1, "x"])
def test_presigned_for_an_impossible_time(server, path, expires):
    response = presigned(server, "GET", path, expires=expires)
    response.is_error(400, "AuthorizationQueryParametersError")


def test_presigned_for_the_future(server, path):
    assert presigned(server, "GET", path, when=ago(hours=-2)).status == 403


def test_presigned_and_tampered_with(server, bucket, path):
    query = presign(server, "GET", path)
    for changed in [
        query[:-1] + ("0" if query[-1] != "0" else "1"),
        query.replace("X-Amz-Expires=300", "X-Amz-Expires=301"),
        query + "&response-content-type=text%2Fhtml",
        query + "&versionId=null",
    ]:
        presigned(server, "GET", path, send_query=changed).is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    other = send_unsigned(server, "GET", path_of(bucket, "other"), query=query)
    other.is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    put = send_unsigned(server, "PUT", path, query=query, body=b"other")
    put.is_error(403, "SignatureDoesNotMatch", BAD_SIGNATURE)
    for lost in ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"]:
        without = "&".join(pair for pair in query.split("&") if not pair.startswith(f"X-Amz-{lost}="))
        assert send_unsigned(server, "GET", path, query=without).status in (400, 403)
    assert presigned(server, "GET", path, secret="x").error["Code"] == "SignatureDoesNotMatch"
    assert presigned(server, "GET", path, access_key="AKIANOBODY").error["Code"] == "InvalidAccessKeyId"


def test_presigned_with_a_customer_key(server, bucket):
    """All three headers are signed and sent with the request: the key is not in the URL."""
    path, key = path_of(bucket, "sealed"), sse_c(KEY)
    query = presign(server, "PUT", path, headers=key)
    assert "customer-key%3D" not in query and key["x-amz-server-side-encryption-customer-key"][:-1] not in query
    assert send_unsigned(server, "PUT", path, query=query, headers=key, body=b"data").status == 200
    query = presign(server, "GET", path, headers=key)
    assert send_unsigned(server, "GET", path, query=query, headers=key).body == b"data"
    assert send_unsigned(server, "GET", path, query=query).status == 403
    response = send_unsigned(server, "GET", path, query=query, headers=sse_c(KEY[::-1]))
    response.is_error(403, "SignatureDoesNotMatch")
    query = presign(server, "GET", path)
    response = send_unsigned(server, "GET", path, query=query, headers=key)
    response.is_error(403, "AccessDenied", NOT_SIGNED)
    response = send_unsigned(server, "GET", path, query=query)
    response.is_error(400, "InvalidRequest")


def test_presigned_with_only_the_algorithm_signed(server, bucket):
    """Some SDKs do this. The key is not covered by the signature, so it is not accepted."""
    path, key = path_of(bucket, "sealed"), sse_c(KEY)
    name = f"{SSE}-customer-algorithm"
    query = presign(server, "PUT", path, headers={name: "AES256"})
    response = send_unsigned(server, "PUT", path, query=query, headers=key, body=b"data")
    response.is_error(403, "AccessDenied", NOT_SIGNED)
    assert send(server, "HEAD", path).status == 404


def test_signatures_in_header_and_query_at_once(server, path):
    query = presign(server, "GET", path)
    assert send(server, "GET", path, query=query).status in (400, 403)


def test_the_payload_header_is_required(server, path):
    with Connection(server) as connection:
        pairs = head_of(server, "PUT", path, host=connection.host, payload=hashlib.sha256(b"").hexdigest())
        connection.head("PUT", path, "", [pair for pair in pairs if pair[0] != "x-amz-content-sha256"])
        response = connection.response("PUT")
        assert response.status in (400, 403), response
