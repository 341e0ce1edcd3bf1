"""Objects whose keys were changed after the write: rotated, rewrapped, rolled. Both readers decrypt them."""

import json
import secrets

import pytest

from support.raw import b64
from support.server import run
from support.unsealing import BUCKET, MIB, Unsealing, Written, id_of

KMS = {"ServerSideEncryption": "aws:kms"}


def customer(key, prefix=""):
    return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": key}


def done(server, *arguments):
    reported = run(*arguments, "--data-dir", server.data_dir, cwd=server.place)
    assert reported.returncode == 0, reported
    return reported.stdout.decode()


def upload(s3, name, pieces, **given):
    begun = s3.create_multipart_upload(Bucket=BUCKET, Key=name, **given)["UploadId"]
    parts = []
    for number, piece in enumerate(pieces, 1):
        part = s3.upload_part(Bucket=BUCKET, Key=name, UploadId=begun, PartNumber=number, Body=piece, **given)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    s3.complete_multipart_upload(Bucket=BUCKET, Key=name, UploadId=begun, MultipartUpload={"Parts": parts})


@pytest.fixture
def changed(start_server, tmp_path):
    """The written objects, and the files of the stopped server."""
    server = start_server()
    s3, old, new, written = server.s3(), secrets.token_bytes(32), secrets.token_bytes(32), []
    s3.create_bucket(Bucket=BUCKET)

    def note(name, content, mode, key=None):
        written.append(Written(name, content, customer_key=key, mode=mode))

    # A customer key replaced by another, single-part and multipart.
    for name, pieces in [("rotated", [secrets.token_bytes(MIB)]), ("rotated parts", [bytes(5 * MIB), b"the end"])]:
        if len(pieces) == 1:
            s3.put_object(Bucket=BUCKET, Key=name, Body=pieces[0], **customer(old))
        else:
            upload(s3, name, pieces, **customer(old))
        source = {"Bucket": BUCKET, "Key": name}
        s3.copy_object(Bucket=BUCKET, Key=name, CopySource=source, **customer(old, "CopySource"), **customer(new))
        note(name, b"".join(pieces), "SSE-C", new)
    for length in [10, 200_000]:
        contents = {name: secrets.token_bytes(length) for name in ["copied", "first", "second", "both", "own"]}
        # SSE-S3 to SSE-KMS in place, by copying; under two versions of a key; with bucket key and context; and unchanged.
        for name, given in [("copied", {}), ("first", KMS), ("own", {})]:
            s3.put_object(Bucket=BUCKET, Key=f"{name} {length}", Body=contents[name], **given)
        name = f"copied {length}"
        s3.copy_object(Bucket=BUCKET, Key=name, CopySource={"Bucket": BUCKET, "Key": name}, **KMS)
        done(server, "keys", "roll", "default")
        s3.put_object(Bucket=BUCKET, Key=f"second {length}", Body=contents["second"], **KMS)
        context = {"SSEKMSEncryptionContext": b64(json.dumps({"b": "ü", "a": "1"}).encode()), "BucketKeyEnabled": True}
        s3.put_object(Bucket=BUCKET, Key=f"both {length}", Body=contents["both"], **KMS, **context)
        for name, content in contents.items():
            note(f"{name} {length}", content, "SSE-S3" if name == "own" else "SSE-KMS")
    # Rewrapped by UpdateObjectEncryption and by the command; the context is kept.
    done(server, "keys", "new", "--name", "payroll")
    for name, given in [("to another", {}), ("pay/with context", context), ("pay/back", KMS)]:
        s3.put_object(Bucket=BUCKET, Key=name, Body=name.encode(), **({**KMS, **given} if given else {}))
    s3.update_object_encryption(
        Bucket=BUCKET, Key="to another", ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn_of(server)}}
    )
    note("to another", b"to another", "SSE-KMS")
    pay = ["--bucket", BUCKET, "--prefix", "pay/"]
    done(server, "rewrap", *pay, "--from", "sse-kms", "--to", "sse-kms:payroll")
    note("pay/with context", b"pay/with context", "SSE-KMS")
    done(server, "rewrap", *pay[:3], "pay/back", "--from", "sse-kms:payroll", "--to", "sse-s3")
    note("pay/back", b"pay/back", "SSE-S3")
    # Finally, a new master key.
    done(server, "keys", "roll")
    done(server, "bucket", "rewrap-keys")
    s3.put_object(Bucket=BUCKET, Key="last", Body=b"after it")
    note("last", b"after it", "SSE-S3")
    for version in written:
        version.head = s3.head_object(
            Bucket=BUCKET, Key=version.key, **(customer(version.customer_key) if version.customer_key else {})
        )
    assert server.stop() == 0
    return written, Unsealing(server, tmp_path / "unsealed")


def arn_of(server):
    keys = json.loads(done(server, "keys", "list", "--json"))["kms"]
    (id_,) = [key["id"] for key in keys if key["label"] == "payroll"]
    return f"arn:aws:kms:us-east-1:000000000000:key/{id_}"


def test_both_readers_decrypt_objects_with_changed_keys(changed):
    written, files = changed
    second = files.second()
    for version in written:
        out, ended = files.get(version)
        assert ended.returncode == 0, (version.key, ended.stderr)
        assert out.read_bytes() == version.content, version.key
        opened = second.open(BUCKET, version.key, id_of(second, version), version.customer_key)
        assert opened.content == version.content, version.key
        assert version.mode == {1: "SSE-S3", 2: "SSE-C", 3: "SSE-KMS"}[opened.mode]
