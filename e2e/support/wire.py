"""Raw requests over one keep-alive connection, for tests with many requests, and their documents."""

import contextlib
import hashlib
import http.client
import re
import xml.etree.ElementTree

from support.raw import REFUSED_EARLY, SSE_C_MD5, Connection, Response, b64, head_of, path_of, sse_c

COPY_SOURCE = "x-amz-copy-source"
# Minimum size of every part but the last.
LEAST_PART = 5 << 20


class Wire:
    """Sends signed requests. It reconnects when the server has closed the connection."""

    def __init__(self, server, secure=True):
        self.server, self.secure, self.connection = server, secure, None

    def __call__(self, method, path, *, body=b"", query="", headers=None, **more) -> Response:
        body = body.encode() if isinstance(body, str) else body
        more.setdefault("payload", hashlib.sha256(body).hexdigest())
        try:
            return self._send(method, path, body, query, headers, more)
        except (http.client.RemoteDisconnected, *REFUSED_EARLY):
            # The connection was closed while it was idle.
            self.close()
            return self._send(method, path, body, query, headers, more)

    def _send(self, method, path, body, query, headers, more):
        self.connection = connection = self.connection or Connection(self.server, self.secure)
        more = {"host": connection.host, "length": len(body), **more}
        connection.head(method, path, query, head_of(self.server, method, path, query=query, headers=headers, **more))
        sent = False
        with contextlib.suppress(*REFUSED_EARLY):
            connection.body(body)
            sent = True
        response = connection.response(method)
        if not sent or response.headers.get("connection") == "close":
            self.close()
        return response

    def put(self, path, query, document, headers=None):
        """Sends a PUT of a document with its MD5, which S3 requires for most of them."""
        document = document.encode() if isinstance(document, str) else document
        return self("PUT", path, query=query, body=document, headers={**content_md5(document), **(headers or {})})

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def content_md5(body):
    return {"content-md5": b64(hashlib.md5(body).digest())}


def elements(document):
    """Returns an XML document as dictionaries: the name of each element with the list of the values of these elements."""

    def read(element):
        if len(element) == 0:
            return element.text or ""
        fields = {}
        for child in element:
            fields.setdefault(re.sub(r"^\{.*\}", "", child.tag), []).append(read(child))
        return fields

    return read(xml.etree.ElementTree.fromstring(document))


def the(document, *names):
    """Returns the text of the single element at this path; None if it is missing."""
    found = elements(document)
    for name in names:
        values = found.get(name, []) if isinstance(found, dict) else []
        if not values:
            return None
        assert len(values) == 1, f"several {name}: {document!r}"
        found = values[0]
    return found


def of_source(headers):
    """Converts the headers of a customer key to those of a copy source."""
    return {name.replace("x-amz-", "x-amz-copy-source-", 1): value for name, value in headers.items()}


def completion(parts, checksums=None):
    """Returns the document that completes an upload. `parts`: numbers with ETags; `checksums`: numbers with elements."""
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{(checksums or {}).get(number, '')}</Part>"
        for number, etag in parts
    )
    return f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rows}</CompleteMultipartUpload>'


class Upload:
    """A multipart upload, with the ETags of its parts."""

    def __init__(self, wire, bucket, key, headers=None):
        self.wire, self.path, self.parts = wire, path_of(bucket, key), {}
        self.begun = wire("POST", self.path, query="uploads=", headers=headers)
        assert self.begun.status == 200, self.begun
        self.id = the(self.begun.body, "UploadId")

    def part(self, number, body=b"", headers=None, **more):
        query = f"partNumber={number}&uploadId={self.id}"
        response = self.wire("PUT", self.path, query=query, body=body, headers=headers, **more)
        if response.status == 200:
            self.parts[number] = response.headers.get("etag") or the(response.body, "ETag")
        return response

    def copy_part(self, number, source, headers=None):
        return self.part(number, headers={COPY_SOURCE: source, **(headers or {})})

    def complete(self, parts=None, headers=None, checksums=None):
        body = completion(sorted(self.parts.items()) if parts is None else parts, checksums)
        return self.wire("POST", self.path, query=f"uploadId={self.id}", body=body, headers=headers)

    def abort(self, headers=None):
        return self.wire("DELETE", self.path, query=f"uploadId={self.id}", headers=headers)

    def list(self, query="", headers=None):
        return self.wire("GET", self.path, query=f"uploadId={self.id}{query}", headers=headers)

    def numbers(self):
        """Returns the numbers of the parts that the server has."""
        response = self.list()
        assert response.status == 200, response
        return [int(part["PartNumber"][0]) for part in elements(response.body).get("Part", [])]


def encryption_of(response):
    """Returns the encryption in a response: the value of the SSE header, the MD5 of a customer key, or None."""
    sse = response.headers.get("x-amz-server-side-encryption")
    md5 = response.headers.get(SSE_C_MD5.lower())
    assert not (sse and md5), f"both kinds of encryption: {response}"
    return sse or md5


def opens_only_with(wire, path, content, key=None, *, query="", other=b"?" * 32):
    """Asserts that an object can be read with its key only."""
    given = sse_c(key) if key else {}
    response = wire("GET", path, query=query, headers=given)
    assert response.status == 200 and response.body == content, response
    assert encryption_of(response) in ([given[SSE_C_MD5]] if key else ["AES256", "aws:kms"]), response
    if key:
        wire("GET", path, query=query).is_error(400, "InvalidRequest")
        wire("GET", path, query=query, headers=sse_c(other)).is_error(403, "AccessDenied")
    else:
        wire("GET", path, query=query, headers=sse_c(other)).is_error(400, "InvalidRequest")
    return response
