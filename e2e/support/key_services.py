"""External key management services, started on free ports: OpenBao, and AWS KMS as implemented by moto."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3

PROGRAMS = Path(sys.executable).parent
START_LIMIT = 60
REGION = "eu-central-1"

# The permissions of the server's token by docs/kms.md.
POLICY = """
path "transit/keys/s3-*"    { capabilities = ["read"] }
path "transit/encrypt/s3-*" { capabilities = ["update"] }
path "transit/decrypt/s3-*" { capabilities = ["update"] }
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def secret(path, text):
    """Writes a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


class Service:
    """A program that listens on `port`, with its files in `place`."""

    def __init__(self, place, port, *command, **variables):
        self.place = Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.command = [str(part) for part in command]
        self.variables = variables
        self.start()

    def start(self):
        with (self.place / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.place,
                env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                log = (self.place / "log").read_text(errors="replace")
                assert self.process.poll() is None, log
                assert time.monotonic() < deadline, log
                time.sleep(0.05)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(START_LIMIT)


class OpenBao(Service):
    """OpenBao with a transit engine, the key `s3-one`, and a token for the server in the file `token`."""

    def __init__(self, place):
        port = free_port()
        super().__init__(
            place,
            port,
            *[PROGRAMS / "bao", "server", "-dev", "-dev-no-store-token", "-dev-root-token-id=root"],
            f"-dev-listen-address=127.0.0.1:{port}",
            HOME=str(place),
        )
        self.run("secrets", "enable", "transit")
        self.run("write", "-f", "transit/keys/s3-one")
        self.run("policy", "write", "strongroom", "-", input=POLICY)
        token = self.run("token", "create", "-policy=strongroom", "-period=24h", "-field=token").strip()
        self.token = secret(self.place / "token", token)

    def run(self, *arguments, input=None):
        """Runs a command of OpenBao as its administrator."""
        done = subprocess.run(
            [PROGRAMS / "bao", *arguments],
            env={**os.environ, "BAO_ADDR": self.address, "BAO_TOKEN": "root", "HOME": str(self.place)},
            input=input,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def flags(self):
        """Flags for the server."""
        return [
            *["--kms-backend", "vault", "--kms-default-key", "s3-one"],
            *["--kms-vault-address", self.address, "--kms-vault-token-file", self.token],
        ]


class Moto(Service):
    """moto with one key, and credentials for the server in the file `credentials`."""

    def __init__(self, place):
        port = free_port()
        super().__init__(place, port, PROGRAMS / "moto_server", "-H", "127.0.0.1", "-p", port)
        text = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMIK7MDENGexample\n"
        self.credentials = secret(self.place / "credentials", text)
        self.client = boto3.client(
            "kms",
            endpoint_url=self.address,
            region_name=REGION,
            aws_access_key_id="admin",
            aws_secret_access_key="admin",
        )
        self.arn = self.client.create_key()["KeyMetadata"]["Arn"]

    def flags(self):
        """Flags for the server."""
        return [
            *["--kms-backend", "aws", "--kms-default-key", self.arn, "--kms-aws-region", REGION],
            *["--kms-aws-endpoint", self.address, "--kms-aws-credentials-file", self.credentials],
        ]
