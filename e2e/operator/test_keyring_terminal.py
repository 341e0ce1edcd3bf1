"""Passphrases typed at a terminal: prompted for, not echoed, and the terminal restored."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

import pytest

from support import keyring_file
from support.server import BINARY, environment

WORDS = "correct horse battery staple"
LIMIT = 60


class Terminal:
    """A program at its own terminal, whose output is in `screen`."""

    def __init__(self, place, *arguments):
        self.ours, theirs = pty.openpty()
        self.screen = b""
        self.process = subprocess.Popen(
            [BINARY, *map(str, arguments)],
            cwd=place,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
        )
        self.theirs = theirs

    def until(self, expected):
        """Reads until the screen shows this text after what was read before."""
        start, deadline = len(self.screen), time.monotonic() + LIMIT
        while expected.encode() not in self.screen[start:]:
            assert time.monotonic() < deadline, self.screen
            assert self.process.poll() is None, self.process.stderr.read()
            if select.select([self.ours], [], [], 0.1)[0]:
                self.screen += os.read(self.ours, 1000)

    def type(self, text):
        # The prompt appears a moment before echo is off; input until then is discarded.
        deadline = time.monotonic() + LIMIT
        while self.shows_what_is_typed():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.write(self.ours, text.encode())

    def shows_what_is_typed(self):
        return bool(termios.tcgetattr(self.theirs)[3] & termios.ECHO)

    def reply(self, question, text):
        self.until(question)
        self.type(text)

    def end(self):
        """Returns the exit code, output and errors."""
        try:
            output, errors = self.process.communicate(timeout=LIMIT)
        finally:
            if self.process.poll() is None:
                self.process.kill()
        while select.select([self.ours], [], [], 0.1)[0]:
            self.screen += os.read(self.ours, 1000)
        assert self.shows_what_is_typed(), "the terminal was left without echo"
        for end in [self.ours, self.theirs]:
            os.close(end)
        return self.process.returncode, output.decode(), errors.decode()


@pytest.fixture
def data_dir(start_server):
    server = start_server()
    assert server.stop() == 0
    return server.data_dir


def test_a_backup_is_sealed_by_a_passphrase_typed_twice(data_dir, tmp_path):
    terminal = Terminal(tmp_path, "keys", "export-backup", "backup", "--data-dir", data_dir)
    terminal.reply("New passphrase of the backup", f"wrong\x15{WORDS}x\x7f\r")
    terminal.reply("Repeat the new passphrase", f"{WORDS}\r")
    code, _, errors = terminal.end()
    assert code == 0, errors
    assert WORDS.encode() not in terminal.screen and b"horse" not in terminal.screen
    assert len(keyring_file.open_backup((tmp_path / "backup").read_text(), WORDS)) == 2

    terminal = Terminal(tmp_path, "keys", "verify", "--backup", "backup", "--data-dir", data_dir)
    terminal.reply("Passphrase of the backup", f"{WORDS}\r")
    code, output, _ = terminal.end()
    assert code == 0 and "holds the same keys" in output


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (WORDS, WORDS + "s", "passphrases differ"),
        ("short", None, "too short"),
        ("", None, "is empty"),
        ("half a pass\x03", None, "cannot read"),
    ],
)
def test_typing_errors_seal_nothing(data_dir, tmp_path, first, second, expected):
    terminal = Terminal(tmp_path, "keys", "export-backup", "backup", "--data-dir", data_dir)
    terminal.reply("New passphrase", f"{first}\r")
    if second is not None:
        terminal.reply("Repeat the new passphrase", f"{second}\r")
    code, output, errors = terminal.end()
    assert code == 1 and expected in errors and not output
    assert not (tmp_path / "backup").exists()


def test_a_server_prompts_when_it_starts(data_dir, tmp_path):
    terminal = Terminal(tmp_path, "keys", "reseal", "--to-source", "passphrase", "--data-dir", data_dir)
    terminal.reply("New passphrase of the keyring", f"{WORDS}\r")
    terminal.reply("Repeat the new passphrase", f"{WORDS}\r")
    code, output, errors = terminal.end()
    assert code == 0 and 'source = "passphrase"' in output, errors

    listen = ["--https-listen", "off", "--http-listen", "127.0.0.1:0"]
    flags = ["--root-source", "passphrase", "--data-dir", data_dir]
    terminal = Terminal(tmp_path, "serve", *flags, *listen)
    terminal.reply("Passphrase of the keyring", f"{WORDS}s\r")
    code, _, errors = terminal.end()
    assert code == 1 and "the passphrase is wrong" in errors

    terminal = Terminal(tmp_path, "serve", *flags, *listen)
    terminal.reply("Passphrase of the keyring", f"{WORDS}\r")
    banner = b""
    while b"aws s3 ls" not in banner:
        line = terminal.process.stdout.readline()
        assert line, terminal.process.stderr.read()
        banner += line
    terminal.process.send_signal(signal.SIGTERM)
    code, _, errors = terminal.end()
    assert code == 0, errors


def test_without_a_terminal_commands_do_not_hang(data_dir, tmp_path):
    done = subprocess.run(
        [BINARY, "serve", "--root-source", "passphrase", "--data-dir", data_dir, "--http-listen", "off"],
        cwd=tmp_path, env=environment(), capture_output=True, timeout=LIMIT, start_new_session=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and "no terminal" in done.stderr and "root.passphrase_file" in done.stderr
