"""Commands that root runs on the store of another user: its server must be able to go on with what they leave."""

import os
import shutil
import subprocess

import pytest

from server import BINARY, environment, run

NOBODY = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def theirs(start_server):
    """A store, stopped, that belongs to another user."""
    server = start_server()
    server.s3().create_bucket(Bucket="vault")
    assert server.stop() == 0
    for path in [server.data_dir, *server.data_dir.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    return server


def owners(server):
    """Files that are not theirs any more."""
    return [path for path in server.data_dir.rglob("*") if path.stat().st_uid != NOBODY]


def as_nobody(server, *arguments):
    """Runs a command as the user that the store belongs to."""
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


def test_what_root_changes_stays_theirs(theirs):
    for command in [
        ["keys", "roll"],
        ["keys", "new", "--name", "payroll"],
        ["credentials", "reset"],
    ]:
        done = run(*command, "--data-dir", theirs.data_dir, cwd=theirs.place)
        assert done.returncode == 0, done
    assert owners(theirs) == []
    done = as_nobody(theirs, "verify")
    assert done.returncode == 0, done
    done = as_nobody(theirs, "bucket", "rewrap-keys")
    assert done.returncode == 0 and b"2 were wrapped anew" in done.stdout, done


def test_root_does_not_open_their_store(theirs):
    """It would leave files in it that they cannot read."""
    for command in [["verify"], ["report", "keys"], ["bucket", "rewrap-keys"]]:
        refused = run(*command, "--data-dir", theirs.data_dir, cwd=theirs.place)
        assert refused.returncode == 1 and f"sudo -u '#{NOBODY}'".encode() in refused.stderr, refused
    assert owners(theirs) == []


def test_what_is_made_of_a_backup_is_to_be_handed_over(theirs):
    words = theirs.place / "words"
    words.write_text("six words that were drawn at random")
    words.chmod(0o600)
    rest = [theirs.place / "keyring.backup", "--passphrase-file", words, "--data-dir", theirs.data_dir]
    assert run("keys", "export-backup", *rest, cwd=theirs.place).returncode == 0
    made = [theirs.data_dir / "keyring.toml", theirs.data_dir / "root.key"]
    for path in made:
        path.unlink()
    done = run("keys", "import-backup", *rest, cwd=theirs.place)
    assert done.returncode == 0, done
    told = done.stdout.decode().splitlines()[-1].split()
    assert told == ["chown", str(NOBODY), *map(str, made)]
    assert sorted(owners(theirs)) == made
    subprocess.run(told, check=True)
    done = as_nobody(theirs, "verify")
    assert done.returncode == 0, done
