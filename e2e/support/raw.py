"""Raw requests, byte for byte, for requests that no client library sends.

This is a third implementation of signature version 4, written from its public description, to check the server's and
botocore's.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import ssl
import time
import xml.etree.ElementTree
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from support.server import REGION

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
# Raised when a server has responded and does not read the rest of a body.
REFUSED_EARLY = (BrokenPipeError, ConnectionResetError, ssl.SSLError)
SSE = "x-amz-server-side-encryption"
SSE_C_ALGORITHM = f"{SSE}-customer-algorithm"
SSE_C_KEY = f"{SSE}-customer-key"
SSE_C_MD5 = f"{SSE}-customer-key-MD5"


def b64(data):
    return base64.b64encode(data).decode()


def sse_c(key):
    """Returns the three headers of a customer key."""
    return {SSE_C_ALGORITHM: "AES256", SSE_C_KEY: b64(key), SSE_C_MD5: b64(hashlib.md5(key).digest())}


def path_of(bucket, key=None):
    """Returns the path of a bucket or an object, percent-encoded as S3 requires for signing."""
    return f"/{bucket}" if key is None else f"/{bucket}/{quote(key, safe='/-_.~')}"


class Response:
    """A complete response. Every response is checked for the properties that all responses of S3 have."""

    def __init__(self, method, response, body):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = body
        self.error = {}
        assert self.headers.get("x-amz-request-id"), f"a response without x-amz-request-id: {self}"
        if self.status >= 400 and method == "HEAD":
            assert body == b"", f"a HEAD error with a body: {body!r}"
        elif self.status >= 400:
            root = xml.etree.ElementTree.fromstring(body)
            assert root.tag == "Error", f"an error that is no S3 error document: {body!r}"
            self.error = {child.tag: child.text or "" for child in root}
            for element in ("Code", "Message", "Resource", "RequestId"):
                assert self.error.get(element), f"an error document without {element}: {body!r}"
            assert self.error["RequestId"] == self.headers["x-amz-request-id"]
            assert self.headers["content-type"] == "application/xml"

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:1000]!r}>"

    def is_error(self, status, code, message=None):
        """Asserts that this is the given error; the message must match letter for letter."""
        assert (self.status, self.error.get("Code")) == (status, code), self
        assert message is None or self.error["Message"] == message, self
        return self


class Signer:
    """Signs requests with fixed credentials, date and region."""

    def __init__(self, access_key, secret, when=None, region=REGION, service="s3"):
        when = when or datetime.now(UTC)
        self.date = when.strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.date[:8]}/{region}/{service}/aws4_request"
        self.credential = f"{access_key}/{self.scope}"
        self.key = f"AWS4{secret}".encode()
        for part in self.scope.split("/"):
            self.key = hmac.digest(self.key, part.encode(), "sha256")

    def signature(self, text):
        return hmac.digest(self.key, text.encode(), "sha256").hex()

    def sign_request(self, method, path, query, headers, payload):
        """Returns the names of the signed headers and the signature. All `headers` are signed."""
        pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
        lower = sorted((name.lower(), " ".join(str(value).split())) for name, value in headers.items())
        names = ";".join(name for name, _ in lower)
        canonical = [method, path, "&".join(f"{name}={value}" for name, value in pairs)]
        canonical += [f"{name}:{value}" for name, value in lower]
        canonical += ["", names, payload]
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        return names, self.signature("\n".join([ALGORITHM, self.date, self.scope, digest]))


class Connection:
    """One connection to a server."""

    def __init__(self, server, secure=True, timeout=60):
        if secure:
            context = ssl.create_default_context(cafile=server.ca_file)
            self.http = http.client.HTTPSConnection("localhost", server.https_port, context=context, timeout=timeout)
        else:
            self.http = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=timeout)
        self.host = f"{self.http.host}:{self.http.port}"

    def head(self, method, path, query, headers):
        """Sends the head of a request. `headers` are pairs, sent unchanged and in this order."""
        self.http.putrequest(method, path + (f"?{query}" if query else ""), skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            self.http.putheader(name, value if isinstance(value, bytes) else str(value).encode())
        self.http.endheaders()

    def body(self, data):
        self.http.send(data)

    def response(self, method):
        response = self.http.getresponse()
        return Response(method, response, response.read())

    def close(self):
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def head_of(server, method, path, *, query="", headers=None, late=(), payload=UNSIGNED, length=0, host, **signing):
    """Returns the headers of a signed request as pairs. `late` are added after signing, so they are not signed.

    `length` None omits Content-Length. `canonical` is the signed path if it differs from the sent one. The other
    arguments go to [Signer]: other credentials, another time.
    """
    canonical = signing.pop("canonical", path)
    signer = Signer(signing.pop("access_key", server.access_key), signing.pop("secret", server.secret), **signing)
    signed = {"host": host, **(headers or {}), "x-amz-date": signer.date, "x-amz-content-sha256": payload}
    names, signature = signer.sign_request(method, canonical, query, signed, payload)
    authorization = f"{ALGORITHM} Credential={signer.credential}, SignedHeaders={names}, Signature={signature}"
    pairs = [*signed.items(), ("Authorization", authorization), *late]
    return pairs if length is None else [*pairs, ("Content-Length", length)]


def send(server, method, path, *, body=b"", secure=True, payload=None, **more):
    """Sends one signed request on a new connection; takes the arguments of [head_of]."""
    payload = payload or hashlib.sha256(body).hexdigest()
    more.setdefault("length", len(body))
    with Connection(server, secure) as connection:
        more.setdefault("host", connection.host)
        query = more.get("query", "")
        connection.head(method, path, query, head_of(server, method, path, payload=payload, **more))
        with contextlib.suppress(*REFUSED_EARLY):
            connection.body(body)
        return connection.response(method)


def send_unsigned(server, method, path, *, query="", headers=(), body=b"", secure=True):
    """Sends one request with exactly these headers, plus Host and Content-Length."""
    with Connection(server, secure) as connection:
        pairs = dict(headers).items() if isinstance(headers, dict) else headers
        connection.head(method, path, query, [("Host", connection.host), *pairs, ("Content-Length", len(body))])
        connection.body(body)
        return connection.response(method)


def presign(server, method, path, *, secure=True, expires=300, headers=None, query="", host=None, **signing):
    """Returns the query of a presigned request whose signature covers `headers`, which must then be sent."""
    host = host or (f"localhost:{server.https_port}" if secure else f"127.0.0.1:{server.http_port}")
    signer = Signer(signing.pop("access_key", server.access_key), signing.pop("secret", server.secret), **signing)
    signed = {"host": host, **(headers or {})}
    names = ";".join(sorted(name.lower() for name in signed))
    fields = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": signer.credential,
        "X-Amz-Date": signer.date,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": names,
    }
    pairs = [f"{name}={quote(value, safe='-_.~')}" for name, value in fields.items()]
    query = "&".join([*([query] if query else []), *pairs])
    _, signature = signer.sign_request(method, path, query, signed, UNSIGNED)
    return f"{query}&X-Amz-Signature={signature}"


def wait_until(holds, limit=10.0):
    """Waits until `holds()` is true; returns False after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def ago(**span):
    return datetime.now(UTC) - timedelta(**span)
