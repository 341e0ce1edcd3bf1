"""The AWS CLI, set up as in docs/recipes/aws-cli.md."""

import json

from support.programs.program import Place
from support.programs.recipe import Recipe


class Aws:
    """Runs `aws` with the profile of the recipe, in a separate directory."""

    def __init__(self, server, bucket, path, settings=""):
        self.place = Place(path, AWS_PROFILE="strongroom")
        Recipe("aws-cli", server, bucket).write(self.place)
        self.bucket = bucket
        self.url = f"s3://{bucket}"
        config = self.place / ".aws/config"
        # The last section of the recipe's file is for S3.
        config.write_text(config.read_text() + settings)

    def s3(self, *arguments, **more):
        """Runs `aws s3` with these arguments and returns its output."""
        return self.place.run("aws", "s3", *arguments, **more).decode()

    def api(self, operation, *arguments, **more):
        """Runs `aws s3api` on the bucket and returns the response."""
        printed = self.place.run("aws", "s3api", operation, "--bucket", self.bucket, *arguments, **more)
        return json.loads(printed) if printed.strip() else {}

    def fails(self, text, *arguments, **more):
        """Runs `aws` with these arguments, which must fail with `text` in its error."""
        return self.place.fail(text, "aws", *arguments, **more)

    def key(self, name, key):
        """Writes a customer key to a file and returns the options of `aws s3` for it."""
        return ["--sse-c", "AES256", "--sse-c-key", self._file(name, key)]

    def source_key(self, name, key):
        """Like `key`, for the source of a copy."""
        return ["--sse-c-copy-source", "AES256", "--sse-c-copy-source-key", self._file(name, key)]

    def api_key(self, name, key):
        """Like `key`, for `aws s3api`."""
        return ["--sse-customer-algorithm", "AES256", "--sse-customer-key", self._file(name, key)]

    def _file(self, name, key):
        (self.place / name).write_bytes(key)
        return f"fileb://{name}"
