"""Objects opened from the raw files of a store, by `strongroom unseal` and by a reader of its own (second_reader.py)."""

import hashlib
import json
import secrets
import shutil
import subprocess
import sys

import pytest

import second_reader
from raw import b64
from second_reader import Damaged, Keys, Store, WrongKey
from server import Server, run

MIB = 1 << 20
BUCKET = "vault"


class Written:
    """A version that the server was given: how to ask for it, and what it must be."""

    def __init__(self, key, content, *, customer_key=None, version=None, metadata=None, mode="SSE-S3", head=None):
        self.key, self.content, self.customer_key, self.version = key, content, customer_key, version
        self.metadata, self.mode, self.head = metadata or {}, mode, head


def modes(customer_key):
    """For each mode: its name, and what boto3 gives with a PUT."""
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    context = json.dumps({"dept": "hr", "ä": "ö"}).encode()
    return {
        "SSE-S3": {},
        "SSE-C": customer,
        "SSE-KMS": {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSEncryptionContext": b64(context),
        },
        "SSE-KMS, bucket key": {"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": True},
    }


def write_all(server):
    """Objects in every mode and every form that lies on the disk."""
    s3, written, key = server.s3(), [], secrets.token_bytes(32)
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket="empty")

    def note(name, content, mode, **more):
        customer = key if mode == "SSE-C" else None
        read = modes(key)["SSE-C"] if customer else {}
        version = {"VersionId": more["version"]} if "version" in more else {}
        head = s3.head_object(Bucket=BUCKET, Key=name, **read, **version)
        written.append(Written(name, content, customer_key=customer, mode=mode.partition(",")[0], head=head, **more))

    told = {"ContentType": "text/plain; charset=utf-8", "Metadata": {"owner": "zoe"}, "ChecksumAlgorithm": "SHA256"}
    for mode, given in modes(key).items():
        for form, length in [("empty", 0), ("inline", 1000), ("blob", 3 * MIB + 5)]:
            name, content = f"{mode}/{form} \x01\x02ü", secrets.token_bytes(length)
            s3.put_object(Bucket=BUCKET, Key=name, Body=content, **told, **given)
            note(name, content, mode, metadata=told["Metadata"])
        for form, sizes in [("few", [5 * MIB, 70_000]), ("many", [5 * MIB] * 17 + [1])]:
            name, pieces = f"{mode}/multipart {form}", [secrets.token_bytes(size) for size in sizes]
            if form == "many" and mode != "SSE-C":
                continue
            customer = given if mode == "SSE-C" else {}
            upload = s3.create_multipart_upload(Bucket=BUCKET, Key=name, Metadata={"n": "1"}, **given)["UploadId"]
            parts = []
            for number, piece in enumerate(pieces, 1):
                part = s3.upload_part(
                    Bucket=BUCKET, Key=name, UploadId=upload, PartNumber=number, Body=piece, **customer
                )
                parts.append({"PartNumber": number, "ETag": part["ETag"]})
            s3.complete_multipart_upload(Bucket=BUCKET, Key=name, UploadId=upload, MultipartUpload={"Parts": parts})
            note(name, b"".join(pieces), mode, metadata={"n": "1"})
    # A copy onto itself: the same content under another envelope, from each mode into SSE-S3.
    for mode, given in modes(key).items():
        name, content = f"{mode}/copied in place", secrets.token_bytes(2 * MIB)
        s3.put_object(Bucket=BUCKET, Key=name, Body=content, **given)
        source = {f"CopySource{n}": v for n, v in given.items()} if mode == "SSE-C" else {}
        s3.copy_object(
            Bucket=BUCKET, Key=name, CopySource={"Bucket": BUCKET, "Key": name}, Metadata={"new": "1"},
            MetadataDirective="REPLACE", ServerSideEncryption="AES256", **source,
        )  # fmt: skip
        note(name, content, "SSE-S3", metadata={"new": "1"})
    # Versions: the null one from before, two with ids, and a delete marker on top.
    name, contents = "versioned", [secrets.token_bytes(length) for length in (10, 200_000, 20)]
    s3.put_object(Bucket=BUCKET, Key=name, Body=contents[0])
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for content, mode in zip(contents[1:], ["SSE-C", "SSE-KMS"], strict=True):
        put = s3.put_object(Bucket=BUCKET, Key=name, Body=content, **modes(key)[mode])
        note(name, content, mode, version=put["VersionId"])
    note(name, contents[0], "SSE-S3", version="null")
    s3.delete_object(Bucket=BUCKET, Key=name)
    return written


