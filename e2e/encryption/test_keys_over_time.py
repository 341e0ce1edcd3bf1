"""Lost and confused keys, and key changes that are killed halfway."""

import datetime
import json
import re
import subprocess
import time

import pytest
from botocore.exceptions import ClientError

from support.audit_log import lines
from support.commands_on_store import KEY
from support.keyring_store import CONTENT, Vault
from support.raw import path_of, send, sse_c
from support.server import BINARY, environment, run

OTHER_KEY = bytes(range(32))
TO_KMS = ["rewrap", "--bucket", "vault", "--from", "sse-s3", "--to", "sse-kms"]


def stored(server, out):
    """Returns every row of the index of a stopped server, still sealed, and every blob. (The database moves its own files.)"""
    done = run("unseal", "rows", "--out", out, "--data-dir", server.data_dir, cwd=server.place)
    assert done.returncode == 0, done
    return out.read_bytes(), {path: path.read_bytes() for path in server.blobs()}


def of_modes(server):
    """Returns the number of versions in the bucket vault by mode, from the report."""
    reported = run("report", "keys", "--json", "--data-dir", server.data_dir, cwd=server.place)
    usage = json.loads(reported.stdout)["usage"]
    return {row["mode"]: row["versions"] for row in usage if row["bucket"] == "vault"}


def start_command(server, *arguments):
    return subprocess.Popen(
        [BINARY, *arguments, "--data-dir", server.data_dir],
        cwd=server.place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_an_older_keyring_that_lacks_a_master_key_in_use_does_not_start(start_server):
    vault = Vault(start_server())
    older = vault.file.read_bytes()
    (lost,) = re.findall(r"Created the master key (m-[0-9a-f]+)", vault.done("roll"))
    s3 = vault.server.s3()
    s3.create_bucket(Bucket="newer")
    s3.put_object(Bucket="newer", Key="a", Body=b"x")
    newest = vault.file.read_bytes()
    vault.file.write_bytes(older)
    reported = vault.does_not_start()
    assert f"master key {lost}" in reported and "these buckets: newer" in reported, reported
    vault.file.write_bytes(newest)
    vault.starts()
    assert vault.server.s3().get_object(Bucket="newer", Key="a")["Body"].read() == b"x"

    vault.server.stop()
    vault.file.write_bytes(older)
    shred = ["bucket", "shred", "newer", "--yes-shred", "newer", "--data-dir", vault.server.data_dir]
    assert run(*shred, cwd=vault.server.place).returncode == 0
    vault.starts()
    assert [bucket["Name"] for bucket in vault.server.s3().list_buckets()["Buckets"]] == ["bucket"]


def test_the_keyring_of_another_store_does_not_start(start_server, tmp_path):
    vault, other = Vault(start_server()), start_server()
    other.stop()
    vault.server.stop()
    before = stored(vault.server, tmp_path / "before")
    assert before[0] and before[1]
    mine = {name: (vault.server.data_dir / name).read_bytes() for name in ["keyring.toml", "root.key"]}
    for name in mine:
        (vault.server.data_dir / name).write_bytes((other.data_dir / name).read_bytes())
    assert "belongs to the store" in vault.does_not_start()
    assert stored(vault.server, tmp_path / "after") == before
    for name, content in mine.items():
        (vault.server.data_dir / name).write_bytes(content)
    vault.starts()


@pytest.mark.parametrize("killed", ["server", "command"])
def test_a_rewrap_that_is_killed_halfway_resumes(start_server, killed):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="vault")
    for number in range(40):
        s3.put_object(Bucket="vault", Key=f"k{number:02}", Body=b"content %d" % number)
    if killed == "command":
        server.stop()
    begun = time.monotonic()
    command = start_command(server, *TO_KMS, "--rate", "10")
    try:
        # At 10 per second, some of the 40 are rewrapped by now and some are not.
        time.sleep(2)
        (server if killed == "server" else command).kill()
        command.wait(20)
    finally:
        command.kill()
    assert time.monotonic() - begun < 3.9
    command.communicate(timeout=20)
    if killed == "server":
        server.start()
    halfway = of_modes(server)
    assert halfway["SSE-S3"] > 0 and halfway["SSE-KMS"] > 0 and sum(halfway.values()) == 40, halfway
    again = run(*TO_KMS, "--data-dir", server.data_dir, cwd=server.place)
    assert f"rewrapped {halfway['SSE-S3']}" in again.stdout.decode(), again
    assert of_modes(server) == {"SSE-KMS": 40}
    if killed == "command":
        server.start()
    for number in range(40):
        assert server.s3().get_object(Bucket="vault", Key=f"k{number:02}")["Body"].read() == b"content %d" % number


