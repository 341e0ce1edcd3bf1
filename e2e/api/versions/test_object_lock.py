"""Object Lock: retention and legal holds of objects."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from support.key_matrix import GIVEN
from support.raw import path_of, sse_c
from support.versions import delete_many
from support.wire import COPY_SOURCE, Upload, content_md5, of_source, opens_only_with, the

KEY = bytes(range(32))
BYPASS = {"x-amz-bypass-governance-retention": "true"}
NO_LOCK = "Bucket is missing Object Lock Configuration"


def until(**span):
    return (datetime.now(UTC) + timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def retention(mode, date):
    return f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{date}</RetainUntilDate></Retention>"


def hold(status):
    return f"<LegalHold><Status>{status}</Status></LegalHold>"


def locked(mode, date):
    return {"x-amz-object-lock-mode": mode, "x-amz-object-lock-retain-until-date": date}


class Lock:
    """A version in a bucket with Object Lock."""

    def __init__(self, wire, bucket, name="k", key=None, **headers):
        self.wire, self.path, self.key = wire, path_of(bucket, name), key
        given = {**(sse_c(key) if key else {}), **{n.replace("_", "-"): v for n, v in headers.items()}}
        given |= content_md5(b"data")
        response = wire("PUT", self.path, body=b"data", headers=given)
        assert response.status == 200, response
        self.id = response.headers["x-amz-version-id"]

    def retain(self, mode, date, **more):
        return self.wire.put(self.path, f"retention=&versionId={self.id}", retention(mode, date), **more)

    def hold(self, status):
        return self.wire.put(self.path, f"legal-hold=&versionId={self.id}", hold(status))

    def delete(self, headers=None):
        return self.wire("DELETE", self.path, query=f"versionId={self.id}", headers=headers)

    def retention(self):
        response = self.wire("GET", self.path, query="retention=")
        return the(response.body, "Mode"), the(response.body, "RetainUntilDate")

    def is_there(self):
        opens_only_with(self.wire, self.path, b"data", self.key, query=f"versionId={self.id}")


@pytest.fixture
def locking(s3, bucket_name):
    """A bucket with Object Lock. Locked objects stay as long as the server of the tests."""
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    return bucket_name


@pytest.fixture(params=["SSE-S3", "SSE-C"])
def key(request):
    return KEY if request.param == "SSE-C" else None


def test_a_bucket_with_object_lock_keeps_versions(wire, locking):
    assert the(wire("GET", path_of(locking), query="versioning=").body, "Status") == "Enabled"


def test_retention_in_compliance_mode(wire, locking, key):
    """Nobody can delete the version or shorten the retention before it expires. A delete marker may hide it."""
    lock, date = Lock(wire, locking, key=key), until(days=1)
    assert lock.retain("COMPLIANCE", date).status == 200
    mode, reported = lock.retention()
    assert mode == "COMPLIANCE" and reported.startswith(date[:-1])
    head = wire("HEAD", lock.path, headers=sse_c(key) if key else {})
    assert head.headers["x-amz-object-lock-mode"] == "COMPLIANCE"
    assert head.headers["x-amz-object-lock-retain-until-date"].startswith(date[:-1])
    for headers in [{}, BYPASS]:
        lock.delete(headers).is_error(403, "AccessDenied")
        _, errors = delete_many(wire, locking, [("k", lock.id)], headers=headers)
        assert [error["Code"] for error in errors] == ["AccessDenied"]
        lock.retain("COMPLIANCE", until(hours=1), headers=headers).is_error(403, "AccessDenied")
        lock.retain("GOVERNANCE", until(days=2), headers=headers).is_error(403, "AccessDenied")
        response = wire.put(lock.path, f"retention=&versionId={lock.id}", "<Retention/>", headers=headers)
        response.is_error(403, "AccessDenied")
    lock.is_there()
    assert lock.retain("COMPLIANCE", until(days=2)).status == 200, "the retention may be extended"
    assert wire("DELETE", lock.path).headers["x-amz-delete-marker"] == "true"
    lock.is_there()
    wire("DELETE", path_of(locking)).is_error(409, "BucketNotEmpty")


def test_retention_in_governance_mode(wire, locking, key):
    lock = Lock(wire, locking, key=key)
    assert lock.retain("GOVERNANCE", until(days=1)).status == 200
    lock.delete().is_error(403, "AccessDenied")
    lock.delete({"x-amz-bypass-governance-retention": "false"}).is_error(403, "AccessDenied")
    lock.retain("GOVERNANCE", until(hours=1)).is_error(403, "AccessDenied")
    lock.retain("COMPLIANCE", until(days=2)).is_error(403, "AccessDenied")
    assert lock.retention()[0] == "GOVERNANCE", "nobody could lift the lock any more"
    lock.is_there()
    assert lock.retain("GOVERNANCE", until(hours=1), headers=BYPASS).status == 200
    response = wire.put(lock.path, f"retention=&versionId={lock.id}", "<Retention/>", headers=BYPASS)
    assert response.status == 200
    wire("GET", lock.path, query="retention=").is_error(404, "NoSuchObjectLockConfiguration")
    assert lock.retain("GOVERNANCE", until(days=1)).status == 200
    assert lock.delete(BYPASS).status == 204


def test_legal_holds(wire, locking, key):
    lock = Lock(wire, locking, key=key)
    wire("GET", lock.path, query="legal-hold=").is_error(404, "NoSuchObjectLockConfiguration")
    assert lock.hold("ON").status == 200
    assert the(wire("GET", lock.path, query="legal-hold=").body, "Status") == "ON"
    for headers in [{}, BYPASS]:
        lock.delete(headers).is_error(403, "AccessDenied")
    lock.is_there()
    assert lock.hold("OFF").status == 200
    assert the(wire("GET", lock.path, query="legal-hold=").body, "Status") == "OFF"
    assert lock.delete().status == 204


def test_an_expired_retention(wire, locking):
    lock = Lock(wire, locking)
    assert lock.retain("COMPLIANCE", until(seconds=2)).status == 200
    lock.delete().is_error(403, "AccessDenied")
    time.sleep(2.5)
    assert lock.delete().status == 204


def test_locked_from_the_beginning(wire, locking, key):
    """Locked by the headers of PUT, copy and multipart upload."""
    given = sse_c(key) if key else {}
    date = until(days=1)
    Lock(wire, locking, "source", key)
    source = {COPY_SOURCE: path_of(locking, "source"), **of_source(given)}
    requested = {**locked("GOVERNANCE", date), "x-amz-object-lock-legal-hold": "ON", **given}
    put = wire("PUT", path_of(locking, "put"), body=b"data", headers=requested | content_md5(b"data"))
    copy = wire("PUT", path_of(locking, "copy"), headers={**source, **requested})
    upload = Upload(wire, locking, "upload", requested)
    assert upload.part(1, b"data", given | content_md5(b"data")).status == 200
    for name, response in [("put", put), ("copy", copy), ("upload", upload.complete())]:
        assert response.status == 200, response
        id = response.headers["x-amz-version-id"]
        read = opens_only_with(wire, path_of(locking, name), b"data", key, query=f"versionId={id}")
        assert read.headers["x-amz-object-lock-mode"] == "GOVERNANCE"
        assert read.headers["x-amz-object-lock-legal-hold"] == "ON"
        wire("DELETE", path_of(locking, name), query=f"versionId={id}", headers=BYPASS).is_error(403, "AccessDenied")


NO_DIGEST = "Content-MD5 OR x-amz-checksum- HTTP header is required for {} requests with Object Lock parameters"


def test_locked_content_needs_a_digest(wire, locking):
    """For locks of the request and of the bucket. The hash in the signature is not enough."""
    path, hold_on = path_of(locking, "k"), {"x-amz-object-lock-legal-hold": "ON"}
    for headers in [locked("GOVERNANCE", until(days=1)), hold_on]:
        wire("PUT", path, body=b"data", headers=headers).is_error(400, "InvalidRequest", NO_DIGEST.format("Put Object"))
    upload = Upload(wire, locking, "upload", hold_on)
    upload.part(1, b"data").is_error(400, "InvalidRequest", NO_DIGEST.format("Put Part"))
    assert upload.part(1, b"data", {"x-amz-checksum-crc32": "rfPzYw=="}).status == 200
    assert wire("PUT", path, body=b"data").status == 200, "nothing is locked"
    rule = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
    document = (
        f"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>"
    )
    assert wire.put(path_of(locking), "object-lock=", document).status == 200
    wire("PUT", path, body=b"data").is_error(400, "InvalidRequest", NO_DIGEST.format("Put Object"))
    assert wire("PUT", path, body=b"data", headers=content_md5(b"data")).status == 200


def test_a_lock_applies_to_one_version(wire, locking, key):
    """A newer version, a copy, and a copy onto itself with another key are not locked; the old version stays locked."""
    lock = Lock(wire, locking, key=key, x_amz_object_lock_legal_hold="ON")
    given = of_source(sse_c(key)) if key else {}
    copied = wire("PUT", lock.path, headers={COPY_SOURCE: lock.path, **given, **sse_c(b"new" + bytes(29))})
    newest = copied.headers["x-amz-version-id"]
    wire("GET", lock.path, query="legal-hold=").is_error(404, "NoSuchObjectLockConfiguration")
    assert wire("DELETE", lock.path, query=f"versionId={newest}").status == 204
    lock.delete().is_error(403, "AccessDenied")
    lock.is_there()


def test_customer_keys_are_ignored(wire, locking, key):
    """Requests about locks ignore customer keys, right, wrong or malformed: locks do not concern the content."""
    lock, date = Lock(wire, locking, key=key), until(days=1)
    for name, given in GIVEN.items():
        for query, document in [("retention=", retention("GOVERNANCE", date)), ("legal-hold=", hold("OFF"))]:
            assert wire.put(lock.path, query, document, headers=given).status == 200, name
            assert wire("GET", lock.path, query=query, headers=given).status == 200, name
    lock.is_there()


BAD_HEADERS = [
    {"x-amz-object-lock-mode": "GOVERNANCE"},
    {"x-amz-object-lock-retain-until-date": "2099-01-01T00:00:00Z"},
    locked("RUBBISH", "2099-01-01T00:00:00Z"),
    locked("governance", "2099-01-01T00:00:00Z"),
    locked("GOVERNANCE", "tomorrow"),
    locked("GOVERNANCE", "2001-01-01T00:00:00Z"),
    {"x-amz-object-lock-legal-hold": "on"},
    {"x-amz-object-lock-legal-hold": "TRUE"},
]


def test_invalid_headers(wire, locking):
    for headers in BAD_HEADERS:
        for method, query in [("PUT", ""), ("POST", "uploads=")]:
            response = wire(method, path_of(locking, "new"), query=query, headers=headers | content_md5(b""))
            assert (response.status, response.error.get("Code")) == (400, "InvalidArgument"), (headers, response)
    wire("GET", path_of(locking, "new")).is_error(404, "NoSuchKey")


def test_invalid_documents(wire, locking):
    lock = Lock(wire, locking)
    for query, document, codes in [
        ("retention=", retention("RUBBISH", until(days=1)), ["MalformedXML"]),
        ("retention=", retention("GOVERNANCE", "tomorrow"), ["MalformedXML"]),
        ("retention=", "<Retention><Mode>GOVERNANCE</Mode></Retention>", ["MalformedXML"]),
        ("retention=", f"<Retention><RetainUntilDate>{until(days=1)}</RetainUntilDate></Retention>", ["MalformedXML"]),
        ("retention=", retention("GOVERNANCE", until(days=-1)), ["InvalidArgument"]),
        ("retention=", "rubbish", ["MalformedXML"]),
        ("legal-hold=", hold("MAYBE"), ["MalformedXML"]),
        ("legal-hold=", "<LegalHold/>", ["MalformedXML"]),
        ("legal-hold=", "", ["MalformedXML", "MissingRequestBodyError"]),
    ]:
        response = wire.put(lock.path, query, document)
        assert response.status == 400 and response.error["Code"] in codes, (document, response)
    assert lock.delete().status == 204


def test_event_holds_are_refused(wire, locking):
    """AWS has added this element to the document. It is unsupported, and must not be reduced to something weaker."""
    held = "<EventHold>ON</EventHold>"
    lock, date = Lock(wire, locking), until(days=1)
    assert lock.retain("GOVERNANCE", date).status == 200
    for document in [
        f"<Retention>{held}</Retention>",
        retention("GOVERNANCE", date).replace("</Retention>", f"{held}</Retention>"),
    ]:
        response = wire.put(lock.path, "retention=", document, headers=BYPASS)
        assert response.status in (400, 501), (document, response)
    assert lock.retention()[0] == "GOVERNANCE", "the request for a hold removed the retention"


def test_without_object_lock(wire, bucket):
    path = path_of(bucket, "k")
    assert wire("PUT", path, body=b"data").status == 200
    for query, document in [("retention=", retention("GOVERNANCE", until(days=1))), ("legal-hold=", hold("ON"))]:
        wire("GET", path, query=query).is_error(400, "InvalidRequest", NO_LOCK)
        wire.put(path, query, document).is_error(400, "InvalidRequest", NO_LOCK)
    for headers in [locked("GOVERNANCE", until(days=1)), {"x-amz-object-lock-legal-hold": "ON"}]:
        wire("PUT", path, body=b"new", headers=headers).is_error(400, "InvalidRequest", NO_LOCK)
        wire("POST", path, query="uploads=", headers=headers).is_error(400, "InvalidRequest", NO_LOCK)
    opens_only_with(wire, path, b"data")


def test_missing_objects(wire, locking):
    marker = wire("DELETE", path_of(locking, "deleted")).headers["x-amz-version-id"]
    for query, document in [("retention=", retention("GOVERNANCE", until(days=1))), ("legal-hold=", hold("ON"))]:
        for path, more, status, code in [
            (path_of(locking, "missing"), "", 404, "NoSuchKey"),
            (path_of(locking, "missing"), f"&versionId={'0' * 32}", 404, "NoSuchVersion"),
            (path_of(locking, "missing"), "&versionId=rubbish", 400, "InvalidArgument"),
            (path_of(locking, "deleted"), f"&versionId={marker}", 405, "MethodNotAllowed"),
            (path_of("no-such-bucket-here", "k"), "", 404, "NoSuchBucket"),
        ]:
            wire("GET", path, query=query + more).is_error(status, code)
            wire.put(path, query + more, document).is_error(status, code)


def test_boto3(s3, locking):
    id = s3.put_object(Bucket=locking, Key="k", Body=b"data")["VersionId"]
    date = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    requested = {"Mode": "GOVERNANCE", "RetainUntilDate": date}
    s3.put_object_retention(Bucket=locking, Key="k", Retention=requested)
    assert s3.get_object_retention(Bucket=locking, Key="k")["Retention"] == requested
    s3.put_object_legal_hold(Bucket=locking, Key="k", LegalHold={"Status": "ON"})
    head = s3.head_object(Bucket=locking, Key="k")
    assert head["ObjectLockLegalHoldStatus"] == "ON" and head["ObjectLockRetainUntilDate"] == date
    s3.put_object_legal_hold(Bucket=locking, Key="k", LegalHold={"Status": "OFF"})
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=locking, Key="k", VersionId=id)
    s3.delete_object(Bucket=locking, Key="k", VersionId=id, BypassGovernanceRetention=True)
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=locking, Key="k")
