"""Files that must survive a power cut: their names, too, are synced before a command reports that they are created."""

import contextlib
import re
import shutil
import subprocess

import pytest

from support.crashes import failpoints
from support.raw import path_of, send
from support.server import BINARY, environment

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

CALLS = "openat,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat"


def calls_of(place, *arguments):
    """Returns the system calls of a command about names and syncing, in order."""
    trace = place / "trace"
    command = ["strace", "-f", "-y", "-o", trace, "-e", f"trace={CALLS}", BINARY, *arguments]
    done = subprocess.run(
        list(map(str, command)),
        cwd=place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return trace.read_text().splitlines()


def is_synced(calls, directory, file):
    """Returns whether the file is synced, and then the directory after the last call that adds or removes a name in it."""
    names = re.compile(rf'(?:O_CREAT|rename|link).*"{re.escape(str(file))}|"{re.escape(str(file))}.*O_CREAT')
    last = max(at for at, call in enumerate(calls) if names.search(call))
    synced = [
        at for at, call in enumerate(calls) if re.search(rf"f(?:data)?sync\(\d+<{re.escape(str(directory))}>", call)
    ]
    content = any(re.search(rf"f(?:data)?sync\(\d+<{re.escape(str(file))}", call) for call in calls)
    return content and any(at > last for at in synced)


@pytest.fixture
def place(tmp_path):
    (tmp_path / "words").write_text("correct horse battery staple")
    (tmp_path / "words").chmod(0o600)
    (tmp_path / "out").mkdir()
    return tmp_path


@needs_strace
def test_a_customer_key(place):
    file = place / "out" / "customer.key"
    assert is_synced(calls_of(place, "key", "new", "--out", file), file.parent, file)


@needs_strace
def test_a_backup_and_unsealed_objects(place, start_server):
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    assert send(server, "PUT", path_of("bucket", "k"), body=b"content").status == 200
    assert server.stop() == 0
    where = ["--data-dir", server.data_dir]
    backup, out = place / "out" / "keyring.backup", place / "out" / "k"
    calls = calls_of(place, "keys", "export-backup", backup, "--passphrase-file", place / "words", *where)
    assert is_synced(calls, backup.parent, backup)
    calls = calls_of(place, "unseal", "get", "bucket", "k", "--out", out, *where)
    assert is_synced(calls, out.parent, out)
    assert out.read_bytes() == b"content" and sorted(path.name for path in out.parent.iterdir()) == ["k", backup.name]


def test_a_start_syncs_the_folders_of_keyring_and_credentials(tmp_path, start_server):
    """An earlier process may have been killed between the renaming of a file and the sync of its folder."""
    folder = tmp_path / "keys"
    folder.mkdir()
    server = start_server("--keyring", folder / "keyring.toml")
    assert server.stop() == 0
    library = failpoints.library(tmp_path)

    def log_of_start(below, step):
        """Starts the server with a sync that fails below a folder. Returns its log."""
        points = failpoints.Failpoints(library, below, tmp_path / "plan")
        points.set(step, failpoints.FAIL, only="fsync")
        server.variables = points.variables
        with contextlib.suppress(AssertionError):
            server.start()
        server.kill()
        assert points.hit() == "error in fsync"
        return server.log()

    def is_warned(log, file):
        return any("cannot sync the folder of this file" in line and str(file) in line for line in log.splitlines())

    assert is_warned(log_of_start(folder, 1), folder / "keyring.toml")
    # Other files in the data directory are synced before.
    credentials = server.data_dir / "root-credentials.toml"
    assert any(is_warned(log_of_start(server.data_dir, step), credentials) for step in range(1, 6))
