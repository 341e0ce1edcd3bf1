"""Unsigned requests, and policies about encryption: with every operation, and every key where keys matter."""

import json
import secrets

import pytest

from support.key_matrix import ANSWERS, GIVEN, KEY, MODES, SOURCE_GIVEN, Cell, World
from support.key_operations import ROWS
from support.offered_operations import flat, operations
from support.raw import SSE, path_of, send_unsigned, sse_c
from support.wire import COPY_SOURCE, Upload, Wire, of_source, opens_only_with

# Operations that require only s3:GetObject.
READS = [
    "GetObject", "GetObject range", "GetObject partNumber", "GetObject part of upload", "GetObject of upload",
    "GetObject not modified", "HeadObject", "HeadObject range", "HeadObject partNumber",
]  # fmt: skip
PUBLIC = {name: name.endswith("Acls") for name in (
    "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets",
)}  # fmt: skip


def set_policy(s3, bucket, effect, actions, **more):
    everything = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Effect": effect, "Principal": "*", "Action": actions, "Resource": everything, **more}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


class Recorder(Wire):
    """Remembers the last request so that it can be sent again without a signature."""

    def __call__(self, method, path, *, body=b"", query="", headers=None, **more):
        self.last = (method, path, query, headers or {}, body.encode() if isinstance(body, str) else body)
        return super().__call__(method, path, body=body, query=query, headers=headers, **more)

    def again_unsigned(self):
        method, path, query, headers, body = self.last
        return send_unsigned(self.server, method, path, query=query, headers=headers, body=body)


@pytest.fixture(scope="module")
def worlds(server, s3):
    """A private bucket, and one whose objects everybody may read."""
    wire, worlds = Recorder(server), {}
    for name in ["private", "public"]:
        bucket = f"{name}-{secrets.token_hex(4)}"
        s3.create_bucket(Bucket=bucket)
        worlds[name] = World(wire, bucket)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=PUBLIC)
    set_policy(s3, bucket, "Allow", "s3:GetObject")
    yield worlds
    wire.close()


@pytest.mark.parametrize("place", ["private", "public"])
@pytest.mark.parametrize("mode", MODES)
def test_unsigned_requests(worlds, place, mode):
    """The owner sends each request of the table, and then the same request is sent without its signature."""
    world = worlds[place]
    for operation, row in ROWS.items():
        if operation == "PostObject" or flat(operation.split()[0]) not in operations():
            continue
        for name in ["right", "none", "wrong", "no key"]:
            cell = Cell(world, mode, name, (SOURCE_GIVEN if row.given is SOURCE_GIVEN else GIVEN)[name])
            signed, response = row.ask(cell), world.wire.again_unsigned()
            where = (operation, name, response)
            if place == "public" and operation in READS:
                status, code = ANSWERS[row.responses][mode][name]
                assert signed.status == (row.success if status == 200 else status), where
                # Reported as missing, which is 403 for a caller that may not list.
                assert response.status == (403 if status == 404 else signed.status), where
                assert response.error.get("Code") == code, where
                assert response.body == signed.body or status != 200, where
            else:
                assert response.status == 403, where
                assert response.error.get("Code", "AccessDenied") == "AccessDenied", where
        world.reads_back(cell.kept, cell.key)


def test_existence_is_hidden_without_permission_to_list(server, worlds):
    for world in worlds.values():
        for method in ["GET", "HEAD"]:
            assert send_unsigned(server, method, path_of(world.bucket, "missing")).status == 403
    assert send_unsigned(server, "GET", "/no-such-bucket-here/k").status in (403, 404)


