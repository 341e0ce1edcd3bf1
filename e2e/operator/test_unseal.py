"""Objects decrypted from the raw files of a store, by `strongroom unseal` and by support/second_reader.py."""

import json
import secrets
import shutil
import subprocess
import sys

import pytest

from support import second_reader
from support.accounts import Account
from support.commit_log import CommitLog
from support.second_reader import Keys, WrongKey
from support.server import Server, run
from support.unsealing import BUCKET, MIB, Unsealing, id_of, tree


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_both_readers_decrypt_all_objects(ended, how):
    _, written, files = ended(how)
    before, second = tree(files.data_dir), files.second()
    assert len(written) == 4 * 4 + 1 + 4 + 3
    for version in written:
        out, done = files.get(version)
        assert done.returncode == 0, (version.key, done.stderr)
        assert out.read_bytes() == version.content, version.key
        reported = json.loads(files.unseal("head", BUCKET, *files.flags(version)).stdout)
        opened = second.open(BUCKET, version.key, id_of(second, version), version.customer_key)
        assert opened.content == version.content, version.key
        assert reported["metadata"] == opened.metadata == version.metadata
        assert reported["headers"] == opened.headers
        assert reported["headers"].get("content-type", "binary/octet-stream") == version.head["ContentType"]
        assert reported["etag"] == opened.etag == version.head["ETag"].strip('"')
        assert reported["length"] == len(version.content) == version.head["ContentLength"]
        assert reported["mode"] == version.mode == {1: "SSE-S3", 2: "SSE-C", 3: "SSE-KMS"}[opened.mode]
        assert opened.modified // 1_000_000 == int(version.head["LastModified"].timestamp())
        assert [c["value"] for c in reported["checksums"]] == [c[1].hex() for c in opened.checksums]
    assert tree(files.data_dir) == before, "reading has changed the store"


def test_the_program_of_the_second_reader(ended):
    """Its command line, as in docs/unseal.md."""
    _, written, files = ended("stop")
    version = next(v for v in written if v.key.startswith("SSE-C/blob"))
    root = files.place / "root.key"
    root.write_bytes(files.root_key)
    command = [sys.executable, second_reader.__file__, "--rows", files.rows(), "--store", files.store_dir]
    command += ["--keyring", files.keyring, "--root-key", root, *files.customer_key(version.customer_key)]
    done = subprocess.run([*map(str, command), BUCKET, version.key], capture_output=True, timeout=60)
    assert done.stdout == version.content, done.stderr


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_commit_log(ended, how):
    """Read by its documentation, it has the rows, the last acknowledged commit, and the sums that the server wrote."""
    _, _, files = ended(how)
    second = files.second()
    log = CommitLog(second)
    rows = {(name[1:17], name[17:]): value for name, value in log.rows.items() if name[0] == 1}
    assert rows == second.rows
    number, chain = log.mark()
    assert log.heads[number] == chain and (how == "kill" or number == log.head[0])
    for partition in log.partitions():
        assert log.stored_sum(partition) == log.sum_of_rows(partition)


def test_listing(ended):
    _, written, files = ended("stop")
    buckets = [json.loads(line)["bucket"] for line in files.unseal("list", "--json").stdout.splitlines()]
    assert buckets == files.second().buckets() == ["empty", BUCKET]
    assert files.unseal("list", "empty").stdout == b""
    lines = [json.loads(line) for line in files.unseal("list", BUCKET, "--json").stdout.splitlines()]
    current = {v.key: v for v in written if v.key != "versioned"}
    assert [line["key"] for line in lines] == sorted(current, key=str.encode)
    for line in lines:
        assert line["length"] == len(current[line["key"]].content)
        assert line["mode"] == current[line["key"]].mode
        assert not line["deleted"]
    lines = [
        json.loads(line)
        for line in files.unseal("list", BUCKET, "versioned", "--versions", "--json").stdout.splitlines()
    ]
    assert [(line["mode"], line["latest"]) for line in lines] == [
        (None, True), ("SSE-KMS", False), ("SSE-C", False), ("SSE-S3", False),
    ]  # fmt: skip
    plain = files.unseal("list", BUCKET, "SSE-C/").stdout.decode().splitlines()
    assert len(plain) == 5 + 1
    assert any(line.endswith('  "SSE-C/empty \\u{1}\\u{2}ü"') for line in plain), plain


def test_deleted_objects_are_reported(ended):
    _, _, files = ended("stop")
    done = files.unseal("get", BUCKET, "versioned", "--out", files.place / "deleted")
    assert done.returncode == 1
    assert b"--versions" in done.stderr
    assert not (files.place / "deleted").exists()


def test_ranges(ended):
    _, written, files = ended("stop")
    version = next(v for v in written if v.key == "SSE-C/multipart few")
    for requested, expected in [
        ("0-0", version.content[:1]),
        ("65535-65536", version.content[65535:65537]),
        (f"{5 * MIB - 3}-{5 * MIB + 3}", version.content[5 * MIB - 3 : 5 * MIB + 4]),
        (f"{len(version.content) - 10}-", version.content[-10:]),
    ]:
        out, done = files.get(version, "--range", requested)
        assert done.returncode == 0, done.stderr
        assert out.read_bytes() == expected, requested
    for requested in ["x", "5-4", f"{len(version.content)}-"]:
        out, done = files.get(version, "--range", requested)
        assert done.returncode != 0
        assert not out.exists()
    done = files.unseal("get", BUCKET, *files.flags(version), "--range", "1-5", "--out", "-")
    assert done.stdout == version.content[1:6]


