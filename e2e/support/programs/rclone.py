"""rclone, set up as in docs/recipes/rclone.md."""

from support.programs.program import Place
from support.programs.recipe import Recipe


class Rclone:
    """Runs rclone with the remote of the recipe, in a separate directory."""

    def __init__(self, server, bucket, path):
        self.place = Place(path, RCLONE_CA_CERT=server.ca_file)
        Recipe("rclone", server, bucket).write(self.place)
        self.config = self.place / ".config/rclone/rclone.conf"
        self.bucket = bucket

    def remote(self, name, **settings):
        """Configures a remote like the recipe's with more settings; returns the prefix of paths in the bucket."""
        own = self.config.read_text().split("\n\n")[0].replace("[strongroom]", f"[{name}]")
        own += "".join(f"\n{setting} = {value}" for setting, value in settings.items())
        self.config.write_text(self.config.read_text() + "\n\n" + own + "\n")
        return f"{name}:{self.bucket}"

    def __call__(self, *arguments, **more):
        return self.place.run("rclone", *arguments, **more)

    def fails(self, text, *arguments):
        """Runs rclone without retries, which must fail with `text` in its output."""
        return self.place.fail(text, "rclone", "--retries", "1", "--low-level-retries", "1", *arguments)
