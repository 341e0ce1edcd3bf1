"""s3cmd, set up as in docs/recipes/s3cmd.md."""

from support.programs.program import Place
from support.programs.recipe import Recipe


class S3cmd:
    """Runs s3cmd with the settings of the recipe, in a separate directory."""

    def __init__(self, server, bucket, path):
        self.place = Place(path)
        Recipe("s3cmd", server, bucket).write(self.place)
        self.url = f"s3://{bucket}"

    def __call__(self, *arguments, **more):
        return self.place.run("s3cmd", "--no-progress", *arguments, **more).decode()

    def fails(self, text, *arguments):
        """Runs s3cmd, which must fail with `text` in its output."""
        return self.place.fail(text, "s3cmd", *arguments)