def test_copies_need_permission_to_read_the_source(server, s3, wire, bucket, bucket_name):
    """Copies and copied parts need permission to read their source, in any bucket."""
    other = f"{bucket_name}-2"
    s3.create_bucket(Bucket=other)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=PUBLIC)
    set_policy(s3, bucket, "Allow", "s3:PutObject")
    for name in [bucket, other]:
        wire("PUT", path_of(name, "secret"), body=b"secret", headers=sse_c(KEY))
        wire("PUT", path_of(name, "plain"), body=b"plain")
    upload = Upload(wire, bucket, "target")
    for query in ["", f"partNumber=1&uploadId={upload.id}"]:
        for source, given in [("secret", of_source(sse_c(KEY))), ("plain", {})]:
            for name in [bucket, other]:
                headers = {COPY_SOURCE: path_of(name, source), **given}
                response = send_unsigned(server, "PUT", upload.path, query=query, headers=headers)
                response.is_error(403, "AccessDenied")
    wire("GET", upload.path).is_error(404, "NoSuchKey")
    assert upload.numbers() == []
    assert send_unsigned(server, "PUT", upload.path, body=b"data").status == 200
    opens_only_with(wire, upload.path, b"data")
    for query in ["versionId=null", f"uploadId={upload.id}", "tagging=", "acl="]:
        assert send_unsigned(server, "DELETE", upload.path, query=query).status in (403, 501), query


def writes(wire, bucket, source):
    """Returns every way to create an object, as functions of its encryption headers."""
    path = path_of(bucket, "new")
    return {
        "put": lambda given: wire("PUT", path, body=b"data", headers=given),
        "copy": lambda given: wire("PUT", path, headers={COPY_SOURCE: source, **given}),
        "change": lambda given: wire("PUT", source, headers={COPY_SOURCE: source, "x-amz-metadata-directive": "REPLACE", **given}),
        "upload": lambda given: wire("POST", path, query="uploads=", headers=given),
    }  # fmt: skip


@pytest.mark.parametrize("demanded", ["customer key", "AES256", "no customer key"])
def test_policies_about_encryption(s3, wire, bucket, demanded):
    """Policies see the headers of the request and refuse it before the headers are checked."""
    source, algorithm = path_of(bucket, "source"), "s3:x-amz-server-side-encryption-customer-algorithm"
    wire("PUT", source, body=b"source")
    allowed, denied, condition = {
        "customer key": ([sse_c(KEY)], [{}, {SSE: "AES256"}, {SSE: "rubbish"}], {"Null": {algorithm: "true"}}),
        "AES256": ([{SSE: "AES256"}], [{}, sse_c(KEY)], {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}),
        "no customer key": ([{}, {SSE: "AES256"}], [sse_c(KEY), {**sse_c(KEY), SSE: "AES256"}], {"Null": {algorithm: "false"}}),
    }[demanded]  # fmt: skip
    set_policy(s3, bucket, "Deny", "s3:PutObject", Condition=condition)
    for name, write in writes(wire, bucket, source).items():
        for given in denied:
            response = write(given)
            assert (response.status, response.error.get("Code")) == (403, "AccessDenied"), (name, given, response)
    wire("GET", path_of(bucket, "new")).is_error(404, "NoSuchKey")
    opens_only_with(wire, source, b"source")
    for given in allowed:
        for name in ["put", "copy", "upload"]:
            assert writes(wire, bucket, source)[name](given).status == 200, (name, given)


def test_blocked_customer_keys(s3, wire, bucket):
    """No new object can have a customer key; existing objects stay readable and can be rewrapped without one."""
    source, sealed = path_of(bucket, "source"), path_of(bucket, "sealed")
    wire("PUT", source, body=b"source")
    wire("PUT", sealed, body=b"sealed", headers=sse_c(KEY))
    begun = Upload(wire, bucket, "begun", sse_c(KEY))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    rule["BlockedEncryptionTypes"] = {"EncryptionType": ["SSE-C"]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    for name, write in writes(wire, bucket, source).items():
        for kind, given in GIVEN.items():
            if kind in ("none", "SSE"):
                continue
            response = write(given)
            assert (response.status, response.error.get("Code")) == (403, "AccessDenied"), (name, kind, response)
    wire("GET", path_of(bucket, "new")).is_error(404, "NoSuchKey")
    opens_only_with(wire, source, b"source")
    opens_only_with(wire, sealed, b"sealed", KEY)
    # An upload that was begun earlier can be finished.
    assert begun.part(1, b"data", sse_c(KEY)).status == 200
    assert begun.complete().status == 200
    opens_only_with(wire, path_of(bucket, "begun"), b"data", KEY)
    freed = wire("PUT", sealed, headers={COPY_SOURCE: sealed, **of_source(sse_c(KEY)), SSE: "AES256"})
    assert freed.status == 200, freed
    opens_only_with(wire, sealed, b"sealed")
