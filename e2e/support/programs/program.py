"""A program of somebody else, run as a person runs it."""

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
    """A directory that is a person's home and where their programs run, with nothing else of this machine's settings.

    Programs look for certificate authorities, proxies and credentials in many variables: none is handed on.
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
        """A new file of random bytes; returns the bytes.

        It is a minute old: files written in the second in which they are uploaded are newer than their objects, whose
        times have no fractions, and are uploaded again by programs that compare times.
        """
        content = secrets.token_bytes(size)
        (self / name).parent.mkdir(parents=True, exist_ok=True)
        (self / name).write_bytes(content)
        os.utime(self / name, (time.time() - 60,) * 2)
        return content

    def tree(self, name):
        """All files below a directory: their names and bytes."""
        top = self / name
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def attempt(self, *command, stdin=None, **variables):
        """Runs a command to its end, however it ends."""
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
        """Runs a command that must succeed; returns the bytes that it prints."""
        done = self.attempt(*command, **more)
        assert done.returncode == 0, told(done)
        return done.stdout

    def fail(self, text, *command, **more):
        """Runs a command that must fail and say `text`."""
        done = self.attempt(*command, **more)
        assert done.returncode != 0 and text in told(done), told(done)
        return done


def told(done):
    """What a program that has ended said."""
    return f"{done.args} ended with {done.returncode}\n{done.stderr.decode()}\n{done.stdout[-2000:].decode(errors='replace')}"


def version(place, *command):
    """The version that a program tells, as numbers."""
    words = place.run(*command).decode().split()
    number = next(word for word in words if word[:1].isdigit() and "." in word)
    return tuple(int(part) for part in number.split("-")[0].split("+")[0].split(".") if part.isdigit())


def sse_c(key):
    """A customer's key as boto3 takes it."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def holds(s3, bucket, name, content, **more):
    """Asserts that an object has these bytes and is sealed with a key of the store's; returns its head."""
    got = s3.get_object(Bucket=bucket, Key=name, **more)
    assert got["Body"].read() == content
    assert got["ServerSideEncryption"] == "AES256" and "SSECustomerAlgorithm" not in got
    return got


def holds_sealed(s3, bucket, name, content, key, **more):
    """Asserts that an object has these bytes for who has the customer's key, and for nobody else; returns its head."""
    got = s3.get_object(Bucket=bucket, Key=name, **sse_c(key), **more)
    assert got["Body"].read() == content
    assert got["SSECustomerAlgorithm"] == "AES256" and "ServerSideEncryption" not in got
    for given, status in [({}, 400), (sse_c(secrets.token_bytes(32)), 403)]:
        with pytest.raises(ClientError) as error:
            s3.get_object(Bucket=bucket, Key=name, **given, **more)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    return got


def names_in(s3, bucket, prefix=""):
    """The keys of all objects in a bucket."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]
