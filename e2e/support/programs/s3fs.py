"""s3fs, set up as in docs/recipes/s3fs.md: mounts that end with their test."""

import contextlib
import os
import subprocess

import pytest

from support.programs.program import Place
from support.programs.recipe import Recipe
from support.raw import wait_until

# Errors of s3fs on machines that do not allow mounts.
NOT_ALLOWED = ("Operation not permitted", "Permission denied", "device not found", "failed to open /dev/fuse")


def need_fuse():
    """Skips the test if programs cannot mount file systems."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        pytest.skip(f"nothing can be mounted here: /dev/fuse: {error.strerror}")


class S3fs:
    """Mounts a bucket in a separate directory."""

    def __init__(self, server, bucket, path):
        need_fuse()
        self.place = Place(path, CURL_CA_BUNDLE=server.ca_file)
        Recipe("s3fs", server, bucket).write(self.place)
        self.bucket = bucket
        self.options = f"url={server.https},use_path_request_style"

    @contextlib.contextmanager
    def mounted(self, *options):
        """Mounts the bucket with these options and yields the directory."""
        directory = self.place / "mnt"
        directory.mkdir(exist_ok=True)
        log = self.place / "s3fs.log"
        command = ["s3fs", self.bucket, directory, "-f", "-o", ",".join([self.options, *options])]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=self.place.path, env=self.place.variables, stdout=output, stderr=output
            )
        try:
            wait_until(lambda: os.path.ismount(directory) or process.poll() is not None)
            if not os.path.ismount(directory):
                said = log.read_text()
                if "mount" in said and any(words in said for words in NOT_ALLOWED):
                    pytest.skip(f"nothing can be mounted here: {said}")
                raise AssertionError(said)
            yield directory
        finally:
            unmount(directory)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def unmount(directory):
    """Ends a mount in any state."""
    if os.path.ismount(directory):
        subprocess.run(["fusermount", "-u", "-z", directory], check=True, timeout=60)