def test_a_bucket_whose_key_is_lost_does_not_stop_the_rewrap_of_other_keys(start_server):
    """The root credentials are rewrapped too: everything readable is rewrapped, and the old master key is no longer needed."""
    vault = Vault(start_server())
    older = vault.file.read_bytes()
    (old,) = [key["id"] for key in vault.list()["master"]]
    vault.done("roll")
    vault.server.s3().create_bucket(Bucket="newer")
    vault.server.stop()
    vault.file.write_bytes(older)
    vault.done("roll")

    def command(*arguments):
        return run(*arguments, "--data-dir", vault.server.data_dir, cwd=vault.server.place)

    vault.done("retire", old)
    delete = ["keys", "delete", old, "--yes-delete", old]
    assert b"still wraps 3 of the keys" in command(*delete).stderr
    rolled = command("bucket", "rewrap-keys")
    assert rolled.returncode == 1 and b"has no master key" in rolled.stderr, rolled
    assert command(*delete).returncode == 0
    assert command("bucket", "shred", "newer", "--yes-shred", "newer").returncode == 0
    vault.starts()


def test_the_rate_of_a_rewrap_is_kept(start_server):
    server = start_server()
    server.s3().create_bucket(Bucket="vault")
    for number in range(12):
        server.s3().put_object(Bucket="vault", Key=f"k{number}", Body=b"x")

    def seconds(*arguments):
        begun = time.monotonic()
        reported = run(*arguments, "--data-dir", server.data_dir, cwd=server.place)
        assert "rewrapped 12" in reported.stdout.decode(), reported
        return time.monotonic() - begun

    assert seconds(*TO_KMS, "--rate", "4") > 2
    assert seconds("rewrap", "--bucket", "vault", "--from", "sse-kms", "--to", "sse-s3") < 2


def test_master_keys_are_rolled_to_the_end_after_kills(start_server):
    server = start_server()
    names = [f"bucket-{number:02}" for number in range(30)]
    for name in names:
        server.s3().create_bucket(Bucket=name)
        server.s3().put_object(Bucket=name, Key="a", Body=name.encode())
    rolled = run("keys", "roll", "--data-dir", server.data_dir, cwd=server.place).stdout.decode()
    (master,) = re.findall(r"Created the master key (m-[0-9a-f]+)", rolled)
    for milliseconds in (0, 10, 30, 60):
        command = start_command(server, "bucket", "rewrap-keys")
        time.sleep(milliseconds / 1000)
        server.kill()
        command.communicate(timeout=20)
        server.start()
    last = run("bucket", "rewrap-keys", "--data-dir", server.data_dir, cwd=server.place)
    assert last.returncode == 0, last
    report = run("report", "keys", "--json", "--data-dir", server.data_dir, cwd=server.place)
    assert {row["key_version"] for row in json.loads(report.stdout)["usage"]} == {master}
    server.stop()
    server.start()
    for name in names:
        assert server.s3().get_object(Bucket=name, Key="a")["Body"].read() == name.encode()


def test_overwriting_another_mode_with_a_customer_key_is_audited(start_server):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="vault")
    for key, mode in [("put", "AES256"), ("copied", "aws:kms"), ("completed", "AES256")]:
        s3.put_object(Bucket="vault", Key=key, Body=CONTENT, ServerSideEncryption=mode)
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
    s3.put_object(Bucket="vault", Key="put", Body=CONTENT, **customer)
    s3.copy_object(Bucket="vault", Key="copied", CopySource="vault/copied", **customer)
    upload = s3.create_multipart_upload(Bucket="vault", Key="completed", **customer)["UploadId"]
    part = s3.upload_part(Bucket="vault", Key="completed", UploadId=upload, PartNumber=1, Body=CONTENT, **customer)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket="vault", Key="completed", UploadId=upload, MultipartUpload=parts)
    # Overwriting a customer key by a customer key is not recorded.
    again = send(server, "PUT", path_of("vault", "put"), headers=sse_c(OTHER_KEY), body=CONTENT)
    assert again.status == 200
    server.stop()
    audited = [line for line in lines(server.data_dir / "audit") if line.get("use") == "overwrite"]
    assert [(line["key"], line["mode"], line["operation"]) for line in audited] == [
        ("put", "SSE-C", "PutObject"),
        ("copied", "SSE-C", "CopyObject"),
        ("completed", "SSE-C", "CompleteMultipartUpload"),
    ]
    assert {line["who"] for line in audited} == {server.access_key}


def test_a_rewrap_keeps_locks_and_named_keys(start_server):
    """A version locked for a day can be rewrapped: its content does not change."""
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="vault", ObjectLockEnabledForBucket=True)
    until = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=1)
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    version = s3.put_object(Bucket="vault", Key="k", Body=CONTENT, **lock)["VersionId"]
    listed = ["keys", "list", "--json", "--data-dir", server.data_dir]
    keys = run(*listed, cwd=server.place).stdout
    reported = run(*TO_KMS, "--data-dir", server.data_dir, cwd=server.place)
    assert "rewrapped 1" in reported.stdout.decode(), reported
    assert run(*listed, cwd=server.place).stdout == keys
    head = s3.head_object(Bucket="vault", Key="k")
    assert (head["ServerSideEncryption"], head["VersionId"]) == ("aws:kms", version)
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", until)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="vault", Key="k", VersionId=version)
    assert s3.get_object(Bucket="vault", Key="k")["Body"].read() == CONTENT