def tree(directory):
    """What lies in a directory: names, modes, times and contents."""
    files = sorted(directory.rglob("*"))
    return {
        str(path.relative_to(directory)): (
            path.stat().st_mode, path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).digest() if path.is_file() else None,
        )
        for path in files
    }  # fmt: skip


class Unsealing:
    """The files of a server that has ended, and both readers of them."""

    def __init__(self, server, place):
        self.place, self.data_dir, self.store_dir = place, server.data_dir, server.data_dir / "store"
        place.mkdir(exist_ok=True)
        self.keyring = server.data_dir / "keyring.toml"
        self.root_key = (server.data_dir / "root.key").read_bytes()

    def unseal(self, *arguments):
        return run("unseal", *arguments, "--data-dir", self.data_dir, cwd=self.place)

    def customer_key(self, key, form="raw"):
        file = self.place / "customer.key"
        file.write_bytes(key if form == "raw" else key.hex().encode() + b"\n")
        return ["--customer-key-file", file]

    def asked(self, version):
        named = ["--version", version.version] if version.version else []
        return [version.key, *named, *(self.customer_key(version.customer_key) if version.customer_key else [])]

    def get(self, version, *more):
        """What `unseal get` makes of a version: its file, and how the command ended."""
        out = self.place / "out"
        out.unlink(missing_ok=True)
        ended = self.unseal("get", BUCKET, *self.asked(version), "--out", out, *more)
        return out, ended

    def rows(self):
        file = self.place / "rows"
        file.unlink(missing_ok=True)
        ended = self.unseal("rows", "--out", file)
        assert ended.returncode == 0, ended.stderr
        return file

    def second(self):
        return Store(self.rows(), self.store_dir, Keys.of_keyring(self.keyring, self.root_key))


