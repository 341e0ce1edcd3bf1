"""Usage of accounts and buckets: now, by day, and recounted."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from support.accounts import Account
from support.clock import Clock
from support.commands_on_store import Store
from support.raw import wait_until

DAY = 86_400


@pytest.fixture(params=["running", "stopped"])
def store(start_server, request):
    return Store(start_server(), is_running=request.param == "running")


def usage(store, *arguments):
    return [json.loads(line) for line in store.done("usage", *arguments, "--json").splitlines()]


def fill(store):
    s3 = store.s3
    s3.create_bucket(Bucket="vault")
    s3.put_bucket_versioning(Bucket="vault", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="vault", Key="a", Body=bytes(1000))
    s3.put_object(Bucket="vault", Key="a", Body=bytes(10))
    s3.put_object(Bucket="vault", Key="c", Body=bytes(7), SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    s3.delete_object(Bucket="vault", Key="c")
    upload = s3.create_multipart_upload(Bucket="vault", Key="m")["UploadId"]
    s3.upload_part(Bucket="vault", Key="m", UploadId=upload, PartNumber=1, Body=bytes(100))


def test_what_a_bucket_holds(store):
    fill(store)
    rows = {row["mode"]: row for row in usage(store, "--bucket", "vault")}
    numbers = {
        mode: [row[name] for name in ("objects", "versions", "bytes", "uploads", "part_bytes")]
        for mode, row in rows.items()
    }
    assert numbers == {"SSE-S3": [1, 2, 1010, 1, 100], "SSE-C": [0, 1, 7, 0, 0], "none": [0, 1, 0, 0, 0]}
    table = store.done("usage").splitlines()
    assert table[0].split()[:4] == ["DAY", "ACCOUNT", "BUCKET", "MODE"] and len(table) == 4
    read = list(csv.DictReader(io.StringIO(store.done("usage", "--csv"))))
    assert [row["bytes"] for row in read] == ["1010", "7", "0"]
    assert {row["account"] for row in read} == {"000000000000"} and {row["day"] for row in read} == {"now"}
    assert store.done("usage", "recount", "vault") == "exact   vault\n"
    assert "exact   vault" in store.done("usage", "recount", "--all", "--mend")


def test_usage_of_one_account(store):
    if not store.is_running:
        pytest.skip("accounts are created on a running server here")
    museum = Account(store.server, "museum")
    museum.s3.create_bucket(Bucket="paintings")
    museum.s3.put_object(Bucket="paintings", Key="night", Body=bytes(5))
    fill(store)
    (row,) = usage(store, "--account", "museum")
    assert (row["account"], row["bucket"], row["bytes"]) == (museum.id, "paintings", 5)
    assert usage(store, "--account", "museum", "--bucket", "paintings") == [row]
    assert "there is no bucket vault" in store.refused("usage", "--account", "museum", "--bucket", "vault")


def test_unknown_names(store):
    assert "there is no account nobody" in store.refused("usage", "--account", "nobody")
    assert "there is no bucket nothing" in store.refused("usage", "--bucket", "nothing")
    assert "there is no bucket nothing" in store.refused("usage", "recount", "nothing")
    for arguments in (["usage", "recount"], ["usage", "recount", "a", "--all"], ["usage", "--days", "0"]):
        assert store.command(*arguments).returncode == 2


def test_each_day_has_a_sample_that_outlives_its_bucket(start_server, tmp_path):
    clock = Clock(tmp_path)
    server = start_server(**clock.variables)
    store = Store(server, is_running=True)
    # The first start of a store finds no bucket, and another one on the same day samples nothing.
    store.s3.create_bucket(Bucket="vault")
    store.s3.put_object(Bucket="vault", Key="a", Body=bytes(12))
    assert server.stop() == 0
    server.start()
    assert usage(store, "--days", "1") == []
    # The next day.
    assert server.stop() == 0
    clock.shift(DAY)
    server.start()
    assert wait_until(lambda: usage(store, "--days", "1"), 20)
    (row,) = usage(store, "--days", "3650", "--bucket", "vault")
    tomorrow = datetime.now(UTC) + timedelta(seconds=DAY)
    assert (row["day"], row["mode"], row["bytes"]) == (tomorrow.strftime("%Y-%m-%d"), "SSE-S3", 12)
    store.done("bucket", "shred", "vault", "--yes-shred", "vault")
    assert usage(store) == [] and usage(store, "--days", "2") == [row]
    assert usage(store, "--days", "2", "--bucket", "other") == []
    assert list(csv.DictReader(io.StringIO(store.done("usage", "--days", "2", "--csv"))))[0]["day"] == row["day"]
