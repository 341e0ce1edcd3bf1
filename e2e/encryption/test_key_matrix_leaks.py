"""Every operation with every key, right or malformed, at the log level trace: no key is in any file or log line."""

import hashlib
from urllib.parse import quote

from support.key_matrix import CONTENT, KEY, MODES, OTHER, SHORT, Cell, World
from support.key_operations import ROWS
from support.raw import SSE, b64, path_of
from support.secret_search import files_of, found, key_forms
from support.wire import Wire


def test_no_key_is_found(start_server):
    server = start_server("--log", "trace", "--log-format", "json")
    server.s3().create_bucket(Bucket="bucket")
    world, statuses = World(Wire(server), "bucket"), set()
    for row in ROWS.values():
        for mode in MODES:
            for name, given in row.given.items():
                statuses.add(row.ask(Cell(world, mode, name, given)).status)
    assert {200, 204, 206, 304, 400, 403, 404, 501} <= statuses
    world.wire.close()
    assert server.stop() == 0
    needles = {"content": CONTENT[:32], "hex MD5 of content": hashlib.md5(CONTENT).hexdigest().encode()}
    needles["MD5 of content"] = hashlib.md5(CONTENT).digest()
    for name, key in [("right", KEY), ("wrong", OTHER), ("short", SHORT)]:
        needles |= {f"{name} {what}": value for what, value in key_forms(key).items()}
    assert found(needles, files_of(server)) == []
    assert "answered" in (server.place / "stderr-1").read_text(), "the requests were not logged"


KMS_KEY, CONTEXT = f"{SSE}-aws-kms-key-id", f"{SSE}-context"
# Places in which a key can be by mistake. The logs must name the object, so its name is not one of them.
HEADERS = [
    {SSE: "{}"}, {KMS_KEY: "{}"}, {SSE: "aws:kms", KMS_KEY: "{}"}, {SSE: "aws:kms", KMS_KEY: "alias/{}"},
    {SSE: "aws:kms", KMS_KEY: "arn:aws:kms:us-east-1:000000000000:key/{}"}, {CONTEXT: "{}"},
    {SSE: "aws:kms", CONTEXT: "{}"}, {SSE: "aws:kms", f"{SSE}-bucket-key-enabled": "{}"}, {f"{SSE}-rubbish": "{}"},
    {f"{SSE}-customer-algorithm": "{}"}, {f"{SSE}-customer-key-MD5": "{}"},
    {"x-amz-meta-key": "{}"}, {"x-amz-tagging": "{}"}, {"x-amz-storage-class": "{}"}, {"x-amz-acl": "{}"},
    {"Content-MD5": "{}"}, {"Content-Type": "{}"}, {"User-Agent": "{}"}, {"x-amz-copy-source": "{}"},
    {"x-amz-checksum-sha256": "{}"}, {"x-amz-expected-bucket-owner": "{}"}, {"Range": "{}"}, {"If-Match": "{}"},
    {"x-amz-object-lock-mode": "{}"}, {"Expires": "{}"}, {"Cache-Control": "{}"}, {"x-amz-rubbish": "{}"},
]  # fmt: skip
QUERIES = [
    "versionId={}", "uploadId={}", "partNumber=1&uploadId={}", "partNumber={}", f"{SSE}-customer-key={{}}",
    f"{KMS_KEY}={{}}", "prefix={}", "response-content-type={}", "{}", "{}=", "x-id={}",
]  # fmt: skip
DOCUMENTS = [
    ("encryption=", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
     "<SSEAlgorithm>{}</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"),
    ("versioning=", "<VersioningConfiguration><Status>{}</Status></VersioningConfiguration>"),
    ("tagging=", "<Tagging><TagSet><Tag><Key>{}</Key></Tag></TagSet></Tagging>"), ("policy=", "{}"), ("cors=", "<{}/>"),
]  # fmt: skip


def test_a_key_in_the_wrong_place_is_in_no_log(start_server):
    """Not in the audit log, not in the server's log, and encryption headers are not repeated in responses."""
    server = start_server()
    wire = Wire(server)
    assert wire("PUT", "/bucket").status == 200 and wire("PUT", "/bucket/kept", body=b"x").status == 200
    forms = [b64(KEY), KEY.hex()]
    for key in forms:
        for headers in HEADERS:
            given = {name: value.format(key) for name, value in headers.items()}
            for method, query in [("PUT", ""), ("GET", ""), ("POST", "uploads=")]:
                path = path_of("bucket", "new" if method != "GET" else "kept")
                response = wire(method, path, query=query, headers=given)
                assert response.status < 500 or response.status == 501, response
                if any(name.startswith(SSE) for name in headers):
                    said = [response.body, *(value.encode() for value in response.headers.values())]
                    assert not any(key.encode() in text for text in said) or response.status == 200, response
        for query in QUERIES:
            for method, path in [("GET", "/bucket/kept"), ("PUT", "/bucket/new"), ("GET", "/bucket")]:
                wire(method, path, query=query.format(quote(key, safe="")))
        for query, document in DOCUMENTS:
            wire.put("/bucket", query, document.format(key))
        kms = f"<ObjectEncryption><SSE-KMS><KMSKeyArn>{key}</KMSKeyArn></SSE-KMS></ObjectEncryption>"
        wire.put("/bucket/kept", "encryption=", kms)
        default = (
            DOCUMENTS[0][1]
            .format("aws:kms")
            .replace("</SSEAlgorithm>", f"</SSEAlgorithm><KMSMasterKeyID>{key}</KMSMasterKeyID>")
        )
        assert wire.put("/bucket", "encryption=", default).status == 200
        wire("PUT", "/bucket/new", body=b"x").is_error(400, "KMS.NotFoundException")
        assert wire("DELETE", "/bucket", query="encryption=").status == 204
        wire("GET", f"/{quote(key, safe='')}")
    wire.close()
    assert server.stop() == 0
    logs = [file for file in files_of(server) if "audit" in file.parts or file.name.startswith(("stdout", "stderr"))]
    assert found(key_forms(KEY), logs) == []
    audited = b"".join(file.read_bytes() for file in logs)
    assert b'"key_id":"fingerprint:' in audited, "no use of an unknown key was recorded"