def test_wrong_keys(ended):
    _, written, files = ended("stop")
    sealed = next(v for v in written if v.key.startswith("SSE-C/blob"))
    plain = next(v for v in written if v.key.startswith("SSE-S3/blob"))
    second, wrong = files.second(), secrets.token_bytes(32)
    out = files.place / "out"
    out.unlink(missing_ok=True)
    for version, key, reported in [
        (sealed, files.customer_key(wrong), "is not the customer key of the object"),
        (sealed, [], "set the file of the key with --customer-key-file"),
        (plain, files.customer_key(wrong), "omit --customer-key-file"),
    ]:
        done = files.unseal("get", BUCKET, version.key, *key, "--out", out)
        assert done.returncode == 1
        assert reported in done.stderr.decode()
        assert wrong.hex() not in done.stderr.decode()
        assert sorted(p.name for p in files.place.glob("out*")) == []
    with pytest.raises(WrongKey):
        second.open(BUCKET, sealed.key, customer_key=wrong)
    done = files.unseal("get", BUCKET, sealed.key, *files.customer_key(sealed.customer_key, "hex"), "--out", out)
    assert out.read_bytes() == sealed.content, done.stderr
    with pytest.raises(WrongKey):
        Keys.of_keyring(files.keyring, wrong)
    other = files.place / "other"
    other.mkdir(exist_ok=True)
    shutil.copy(files.keyring, other)
    done = files.unseal("list", "--keyring", other / "keyring.toml")
    assert b"root key" in done.stderr
    assert done.returncode == 1


def test_a_backup_of_the_keyring_decrypts_all(ended):
    _, written, files = ended("stop")
    words = "correct horse battery staple"
    backup, passphrase = files.place / "backup", files.place / "passphrase"
    passphrase.write_text(words + "\n")
    passphrase.chmod(0o600)
    given = ["--passphrase-file", passphrase]
    made = run("keys", "export-backup", backup, *given, "--data-dir", files.data_dir, cwd=files.place)
    assert made.returncode == 0, made.stderr
    keys = Keys.of_backup(backup.read_text(), words)
    assert keys == Keys.of_keyring(files.keyring, files.root_key)
    with pytest.raises(WrongKey):
        Keys.of_backup(backup.read_text(), words + ".")
    # The store only, without the rest of the data directory.
    store = ["--store", files.store_dir, "--backup", backup]
    for mode in ["SSE-S3", "SSE-C", "SSE-KMS"]:
        version = next(v for v in written if v.key.startswith(f"{mode}/blob"))
        out = files.place / "from-backup"
        done = run("unseal", "get", BUCKET, *files.flags(version), *store, *given, "--out", out, cwd=files.place)
        assert done.returncode == 0, done.stderr
        assert out.read_bytes() == version.content
        out.unlink()
    passphrase.write_text(words + ".")
    done = run("unseal", "list", *store, *given, cwd=files.place)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"backup" in done.stderr


def test_a_keyring_under_a_passphrase(start_server, tmp_path):
    words = tmp_path / "words"
    words.write_text("correct horse battery staple")
    words.chmod(0o600)
    root = ["--root-source", "passphrase", "--root-passphrase-file", words]
    server = start_server(*root)
    server.s3().create_bucket(Bucket=BUCKET)
    server.s3().put_object(Bucket=BUCKET, Key="key", Body=b"content")
    server.kill()
    out = tmp_path / "out"
    place = ["--data-dir", server.data_dir]
    done = run("unseal", "get", BUCKET, "key", *place, *root, "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == b"content"
    done = run("unseal", "list", *place, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"passphrase" in done.stderr


def test_existing_files_are_not_overwritten(ended):
    _, written, files = ended("stop")
    version = written[1]
    out = files.place / "mine"
    out.write_text("mine")
    done = files.unseal("get", BUCKET, *files.flags(version), "--out", out)
    assert (done.returncode, out.read_text()) == (1, "mine")
    out.rename(files.place / "else.part")
    done = files.unseal("get", BUCKET, *files.flags(version), "--out", files.place / "else")
    assert (done.returncode, (files.place / "else.part").read_text()) == (1, "mine")
    assert b"earlier attempt" in done.stderr
    (files.place / "else.part").unlink()


def test_an_object_of_another_account(tmp_path):
    """Owner and grants are where docs/format.md says, and both readers open the object."""
    server = Server(tmp_path / "server")
    try:
        s3, other = server.s3(), Account(server, "other")
        s3.create_bucket(Bucket=BUCKET, ObjectOwnership="ObjectWriter", GrantWrite=f"id={other.canonical_id}")
        other.s3.put_object(Bucket=BUCKET, Key="k", Body=b"content", ACL="bucket-owner-full-control")
        first = s3.list_buckets()["Owner"]["ID"]
    finally:
        server.stop()
    files = Unsealing(server, tmp_path / "unsealed")
    second = files.second()
    assert second.open(BUCKET, "k").content == b"content"
    assert json.loads(files.unseal("head", BUCKET, "k").stdout)["length"] == 7
    partition = second_reader.record(second._row(bytes(16), b"bucket/" + BUCKET.encode()))[0]
    [version] = second.versions(BUCKET, "k")
    row = second_reader.record(second._row(partition, b"version/k\x01" + version.encode()))
    assert row[0][6] == [other.id, other.canonical_id]
    assert row[4] == [[[0, [other.canonical_id]], 0], [[0, [first]], 0]]
    assert second_reader.record(second._row(partition, b"settings"))[10] == [[[0, [other.canonical_id]], 2]]
