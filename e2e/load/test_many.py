"""More than one page of parts, versions and keys, and content much larger than the server's memory."""

import random
import secrets
from concurrent.futures import ThreadPoolExecutor

from support.raw import Connection, head_of, path_of, sse_c
from support.versions import delete_many, put, set_versioning
from support.wire import Upload, Wire, elements, of_source

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
MIB = 1 << 20


def test_more_parts_than_a_page_holds(server, wire, bucket):
    upload = Upload(wire, bucket, "k")

    def send_parts(first):
        own = Wire(server)
        for number in range(first, 1004, 8):
            query = f"partNumber={number * 9}&uploadId={upload.id}"
            assert own("PUT", upload.path, query=query, body=b"x").status == 200
        own.close()

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(send_parts, range(1, 9)))
    first = elements(upload.list().body)
    assert len(first["Part"]) == 1000 and first["IsTruncated"] == ["true"] and first["MaxParts"] == ["1000"]
    marker = first["NextPartNumberMarker"][0]
    rest = elements(upload.list(f"&part-number-marker={marker}").body)
    numbers = [int(part["PartNumber"][0]) for part in first["Part"] + rest["Part"]]
    assert numbers == [number * 9 for number in range(1, 1004)] and rest["IsTruncated"] == ["false"]
    parts = [(int(part["PartNumber"][0]), part["ETag"][0]) for part in first["Part"] + rest["Part"]]
    upload.complete(parts).is_error(400, "EntityTooSmall")
    assert upload.abort().status == 204


def test_more_versions_than_a_page_holds(s3, wire, bucket):
    """All versions of one key, deleted in two requests."""
    set_versioning(wire, bucket, "Enabled")
    path = path_of(bucket, "k")
    ids = [put(wire, path, b"data", sse_c(ONE) if number % 2 else {}) for number in range(1004)]
    page = elements(wire("GET", path_of(bucket), query="versions=").body)
    assert len(page["Version"]) == 1000 and page["IsTruncated"] == ["true"]
    listed = s3.get_paginator("list_object_versions").paginate(Bucket=bucket).build_full_result()["Versions"]
    assert [entry["VersionId"] for entry in listed] == ids[::-1]
    for some in (ids[:1000], ids[1000:]):
        deleted, errors = delete_many(wire, bucket, [("k", id) for id in some])
        assert len(deleted) == len(some) and errors == []
    assert wire("DELETE", path_of(bucket)).status == 204


def test_copies_stream(start_server):
    """Copied parts, the object of them, and a copy of it: the server holds little of them in memory."""
    server = start_server()
    wire = Wire(server)
    server.s3().create_bucket(Bucket="bucket")
    source, content = path_of("bucket", "source"), random.Random(22).randbytes(32 * MIB)
    assert wire("PUT", source, body=content, headers=sse_c(ONE)).status == 200
    before = server.peak_memory()
    upload = Upload(wire, "bucket", "large", sse_c(TWO))
    for number in range(1, 9):
        assert upload.copy_part(number, source, {**of_source(sse_c(ONE)), **sse_c(TWO)}).status == 200
    assert upload.complete().status == 200
    copied = wire("PUT", path_of("bucket", "copy"), headers={"x-amz-copy-source": upload.path, **of_source(sse_c(TWO))})
    assert copied.status == 200, copied
    grown = server.peak_memory() - before
    assert grown < 64 * MIB, f"{grown // MIB} MiB"
    with Connection(server) as connection:
        connection.head("GET", "/bucket/copy", "", head_of(server, "GET", "/bucket/copy", host=connection.host))
        response = connection.http.getresponse()
        for _ in range(8):
            assert response.read(len(content)) == content
        assert response.read() == b""
    wire.close()


def test_many_customer_keys(wire, bucket):
    """Each object is decrypted by its own key only, though hundreds of keys are in use."""
    keys = [secrets.token_bytes(32) for _ in range(200)]
    for number, key in enumerate(keys):
        put(wire, path_of(bucket, str(number)), str(number).encode(), sse_c(key))
    for number, key in enumerate(keys):
        path = path_of(bucket, str(number))
        assert wire("GET", path, headers=sse_c(key)).body == str(number).encode()
        wire("GET", path, headers=sse_c(keys[number - 1])).is_error(403, "AccessDenied")