def id_of(reader, version):
    """The id of a version as the rows have it: that of a null version is told to nobody."""
    return reader.versions(BUCKET, version.key)[-1] if version.version == "null" else version.version


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A server with objects of all sorts, which has ended, by SIGTERM or SIGKILL."""
    made = {}

    def end(how):
        if how not in made:
            place = tmp_path_factory.mktemp(how)
            server = Server(place / "server")
            try:
                written = write_all(server)
            finally:
                assert (server.stop() == 0) if how == "stop" else server.kill() is None
            made[how] = (server, written, Unsealing(server, place / "unsealed"))
        return made[how]

    return end


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_both_readers_open_all_that_was_written(ended, how):
    _, written, files = ended(how)
    before, second = tree(files.data_dir), files.second()
    assert len(written) == 4 * 4 + 1 + 4 + 3
    for version in written:
        out, done = files.get(version)
        assert done.returncode == 0, (version.key, done.stderr)
        assert out.read_bytes() == version.content, version.key
        told = json.loads(files.unseal("head", BUCKET, *files.asked(version)).stdout)
        opened = second.open(BUCKET, version.key, id_of(second, version), version.customer_key)
        assert opened.content == version.content, version.key
        assert told["metadata"] == opened.metadata == version.metadata
        assert told["headers"] == opened.headers
        assert told["headers"].get("content-type", "binary/octet-stream") == version.head["ContentType"]
        assert told["etag"] == opened.etag == version.head["ETag"].strip('"')
        assert told["length"] == len(version.content) == version.head["ContentLength"]
        assert told["mode"] == version.mode == {1: "SSE-S3", 2: "SSE-C", 3: "SSE-KMS"}[opened.mode]
        assert opened.modified // 1_000_000 == int(version.head["LastModified"].timestamp())
        assert [c["value"] for c in told["checksums"]] == [c[1].hex() for c in opened.checksums]
    assert tree(files.data_dir) == before, "looking has changed something"


def test_the_program_of_the_second_reader(ended):
    """Its command line, as docs/unseal.md tells to use it."""
    _, written, files = ended("stop")
    version = next(v for v in written if v.key.startswith("SSE-C/blob"))
    root = files.place / "root.key"
    root.write_bytes(files.root_key)
    command = [sys.executable, second_reader.__file__, "--rows", files.rows(), "--store", files.store_dir]
    command += ["--keyring", files.keyring, "--root-key", root, *files.customer_key(version.customer_key)]
    done = subprocess.run([*map(str, command), BUCKET, version.key], capture_output=True, timeout=60)
    assert done.stdout == version.content, done.stderr


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


def test_what_is_deleted_is_told(ended):
    _, _, files = ended("stop")
    done = files.unseal("get", BUCKET, "versioned", "--out", files.place / "deleted")
    assert done.returncode == 1
    assert b"--versions" in done.stderr
    assert not (files.place / "deleted").exists()


def test_ranges(ended):
    _, written, files = ended("stop")
    version = next(v for v in written if v.key == "SSE-C/multipart few")
    for asked, expected in [
        ("0-0", version.content[:1]),
        ("65535-65536", version.content[65535:65537]),
        (f"{5 * MIB - 3}-{5 * MIB + 3}", version.content[5 * MIB - 3 : 5 * MIB + 4]),
        (f"{len(version.content) - 10}-", version.content[-10:]),
    ]:
        out, done = files.get(version, "--range", asked)
        assert done.returncode == 0, done.stderr
        assert out.read_bytes() == expected, asked
    for asked in ["x", "5-4", f"{len(version.content)}-"]:
        out, done = files.get(version, "--range", asked)
        assert done.returncode != 0
        assert not out.exists()
    done = files.unseal("get", BUCKET, *files.asked(version), "--range", "1-5", "--out", "-")
    assert done.stdout == version.content[1:6]


def test_keys_that_do_not_fit(ended):
    _, written, files = ended("stop")
    sealed = next(v for v in written if v.key.startswith("SSE-C/blob"))
    plain = next(v for v in written if v.key.startswith("SSE-S3/blob"))
    second, wrong = files.second(), secrets.token_bytes(32)
    out = files.place / "out"
    out.unlink(missing_ok=True)
    for version, key, told in [
        (sealed, files.customer_key(wrong), "is not the one that the object was stored with"),
        (sealed, [], "name the key's file with --customer-key-file"),
        (plain, files.customer_key(wrong), "leave out --customer-key-file"),
    ]:
        done = files.unseal("get", BUCKET, version.key, *key, "--out", out)
        assert done.returncode == 1
        assert told in done.stderr.decode()
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


def test_a_backup_of_the_keyring_opens_all(ended):
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
    # The store alone, without the rest of the data directory.
    store = ["--store", files.store_dir, "--backup", backup]
    for mode in ["SSE-S3", "SSE-C", "SSE-KMS"]:
        version = next(v for v in written if v.key.startswith(f"{mode}/blob"))
        out = files.place / "from-backup"
        done = run("unseal", "get", BUCKET, *files.asked(version), *store, *given, "--out", out, cwd=files.place)
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


def test_nothing_is_written_over(ended):
    _, written, files = ended("stop")
    version = written[1]
    out = files.place / "mine"
    out.write_text("mine")
    done = files.unseal("get", BUCKET, *files.asked(version), "--out", out)
    assert (done.returncode, out.read_text()) == (1, "mine")
    out.rename(files.place / "else.part")
    done = files.unseal("get", BUCKET, *files.asked(version), "--out", files.place / "else")
    assert (done.returncode, (files.place / "else.part").read_text()) == (1, "mine")
    assert b"earlier try" in done.stderr
    (files.place / "else.part").unlink()


def blobs_of(files, version, parts):
    """The files of the blobs of a version, in the order of its parts."""
    second = files.second()
    partition = second_reader.record(second._row(bytes(16), b"bucket/" + BUCKET.encode()))[0]
    id_ = second_reader.record(second._row(partition, b"current/" + second_reader.escaped(version.key)))[0].hex()
    row = second._row(partition, b"version/" + second_reader.escaped(version.key) + b"\x01" + id_.encode())
    content = second_reader.record(row)[1]
    held = content[2] if 2 in content else second_reader.record(second._row(partition, b"parts/" + id_.encode()))
    blobs = [place[1][0].hex() for place in held[1]]
    assert len(blobs) == parts
    return [files.store_dir / "blobs" / partition.hex() / blob[:2] / blob for blob in blobs]


@pytest.fixture
def copied(ended, tmp_path):
    """A copy of a data directory, to be damaged."""
    server, written, files = ended("stop")
    copy = Unsealing(server, tmp_path / "unsealed")
    copy.data_dir = tmp_path / "data"
    shutil.copytree(files.data_dir, copy.data_dir)
    copy.store_dir = copy.data_dir / "store"
    return copy, written


def test_damage_is_told_and_gone_around(copied):
    files, written = copied
    version = next(v for v in written if v.key.startswith("SSE-S3/blob"))
    (blob,) = blobs_of(files, version, 1)
    sealed = bytearray(blob.read_bytes())
    sealed[40 + 20 * 65_552 + 7] ^= 1  # In the 21st chunk.
    blob.write_bytes(sealed)
    at = 20 * 65_536
    out, done = files.get(version)
    assert done.returncode == 1
    assert f"damaged from byte {at} on" in done.stderr.decode()
    assert f"--range {at + 65_536}-" in done.stderr.decode()
    assert sorted(p.name for p in files.place.glob("out*")) == []
    with pytest.raises(Damaged, match="chunk 20 of part 1"):
        files.second().open(BUCKET, version.key)
    out, done = files.get(version, "--keep-part")
    assert done.returncode == 1
    assert not out.exists()
    assert (files.place / "out.part").read_bytes() == version.content[:at]
    (files.place / "out.part").unlink()
    out, done = files.get(version, "--range", f"{at + 65_536}-")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == version.content[at + 65_536 :]


@pytest.mark.parametrize("left", [0, 30, 1_000_000])
def test_a_blob_that_was_cut_opens_as_far_as_it_goes(copied, left):
    files, written = copied
    version = next(v for v in written if v.key == "SSE-C/multipart few")
    first, _ = blobs_of(files, version, 2)
    with first.open("r+b") as file:
        file.truncate(left)
    whole = max(0, left - 40) // 65_552 * 65_536
    _, done = files.get(version, "--keep-part")
    assert f"damaged from byte {whole} on" in done.stderr.decode()
    assert f"--range {5 * MIB}-" in done.stderr.decode(), "the second part is there"
    assert (files.place / "out.part").read_bytes() == version.content[:whole]


def test_what_is_missing_or_left_over_hides_nothing_else(copied):
    files, written = copied
    lost = next(v for v in written if v.key.startswith("SSE-KMS/blob"))
    (blob,) = blobs_of(files, lost, 1)
    blob.unlink()
    for name in ["format", "lock"]:
        (files.store_dir / name).unlink()
    (files.store_dir / "tmp" / "0").write_bytes(b"half a blob")
    (files.store_dir / "index" / "stray").mkdir()
    before = tree(files.data_dir)
    out, done = files.get(lost)
    assert done.returncode == 1
    assert "damaged from byte 0 on" in done.stderr.decode()
    assert not out.exists()
    for version in written:
        if version is not lost and len(version.content) < 4 * MIB:
            out, done = files.get(version)
            assert done.returncode == 0, (version.key, done.stderr)
            assert out.read_bytes() == version.content
    assert tree(files.data_dir) == before


def test_a_directory_that_can_only_be_read(copied):
    files, written = copied
    version = next(v for v in written if v.key.startswith("SSE-C/blob"))
    everything = [files.data_dir, *files.data_dir.rglob("*")]
    for path in everything:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        before = tree(files.data_dir)
        out, done = files.get(version)
        assert done.returncode == 0, done.stderr
        assert out.read_bytes() == version.content
        assert tree(files.data_dir) == before
    finally:
        for path in everything:
            path.chmod(0o700 if path.is_dir() else 0o600)


def test_another_format_is_told(copied):
    files, _ = copied
    (files.store_dir / "format").write_text("strongroom store 7\n")
    done = files.unseal("list")
    assert done.returncode == 1
    assert b"strongroom store 7" in done.stderr


def test_no_store_is_told(ended, tmp_path):
    _, _, files = ended("stop")
    done = files.unseal("list", "--store", tmp_path)
    assert done.returncode == 1
    assert b"there is no store" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_running_server_is_told(start_server, tmp_path):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="key", Body=b"content")
    files = Unsealing(server, tmp_path / "unsealed")
    scratch = files.place / "scratch"
    scratch.mkdir()
    done = files.unseal("list", BUCKET, "--scratch", scratch)
    assert done.returncode == 1
    assert b"--running" in done.stderr
    out = files.place / "out"
    done = files.unseal("get", BUCKET, "key", "--running", "--scratch", scratch, "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == b"content"
    assert list(scratch.iterdir()) == [], "the copy of the index was left behind"
    assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"content"
