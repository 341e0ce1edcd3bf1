"""The AWS CLI, set up as in docs/recipes/aws-cli.md."""

import json

from support.programs.program import Place
from support.programs.recipe import Recipe


class Aws:
    """Runs `aws` with the recipe's profile, in a directory of its own."""

    def __init__(self, server, bucket, path, settings=""):
        self.place = Place(path, AWS_PROFILE="strongroom")
        Recipe("aws-cli", server, bucket).write(self.place)
        self.bucket = bucket
        self.url = f"s3://{bucket}"
        config = self.place / ".aws/config"
        # The last section of the recipe's file is the one for S3.
        config.write_text(config.read_text() + settings)

    def s3(self, *arguments, **more):
        """`aws s3` with these arguments; returns what it prints."""
        return self.place.run("aws", "s3", *arguments, **more).decode()

    def api(self, operation, *arguments, **more):
        """`aws s3api` on the bucket; returns the answer."""
        printed = self.place.run("aws", "s3api", operation, "--bucket", self.bucket, *arguments, **more)
        return json.loads(printed) if printed.strip() else {}

    def fails(self, text, *arguments, **more):
        """`aws` with these arguments, which must fail and say `text`."""
        return self.place.fail(text, "aws", *arguments, **more)

    def key(self, name, key):
        """The options of `aws s3` for a customer's key, which is written to a file."""
        return ["--sse-c", "AES256", "--sse-c-key", self._file(name, key)]

    def source_key(self, name, key):
        """The same for the source of a copy."""
        return ["--sse-c-copy-source", "AES256", "--sse-c-copy-source-key", self._file(name, key)]

    def api_key(self, name, key):
        """The same for `aws s3api`."""
        return ["--sse-customer-algorithm", "AES256", "--sse-customer-key", self._file(name, key)]

    def _file(self, name, key):
        (self.place / name).write_bytes(key)
        return f"fileb://{name}"
