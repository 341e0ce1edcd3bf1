"""One row for each operation that reads or writes an object: request, response, and checks afterwards."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from support.checksums import checksum
from support.key_matrix import CONTENT, GIVEN, MADE_WITH, SOURCE_GIVEN, Cell
from support.raw import ALGORITHM, Connection, Response, Signer, path_of, sse_c
from support.wire import COPY_SOURCE, Upload, content_md5, elements, encryption_of, the


def _nothing(_cell):
    pass


@dataclass
class Row:
    """The request of an operation with the key of a cell, and the assertions after it."""

    responses: str
    ask: Callable[[Cell], Response]
    accepted: Callable[[Cell], None] = _nothing
    refused: Callable[[Cell], None] = _nothing
    given: dict = None
    success: int = 200
    # Checks of a successful response: the content, or the reported encryption.
    check: Callable[[Cell, Response], None] = lambda _cell, _answer: None

    def __post_init__(self):
        self.given = GIVEN if self.given is None else self.given


# Reported encryption of an object of a mode.
SAID = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms"}


def content_is(content):
    def check(cell, response):
        assert response.body == content, response
        tells_its_key(cell, response)

    return check


def tells_its_key(cell, response):
    assert encryption_of(response) == (
        cell.own["x-amz-server-side-encryption-customer-key-MD5"] if cell.key else SAID[cell.mode]
    )


def tells_the_written_key(cell, response):
    expected = (
        sse_c(cell.written_key)["x-amz-server-side-encryption-customer-key-MD5"] if cell.written_key else "AES256"
    )
    assert encryption_of(response) == expected, response


def of_kept(method, query="", **extra):
    return lambda cell: cell.wire(method, cell.kept, query=query, headers={**cell.given, **extra})


def of_fresh(method, query="", body=b"", **extra):
    """A request about a separate object."""

    def ask(cell):
        path = cell.fresh()
        md5 = content_md5(body) if body else {}
        return cell.wire(method, path, query=query, body=body, headers={**cell.given, **md5, **extra})

    return ask


def of_target(cell):
    return {COPY_SOURCE: cell.kept, **(sse_c_of_source(cell))}


def sse_c_of_source(cell):
    return SOURCE_GIVEN["right"] if cell.key else {}


def begun(cell, **headers):
    cell.upload = Upload(cell.wire, cell.bucket, cell.fresh_key, {**MADE_WITH[cell.mode], **headers})
    return cell.upload


def create_upload(cell):
    response = cell.wire("POST", cell.path, query="uploads=", headers=cell.given)
    cell.upload_id = the(response.body, "UploadId")
    return response


def upload_seals_as_asked(cell):
    """Asserts that the completed object is encrypted with the key of its upload."""
    given = sse_c(cell.written_key) if cell.written_key else {}
    query = f"partNumber=1&uploadId={cell.upload_id}"
    part = cell.wire("PUT", cell.path, query=query, body=CONTENT, headers=given)
    assert part.status == 200, part
    body = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part></CompleteMultipartUpload>"
    assert cell.wire("POST", cell.path, query=f"uploadId={cell.upload_id}", body=body).status == 200
    cell.written()


def no_upload(cell):
    listed = cell.wire("GET", path_of(cell.bucket), query=f"prefix={cell.fresh_key.replace('/', '%2F')}&uploads=")
    assert listed.status == 200 and "Upload" not in elements(listed.body), listed


def part_is_there(cell):
    assert cell.upload.complete().status == 200
    cell.unchanged()


def no_part(cell):
    assert cell.upload.numbers() == []


def with_part(cell, **headers):
    upload = begun(cell, **headers)
    assert upload.part(1, CONTENT, cell.own).status == 200
    return upload


def still_open(cell):
    """Asserts that the upload still exists and can be completed."""
    cell.absent()
    assert cell.upload.numbers() == [1]


def complete_with_checksums(cell):
    upload = with_part(cell, **{"x-amz-checksum-algorithm": "SHA256"})
    given = f"<ChecksumSHA256>{checksum('SHA256', CONTENT)}</ChecksumSHA256>"
    return upload.complete(headers=cell.given, checksums={1: given})


def of_parts(query="", **extra):
    """A read of a multipart object."""

    def ask(cell):
        assert with_part(cell).complete().status == 200
        return cell.wire("GET", cell.path, query=query, headers={**cell.given, **extra})

    return ask


def with_upload(ask):
    return lambda cell: ask(cell, with_part(cell))


def delete_many(cell):
    cell.fresh()
    body = f"<Delete><Object><Key>{cell.fresh_key}</Key></Object></Delete>".encode()
    return cell.wire(
        "POST", path_of(cell.bucket), query="delete=", body=body, headers={**cell.given, **content_md5(body)}
    )


def form(cell):
    """A browser form with a signed policy; the keys are form fields."""
    signer = Signer(cell.wire.server.access_key, cell.wire.server.secret)
    fields = {"key": cell.fresh_key, "x-amz-algorithm": ALGORITHM, "x-amz-credential": signer.credential}
    fields |= {"x-amz-date": signer.date, **cell.given}
    rules = [{name: value} for name, value in {"bucket": cell.bucket, **fields}.items()]
    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    policy = base64.b64encode(json.dumps({"expiration": until, "conditions": rules}).encode()).decode()
    fields |= {"policy": policy, "x-amz-signature": signer.signature(policy)}
    lines = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()]
    lines += [b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n', CONTENT, b"\r\n--b--\r\n"]
    body = b"".join(lines)
    with Connection(cell.wire.server) as connection:
        pairs = [("Host", connection.host), ("Content-Type", "multipart/form-data; boundary=b")]
        connection.head("POST", path_of(cell.bucket), "", [*pairs, ("Content-Length", len(body))])
        connection.body(body)
        return connection.response("POST")


TAGS = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
SELECT = (
    b"<SelectObjectContentRequest><Expression>select * from S3Object</Expression>"
    b"<ExpressionType>SQL</ExpressionType><InputSerialization><CSV/></InputSerialization>"
    b"<OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>"
)
ENCRYPTION = b"<ObjectEncryption><SSE-KMS><KMSKeyArn>default</KMSKeyArn></SSE-KMS></ObjectEncryption>"
FIRST_TEN = {"Range": "bytes=0-9"}


def not_offered(method, query, body=b"", **extra):
    return Row("not offered", of_fresh(method, query, body, **extra), Cell.unchanged, Cell.unchanged)


def unlocked(method, query, body=b""):
    """In a bucket without Object Lock these fail, whatever the key; test_object_lock.py tests the rest."""
    row = Row("no key", of_fresh(method, query, body), Cell.unchanged, Cell.unchanged)
    row.responses = "no lock"
    return row


# By the S3 name of the operation and its variant.
ROWS = {
    "PutObject": Row("write", lambda c: c.wire("PUT", c.path, body=CONTENT, headers=c.given), Cell.written, Cell.absent, check=tells_the_written_key),
    "PutObject over": Row("write", of_fresh("PUT", body=CONTENT), Cell.written, Cell.unchanged, check=tells_the_written_key),
    "PostObject": Row("write", form, Cell.written, Cell.absent, success=204),
    "GetObject": Row("read", of_kept("GET"), check=content_is(CONTENT)),
    "GetObject range": Row("read", of_kept("GET", **FIRST_TEN), check=content_is(CONTENT[:10]), success=206),
    "GetObject partNumber": Row("read", of_kept("GET", "partNumber=1"), check=content_is(CONTENT), success=206),
    "GetObject part of upload": Row("read", of_parts("partNumber=1"), check=content_is(CONTENT), success=206),
    "GetObject of upload": Row("read", of_parts(), check=content_is(CONTENT)),
    "GetObject versionId": Row("read", of_kept("GET", "versionId=null"), check=content_is(CONTENT)),
    "GetObject not modified": Row("read", of_kept("GET", **{"If-None-Match": "*"}), success=304),
    "GetObjectTorrent": Row("not offered", of_kept("GET", "torrent=")),
    "HeadObject": Row("head", of_kept("HEAD"), check=tells_its_key),
    "HeadObject range": Row("head", of_kept("HEAD", **FIRST_TEN), check=tells_its_key, success=206),
    "HeadObject partNumber": Row("head", of_kept("HEAD", "partNumber=1"), check=tells_its_key, success=206),
    "GetObjectAttributes": Row("read", of_kept("GET", "attributes=", **{"x-amz-object-attributes": "ETag,ObjectSize,Checksum"})),
    "CopyObject source": Row("read", lambda c: c.wire("PUT", c.path, headers={COPY_SOURCE: c.kept, **c.given}), Cell.written_plain, Cell.absent, SOURCE_GIVEN),
    "CopyObject target": Row("write", lambda c: c.wire("PUT", c.path, headers={**of_target(c), **c.given}), Cell.written, Cell.absent, check=tells_the_written_key),
    "CopyObject onto itself": Row("self-copy", lambda c: c.wire("PUT", c.fresh(), headers={COPY_SOURCE: c.path, **sse_c_of_source(c), **c.given}), Cell.written, Cell.unchanged, check=tells_the_written_key),
    "CopyObject onto itself, source": Row("read", lambda c: c.wire("PUT", c.fresh(), headers={COPY_SOURCE: c.path, **GIVEN["wrong"], **c.given}), Cell.written_wrong, Cell.unchanged, SOURCE_GIVEN),
    "CreateMultipartUpload": Row("write", create_upload, upload_seals_as_asked, no_upload, check=tells_the_written_key),
    "UploadPart": Row("part", lambda c: begun(c).part(1, CONTENT, c.given), part_is_there, no_part, check=tells_its_key),
    "UploadPartCopy source": Row("read", lambda c: begun(c).copy_part(1, c.kept, {**c.own, **c.given}), part_is_there, no_part, SOURCE_GIVEN),
    "UploadPartCopy target": Row("part", lambda c: begun(c).copy_part(1, c.kept, {**sse_c_of_source(c), **c.given}), part_is_there, no_part, check=tells_its_key),
    "CompleteMultipartUpload": Row("completion", lambda c: with_part(c).complete(headers=c.given), Cell.unchanged, still_open),
    "CompleteMultipartUpload with checksums": Row("completion with checksums", complete_with_checksums, Cell.unchanged, still_open),
    "AbortMultipartUpload": Row("no key", with_upload(lambda c, u: u.abort(c.given)), Cell.absent, success=204),
    "ListParts": Row("no key", with_upload(lambda c, u: u.list(headers=c.given))),
    "ListMultipartUploads": Row("no key", lambda c: c.wire("GET", path_of(c.bucket), query="uploads=", headers=c.given)),
    "DeleteObject": Row("no key", of_fresh("DELETE"), Cell.absent, success=204),
    "DeleteObject versionId": Row("no key", of_fresh("DELETE", "versionId=null"), Cell.absent, success=204),
    "DeleteObjects": Row("no key", delete_many, Cell.absent),
    "GetObjectTagging": Row("no key", of_kept("GET", "tagging=")),
    "PutObjectTagging": Row("no key", of_fresh("PUT", "tagging=", TAGS), Cell.unchanged),
    "DeleteObjectTagging": Row("no key", of_fresh("DELETE", "tagging="), Cell.unchanged, success=204),
    "GetObjectRetention": unlocked("GET", "retention="),
    "PutObjectRetention": unlocked("PUT", "retention=", b"<Retention/>"),
    "GetObjectLegalHold": unlocked("GET", "legal-hold="),
    "PutObjectLegalHold": unlocked("PUT", "legal-hold=", b"<LegalHold><Status>ON</Status></LegalHold>"),
    "GetObjectAcl": Row("no key", of_fresh("GET", "acl="), Cell.unchanged, Cell.unchanged),
    "PutObjectAcl": Row("no key", of_fresh("PUT", "acl=", **{"x-amz-acl": "private"}), Cell.unchanged, Cell.unchanged),
    "RestoreObject": not_offered("POST", "restore=", b"<RestoreRequest><Days>1</Days></RestoreRequest>"),
    "SelectObjectContent": not_offered("POST", "select=&select-type=2", SELECT),
    "RenameObject": not_offered("PUT", "renameObject=", **{"x-amz-rename-source": "other"}),
    "UpdateObjectEncryption": Row("rewrap", of_fresh("PUT", "encryption=", ENCRYPTION), Cell.unchanged, Cell.unchanged),
    "GetObjectAnnotation": not_offered("GET", "annotation=&annotationName=a"),
    "PutObjectAnnotation": not_offered("PUT", "annotation=&annotationName=a", b"note"),
    "DeleteObjectAnnotation": not_offered("DELETE", "annotation=&annotationName=a"),
    "ListObjectAnnotations": not_offered("GET", "annotation="),
}  # fmt: skip
