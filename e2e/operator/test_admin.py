"""Commands on the store, with the server running and stopped: effects, output and audit events."""

import csv
import io
import json

import pytest

from support.commands_on_store import DATA, KEY, put_all
from support.raw import path_of, send, sse_c, wait_until
from support.server import run


def test_report(store):
    put_all(store)
    reported = json.loads(store.done("report", "keys", "--json"))
    assert reported["damaged"] == 0
    usage = {entry["mode"]: entry for entry in reported["usage"]}
    assert {mode: (entry["versions"], entry["bytes"]) for mode, entry in usage.items()} == {
        "SSE-S3": (4, 2 * (len(DATA) + 10)),
        "SSE-C": (2, len(DATA) + 10),
        "SSE-KMS": (2, len(DATA) + 10),
    }
    assert usage["SSE-C"]["key_id"] == usage["SSE-C"]["key_version"] == ""
    assert usage["SSE-KMS"]["key_id"] == store.s3.head_object(Bucket="vault", Key="kms/small")["SSEKMSKeyId"]
    assert all(entry["bucket"] == "vault" for entry in reported["usage"])
    rows = list(csv.DictReader(io.StringIO(store.done("report", "keys", "--csv"), newline="")))
    numbers = [{**row, **{name: int(row[name]) for name in ["versions", "uploads", "bytes"]}} for row in rows]
    assert numbers == reported["usage"]
    table = store.done("report", "keys").splitlines()
    assert table[0].split() == ["BUCKET", "MODE", "KEY", "KEY", "VERSION", "VERSIONS", "UPLOADS", "BYTES"]
    assert [row.split()[:2] for row in table[1:-1]] == [["vault", entry["mode"]] for entry in reported["usage"]]
    assert table[-1].split()[:2] == ["all", "8"]


def test_verify(store):
    put_all(store)
    reported = store.done("verify")
    assert "Decrypted    6 versions" in reported and "SSE-C        2 versions" in reported
    assert "No damage found." in reported and " 0 versions" not in reported
    assert "Decrypted    2 versions" in store.done("verify", "--bucket", "vault", "--prefix", "kms/", "--rate", "100")
    assert "there is no bucket nowhere" in store.refused("verify", "--bucket", "nowhere")
    audited = store.audited("verify")
    assert {line["use"] for line in audited} == {"unwrap"} and len(audited) == 6 + 2


@pytest.mark.parametrize("key", ["own", "customer", "kms"])
def test_verify_finds_damage(store, key):
    put_all(store)
    before = store.server.blobs()
    headers = {"own": {}, "customer": sse_c(KEY), "kms": {"x-amz-server-side-encryption": "aws:kms"}}[key]
    assert send(store.server, "PUT", path_of("vault", "victim"), headers=headers, body=DATA).status == 200
    (victim,) = store.server.blobs() - before
    with victim.open("r+b") as blob:
        blob.seek(100_000)
        byte = blob.read(1)
        blob.seek(100_000)
        blob.write(bytes([byte[0] ^ 1]))
    done = store.command("verify")
    assert done.returncode == 1 and b"found damage in 1 version\n" in done.stderr, done
    damaged = [line for line in done.stdout.decode().splitlines() if line.startswith("DAMAGED")]
    assert len(damaged) == 1 and "vault/victim" in damaged[0], done


def test_verify_finds_swapped_blobs_of_customer_keys(store):
    """Each file is complete, with a correct checksum."""
    put_all(store)
    before = store.server.blobs()
    for key in ["one", "two"]:
        assert send(store.server, "PUT", path_of("vault", key), headers=sse_c(KEY), body=DATA).status == 200
    one, two = store.server.blobs() - before
    here, there = one.read_bytes(), two.read_bytes()
    one.write_bytes(there)
    two.write_bytes(here)
    done = store.command("verify")
    assert done.returncode == 1 and b"found damage in 2 versions" in done.stderr, done
    assert {word in done.stdout for word in [b"vault/one", b"vault/two"]} == {True}


