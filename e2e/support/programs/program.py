"""A third-party program, run as a user runs it."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from support.server import BINARY

LIMIT = 120
MIB = 1 << 20


class Place:
    """The home directory of a user and working directory of programs, without other settings of this machine.

    Programs read certificate authorities, proxies and credentials from many variables: none is passed on.
    """

    def __init__(self, path, **variables):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        programs = self.path / ".programs"
        programs.mkdir(exist_ok=True)
        (programs / "strongroom").symlink_to(Path(BINARY).resolve())
        self.variables = {
            "HOME": str(self.path),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
            **variables,
        }

    def __truediv__(self, name):
        return self.path / name

    def file(self, name, size):
        """Writes a new file of random bytes and returns the bytes.

        Its time is a minute ago: a file written in the second of its upload is newer than its object, whose time has no
        fraction, and programs that compare times upload it again.
        """
        content = secrets.token_bytes(size)
        (self / name).parent.mkdir(parents=True, exist_ok=True)
        (self / name).write_bytes(content)
        os.utime(self / name, (time.time() - 60,) * 2)
        return content

    def tree(self, name):
        """Returns the names and bytes of all files below a directory."""
        top = self / name
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def attempt(self, *command, stdin=None, **variables):
        """Runs a command to its end, whatever its exit code."""
        path = shutil.which(command[0], path=self.variables["PATH"])
        assert path, f"{command[0]} is missing: ./test e2e installs it, or says what to install"
        return subprocess.run(
            [path, *map(str, command[1:])],
            cwd=self.path,
            env={**self.variables, **variables},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=LIMIT,
        )

    def run(self, *command, **more):
        """Runs a command that must succeed, and returns its output in bytes."""
        done = self.attempt(*command, **more)
        assert done.returncode == 0, output_of(done)
        return done.stdout

    def fail(self, text, *command, **more):
        """Runs a command that must fail with `text` in its output."""
        done = self.attempt(*command, **more)
        assert done.returncode != 0 and text in output_of(done), output_of(done)
        return done


def output_of(done):
    """Returns the output of a finished program."""
    return f"{done.args} ended with {done.returncode}\n{done.stderr.decode()}\n{done.stdout[-8000:].decode(errors='replace')}"


def version(place, *command):
    """Returns the version of a program as numbers."""
    words = place.run(*command).decode().split()
    number = next(word for word in words if word[:1].isdigit() and "." in word)
    return tuple(int(part) for part in number.split("-")[0].split("+")[0].split(".") if part.isdigit())


def sse_c(key):
    """Returns the arguments of boto3 for a customer key."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def holds(s3, bucket, name, content, **more):
    """Asserts that an object has these bytes and is encrypted with a key of the store; returns its head."""
    got = s3.get_object(Bucket=bucket, Key=name, **more)
    assert got["Body"].read() == content
    assert got["ServerSideEncryption"] == "AES256" and "SSECustomerAlgorithm" not in got
    return got


def holds_sealed(s3, bucket, name, content, key, **more):
    """Asserts that an object has these bytes and can be read with the customer key only; returns its head."""
    got = s3.get_object(Bucket=bucket, Key=name, **sse_c(key), **more)
    assert got["Body"].read() == content
    assert got["SSECustomerAlgorithm"] == "AES256" and "ServerSideEncryption" not in got
    for given, status in [({}, 400), (sse_c(secrets.token_bytes(32)), 403)]:
        with pytest.raises(ClientError) as error:
            s3.get_object(Bucket=bucket, Key=name, **given, **more)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    return got


def names_in(s3, bucket, prefix=""):
    """Returns the keys of all objects in a bucket."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]
