"""Commands and their server: interrupted, killed, of other users, at a terminal."""

import json
import os
import re
import signal
import subprocess

import pytest

from support.audit_log import lines
from support.commands_on_store import DATA, Store, Terminal, slow_check
from support.raw import wait_until
from support.server import run


def test_a_command_can_be_interrupted(store):
    with slow_check(store) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1 and b"interrupted" in said, said
    if store.is_running:
        assert wait_until(lambda: "command cancelled" in store.server.log())
    else:
        store.server.start()
    assert b"No damage found." in run("verify", "--data-dir", store.server.data_dir, cwd=store.server.place).stdout
    assert store.server.stop() == 0
    lines(store.server.data_dir / "audit")


def test_a_killed_command_leaves_the_store_unchanged(store):
    with slow_check(store) as process:
        process.kill()
        process.wait(10)
    if store.is_running:
        assert wait_until(lambda: "command cancelled" in store.server.log())
    else:
        store.server.start()
    assert store.s3.get_object(Bucket="vault", Key="k0")["Body"].read() == DATA * 30


def test_a_server_that_ends_ends_its_commands(start_server):
    store = Store(start_server(), is_running=True)
    with slow_check(store) as process:
        assert store.server.stop() == 0
        _, said = process.communicate(timeout=20)
        assert process.returncode == 1 and b"the server stopped before the command was done" in said, said
    assert "command cancelled" in store.server.log()
    assert not (store.server.data_dir / "admin.sock").exists()


def test_remains_of_a_killed_server_do_not_block_commands(start_server):
    server = start_server()
    server.s3().create_bucket(Bucket="vault")
    server.kill()
    assert (server.data_dir / "admin.sock").exists()
    reported = run("report", "keys", "--json", "--data-dir", server.data_dir, cwd=server.place)
    assert json.loads(reported.stdout)["usage"] == [], reported
    server.start()
    reported = run("report", "keys", "--json", "--data-dir", server.data_dir, cwd=server.place)
    assert reported.returncode == 0, reported


def test_without_a_store_nothing_is_created(tmp_path):
    nothing = run("verify", "--data-dir", tmp_path / "nowhere", cwd=tmp_path)
    assert nothing.returncode == 1 and b"there is no store in" in nothing.stderr, nothing
    assert not (tmp_path / "nowhere").exists()


def test_without_the_keyring(start_server):
    server = start_server()
    server.stop()
    (server.data_dir / "keyring.toml").rename(server.data_dir / "elsewhere.toml")
    nothing = run("verify", "--data-dir", server.data_dir, cwd=server.place)
    assert nothing.returncode == 1 and b"the keyring" in nothing.stderr and b"does not exist" in nothing.stderr, nothing


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_other_users_are_refused(start_server, tmp_path):
    server = start_server()
    path = server.data_dir / "admin.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    # Even if the modes of the files admit them.
    for place in [path, *path.parents]:
        if place.owner() == "root" and place.stat().st_mode & 0o005 != 0o005:
            place.chmod(0o777 if place == path else 0o755)
    ask = ["curl", "--silent", "--show-error", "--unix-socket", str(path), "http://localhost/v1/endpoint"]
    done = subprocess.run(ask, user=65534, capture_output=True, timeout=20, cwd="/")
    refusal = json.loads(done.stdout)
    assert refusal["code"] == "not-admitted" and "only from its own user and from root" in refusal["message"], done
    assert "rejected a command of another user" in server.log()


def test_a_terminal_asks_for_the_name(store):
    store.s3.create_bucket(Bucket="vault")
    if not store.is_running:
        store.server.stop()
    for typed, code in [(b"yes\n", 1), (b"vault\n", 0)]:
        terminal = Terminal(store.server, "bucket", "shred", "vault")
        terminal.read_until(b"Type the name of the bucket")
        terminal.type(typed)
        assert terminal.finish()[0] == code, terminal.shown


def test_progress_at_a_terminal_is_one_line(start_server):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="vault")
    for number in range(4):
        s3.put_object(Bucket="vault", Key=f"k{number}", Body=DATA)
    terminal = Terminal(server, "verify", "--rate", "2")
    code, response = terminal.finish()
    assert code == 0 and b"Decrypted    4 versions" in response
    assert re.search(rb"\r\x1b\[K[123] versions?, ", terminal.shown), terminal.shown
    assert terminal.shown.endswith(b"\r\x1b[K")
    assert b"\n" not in terminal.shown