def test_rewrap(store):
    put_all(store)
    s3 = store.s3
    versions = [entry["VersionId"] for entry in s3.list_object_versions(Bucket="vault")["Versions"]]
    reported = store.done("rewrap", "--bucket", "vault", "--from", "sse-s3", "--to", "sse-kms:default")
    assert reported.startswith("Checked 8 versions, rewrapped 4."), reported
    again = store.done("rewrap", "--bucket", "vault", "--from", "sse-s3", "--to", "sse-kms:default")
    assert "rewrapped 0." in again
    s3 = store.s3
    assert [entry["VersionId"] for entry in s3.list_object_versions(Bucket="vault")["Versions"]] == versions
    assert s3.head_object(Bucket="vault", Key="own/large")["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(Bucket="vault", Key="own/large")["Body"].read() == DATA
    to_s3 = ["rewrap", "--bucket", "vault", "--prefix", "own/", "--from", "sse-kms", "--to", "sse-s3"]
    assert "Checked 4 versions, rewrapped 4." in store.done(*to_s3, "--rate", "1000")
    s3 = store.s3
    assert s3.head_object(Bucket="vault", Key="own/large")["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket="vault", Key="kms/large")["ServerSideEncryption"] == "aws:kms"
    audited = store.audited("rewrap")
    assert [line["use"] for line in audited].count("rewrap") == 8


def test_rewrap_under_a_new_version_of_a_key(store):
    put_all(store)
    store.done("keys", "roll", "default")
    same = ["rewrap", "--bucket", "vault", "--from", "sse-kms:default", "--to", "sse-kms:default"]

    def rewrapped():
        reported = store.done(*same)
        return int(reported.split("rewrapped ")[1].split(".")[0])

    # A running server picks up the new version within seconds.
    counts = []
    assert wait_until(lambda: counts.append(rewrapped()) or sum(counts) == 2, 15), counts
    assert rewrapped() == 0
    reported = json.loads(store.done("report", "keys", "--json"))
    assert [entry["key_version"] for entry in reported["usage"] if entry["mode"] == "SSE-KMS"] == ["2"]


def test_rewrap_errors(store):
    store.s3.create_bucket(Bucket="vault")
    store.s3.put_object(Bucket="vault", Key="k", Body=DATA)
    both = ["rewrap", "--bucket", "vault", "--from", "sse-s3", "--to"]
    assert "there is no KMS key of this name" in store.refused(*both, "sse-kms:no-such-key")
    assert "there is nothing to do" in store.refused(*both, "sse-s3")
    other = ["rewrap", "--bucket", "nowhere", "--from", "sse-s3", "--to", "sse-kms"]
    assert "there is no bucket nowhere" in store.refused(*other)
    wrong = run(*both, "sse-c", cwd=store.server.place)
    assert wrong.returncode == 2 and b"sse-kms:KEY" in wrong.stderr


def test_shred(store):
    put_all(store)
    blobs = store.server.blobs()
    assert blobs
    refusal = store.refused("bucket", "shred", "vault", stdin=b"vault\n")
    assert "--yes-shred vault" in refusal
    assert "nothing was changed" in store.refused("bucket", "shred", "vault", "--yes-shred", "vaults")
    assert store.s3.get_object(Bucket="vault", Key="own/large")["Body"].read() == DATA
    assert "The bucket vault and its key are deleted" in store.done("bucket", "shred", "vault", "--yes-shred", "vault")
    assert [bucket["Name"] for bucket in store.s3.list_buckets()["Buckets"]] == ["empty"]
    assert wait_until(lambda: not blobs & store.server.blobs()), "the bytes were not removed"
    assert "there is no bucket vault" in store.refused("bucket", "shred", "vault", "--yes-shred", "vault")
    (audited,) = store.audited("bucket shred")
    assert (audited["use"], audited["bucket"], audited["mode"], audited["result"]) == ("shred", "vault", "bucket", "ok")


def test_shred_under_object_lock(store):
    store.s3.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
    store.s3.put_object(Bucket="kept", Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
    assert "--with-locked" in store.refused("bucket", "shred", "kept", "--yes-shred", "kept")
    assert store.s3.head_object(Bucket="kept", Key="k")
    store.done("bucket", "shred", "kept", "--yes-shred", "kept", "--with-locked")
    assert store.s3.list_buckets()["Buckets"] == []


def test_purge(store):
    put_all(store)
    expected = "are removed from the cache" if store.is_running else "there is no cache to purge"
    assert expected in store.done("kms", "purge-cache")
    assert store.s3.get_object(Bucket="vault", Key="kms/large")["Body"].read() == DATA
