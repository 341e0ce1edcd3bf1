"""Commands of root on the store of another user: they change nothing, as its server could not read files of root."""

import os
import shutil
import subprocess

import pytest

from support.server import BINARY, environment, run

NOBODY = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def theirs(start_server):
    """A stopped store that belongs to another user."""
    server = start_server()
    server.s3().create_bucket(Bucket="vault")
    assert server.stop() == 0
    for path in [server.data_dir, *server.data_dir.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    return server


def owners(server):
    """Returns the files that no longer belong to that user."""
    return [path for path in server.data_dir.rglob("*") if path.stat().st_uid != NOBODY]


def as_nobody(server, *arguments):
    """Runs a command as the owner of the store."""
    program = server.place / "strongroom"
    if not program.exists():
        shutil.copy(BINARY, program)
    for folder in server.data_dir.parents:
        if folder.owner() == "root" and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    return subprocess.run(
        [program, *arguments, "--data-dir", server.data_dir],
        user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", env=environment(), capture_output=True, timeout=60,
    )  # fmt: skip


def content(server):
    return {path: path.read_bytes() for path in server.data_dir.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "command",
    [
        ["keys", "roll"],
        ["keys", "new"],
        ["keys", "retire", "default"],
        ["keys", "reseal", "--to-source", "file", "--to-file", "other.key"],
        ["credentials", "reset"],
        ["credentials", "show"],
        ["verify"],
        ["report", "keys"],
        ["bucket", "rewrap-keys"],
    ],
    ids=" ".join,
)
def test_root_is_told_to_run_as_the_owner(theirs, command):
    before = content(theirs)
    refused = run(*command, "--data-dir", theirs.data_dir, cwd=theirs.place)
    assert refused.returncode == 1 and f"sudo -u '#{NOBODY}'".encode() in refused.stderr, refused
    assert refused.stdout == b"" and content(theirs) == before and owners(theirs) == []
    assert not (theirs.place / "other.key").exists()


def test_root_does_not_import_a_backup_for_them(theirs):
    words = theirs.place / "words"
    words.write_text("six words that were drawn at random")
    words.chmod(0o600)
    os.chown(words, NOBODY, NOBODY)
    theirs.place.chmod(0o777)
    rest = [theirs.place / "keyring.backup", "--passphrase-file", words]
    done = as_nobody(theirs, "keys", "export-backup", *rest)
    assert done.returncode == 0, done
    for name in ["keyring.toml", "root.key"]:
        (theirs.data_dir / name).unlink()
    refused = run("keys", "import-backup", *rest, "--data-dir", theirs.data_dir, cwd=theirs.place)
    assert refused.returncode == 1 and b"sudo -u" in refused.stderr, refused
    assert owners(theirs) == [] and not (theirs.data_dir / "keyring.toml").exists()
    for command in [["keys", "import-backup", *rest], ["keys", "roll"], ["verify"], ["bucket", "rewrap-keys"]]:
        done = as_nobody(theirs, *command)
        assert done.returncode == 0, done


def test_the_log_is_not_written_through_a_link(start_server, tmp_path):
    """A user with write access to its directory must not choose the file that root writes to."""
    server = start_server()
    server.stop()
    other = tmp_path / "other"
    for name, text in [("audit-18446744073709551615.jsonl", "somebody's file\nits end"), ("lock", None)]:
        link = server.data_dir / "audit" / name
        link.unlink(missing_ok=True)
        link.symlink_to(other)
        if text:
            other.write_text(text)
        refused = run("keys", "roll", "--data-dir", server.data_dir, cwd=server.place)
        assert refused.returncode == 1 and b"cannot write the audit log" in refused.stderr, refused
        assert (other.read_text() == text) if text else not other.exists()
        link.unlink()
        other.unlink(missing_ok=True)
