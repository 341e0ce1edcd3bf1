"""`strongroom unseal` on damaged or missing files, other formats, and stores in use."""

import shutil

import pytest

from support import second_reader
from support.second_reader import Damaged
from support.unsealing import BUCKET, MIB, Unsealing, tree


def blobs_of(files, version, parts):
    """Returns the files of the blobs of a version, in the order of its parts."""
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
    """A copy of a data directory that the test damages."""
    server, written, files = ended("stop")
    copy = Unsealing(server, tmp_path / "unsealed")
    copy.data_dir = tmp_path / "data"
    shutil.copytree(files.data_dir, copy.data_dir)
    copy.store_dir = copy.data_dir / "store"
    return copy, written


def test_damage_is_reported_and_skipped(copied):
    files, written = copied
    version = next(v for v in written if v.key.startswith("SSE-S3/blob"))
    (blob,) = blobs_of(files, version, 1)
    sealed = bytearray(blob.read_bytes())
    sealed[40 + 20 * 65_552 + 7] ^= 1  # In the 21st chunk.
    blob.write_bytes(sealed)
    at = 20 * 65_536
    out, done = files.get(version)
    assert done.returncode == 1
    assert f"damaged from byte {at} (" in done.stderr.decode()
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
def test_a_truncated_blob_is_decrypted_as_far_as_possible(copied, left):
    files, written = copied
    version = next(v for v in written if v.key == "SSE-C/multipart few")
    first, _ = blobs_of(files, version, 2)
    with first.open("r+b") as file:
        file.truncate(left)
    whole = max(0, left - 40) // 65_552 * 65_536
    _, done = files.get(version, "--keep-part")
    assert f"damaged from byte {whole} (" in done.stderr.decode()
    assert f"--range {5 * MIB}-" in done.stderr.decode(), "the second part is readable"
    assert (files.place / "out.part").read_bytes() == version.content[:whole]


def test_missing_and_extra_files_do_not_hide_other_objects(copied):
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
    assert "damaged from byte 0 (" in done.stderr.decode()
    assert not out.exists()
    for version in written:
        if version is not lost and len(version.content) < 4 * MIB:
            out, done = files.get(version)
            assert done.returncode == 0, (version.key, done.stderr)
            assert out.read_bytes() == version.content
    assert tree(files.data_dir) == before


def test_a_read_only_directory(copied):
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


def test_another_format_is_reported(copied):
    files, _ = copied
    (files.store_dir / "format").write_text("strongroom store 1\n")
    done = files.unseal("list")
    assert done.returncode == 1
    assert b'format "1"' in done.stderr


def test_a_missing_store_is_reported(ended, tmp_path):
    _, _, files = ended("stop")
    done = files.unseal("list", "--store", tmp_path)
    assert done.returncode == 1
    assert b"there is no store" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_running_server_is_reported(start_server, tmp_path):
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
