"""The server as a process on free ports with a separate data directory, ended by its process id."""

import contextlib
import io
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path

import boto3
from botocore.config import Config

BINARY = os.environ.get(
    "STRONGROOM_BINARY", str(Path(__file__).resolve().parents[2] / "target" / "debug" / "strongroom")
)
REGION = "us-east-1"
# Not all TLS libraries accept certificates for *.localhost; they do for a name with a dot.
VIRTUAL_HOST = "s3.strong.localhost"
START_LIMIT = 60
STOP_LIMIT = 60


def environment(**more):
    """Returns the environment of this process without settings of the server or of AWS clients.

    Servers of tests run at the same time, so the console gets a free port like the other listeners.
    """
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("STRONGROOM_", "AWS_"))}
    return {**kept, "STRONGROOM_CONSOLE_LISTEN": "127.0.0.1:0", **more}


def run(*arguments, cwd, stdin=None, **variables):
    """Runs a subcommand of the binary to its end."""
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env=environment(**variables),
        capture_output=True,
        timeout=60,
    )


class Server:
    """A running server. `place` is its directory, with data directory, output and log."""

    def __init__(self, place, *flags, data_dir=None, start=True, **variables):
        self.place = Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.data_dir = Path(data_dir or self.place / "data")
        self.flags = [str(flag) for flag in flags]
        self.variables = variables
        self.starts = 0
        self.access_key = self.secret = self.process = None
        if start:
            self.start()

    def start(self):
        """Starts the process and waits for its banner."""
        self.starts += 1
        self.stderr = self.place / f"stderr-{self.starts}"
        # The banner shows the secret only on a terminal.
        terminal, stdout = pty.openpty()
        os.set_blocking(terminal, False)
        self.terminal, self.printed = io.FileIO(terminal), b""
        with self.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--data-dir", str(self.data_dir)]
                + ["--https-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", *self.flags],
                cwd=self.place,
                env=environment(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        os.close(stdout)
        deadline = time.monotonic() + START_LIMIT
        while not self._read_banner():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the server did not start: {self.log()}")
            time.sleep(0.02)
        return self

    def _read_banner(self):
        before = self.printed
        # OSError: the process has ended.
        with contextlib.suppress(OSError):
            while read := self.terminal.read(1 << 16):
                self.printed += read
            (self.place / f"stdout-{self.starts}").write_bytes(self.printed)
        banner = self.printed.decode().replace("\r\n", "\n")
        # The last line that every banner has; more can follow.
        if self.printed != before or not re.search(r"aws s3 ls --profile \S+\n", banner):
            return False
        self.banner = banner
        self.https = re.search(r"^  HTTPS +(https://\S+)$", banner, re.M)[1]
        self.http = re.search(r"^  HTTP +(http://\S+)$", banner, re.M)[1]
        console = re.search(r"^  Console +(https://\S+)$", banner, re.M)
        self.console = console and console[1]
        self.https_port = int(self.https.rsplit(":", 1)[1])
        self.http_port = int(self.http.rsplit(":", 1)[1])
        ca_file = re.search(r"^  CA file +(\S+)$", banner, re.M)
        self.ca_file = ca_file and ca_file[1]
        new = re.search(r"^  Access key ID +(\S+)\n  Secret access key +(\S+)$", banner, re.M)
        if new:
            self.access_key, self.secret = new.groups()
        return True

    def log(self):
        """Returns the standard error of the process since its last start."""
        return self.stderr.read_text(errors="replace")

    def stop(self):
        """Sends SIGTERM, waits for the end of the process, and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not stop: {self.log()}") from None

    def kill(self):
        """Kills the process (SIGKILL)."""
        if self.process:
            self.process.kill()
            self.process.wait(STOP_LIMIT)

    def peak_memory(self):
        """Returns the peak resident memory of the process in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.M)[1]) * 1024

    def blobs(self):
        """Returns the blob files, finished ones and ones being written."""
        # Directories can be deleted during the search: `walk` skips them, `rglob` fails.
        places = [self.data_dir / "store" / place for place in ("blobs", "tmp")]
        found = [walked for place in places for walked in os.walk(place)]
        return {path for at, _, names in found for name in names if (path := Path(at, name)).is_file()}

    def s3(self, *, secure=True, access_key=None, secret=None, endpoint=None, **config):
        """Returns a boto3 client for this server. `config` goes to botocore's Config."""
        settings = {"retries": {"max_attempts": 1}, "signature_version": "s3v4", **config}
        return boto3.client(
            "s3",
            endpoint_url=endpoint or (self.https if secure else self.http),
            region_name=REGION,
            aws_access_key_id=access_key or self.access_key,
            aws_secret_access_key=secret or self.secret,
            verify=self.ca_file,
            config=Config(**settings),
        )
