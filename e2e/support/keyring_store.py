"""A store with an object, and commands on its keyring."""

import json
import subprocess

import pytest

from support import keyring_file
from support.raw import path_of, send
from support.server import BINARY, environment

CONTENT = b"the content" * 20_000
WORDS = "correct horse battery staple"


class Vault:
    """A server for one test with an object, and commands on its keyring."""

    def __init__(self, server):
        self.server, self.file = server, server.data_dir / "keyring.toml"
        self.root = server.data_dir / "root.key"
        server.s3().create_bucket(Bucket="bucket")
        assert send(server, "PUT", path_of("bucket", "k"), body=CONTENT).status == 200

    def keys(self, *arguments, **variables):
        """Runs `strongroom keys` without a terminal."""
        return subprocess.run(
            [BINARY, "keys", *map(str, arguments), "--data-dir", self.server.data_dir],
            cwd=self.server.place,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
        )

    def done(self, *arguments, **variables):
        """Returns the output of a command that must succeed."""
        done = self.keys(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *arguments, **variables):
        """Returns the error of a command that must fail."""
        done = self.keys(*arguments, **variables)
        assert done.returncode == 1 and not done.stdout, done.stdout
        return done.stderr

    def list(self, *flags):
        return json.loads(self.done("list", "--json", *flags))

    def is_readable(self):
        return send(self.server, "GET", path_of("bucket", "k")).body == CONTENT

    def does_not_start(self):
        """Stops the server if it runs, and returns the error of its next start, which must fail."""
        self.server.stop()
        with pytest.raises(AssertionError, match="the server ended with 1") as refused:
            self.server.start()
        return str(refused.value)

    def starts(self, *flags, **variables):
        """Starts the server with other flags and reads its object."""
        self.server.stop()
        self.server.flags, self.server.variables = [str(flag) for flag in flags], variables
        self.server.start()
        assert self.is_readable()

    def opened(self):
        return keyring_file.open_keyring(self.file, self.root.read_bytes())


def secret_file(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path
