"""Reading and following the recipes in docs/recipes.

A block can have a name after its language. A name that begins with ~/ is the path of a file whose content is the block.
A block of shell commands without a name is run when the recipe is followed; one with a name when a test requests it.
The placeholders for address, credentials and so on are described in docs/recipes/README.md.
"""

import re
from pathlib import Path

RECIPES = Path(__file__).resolve().parents[3] / "docs" / "recipes"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
CONTENT = b"Attack at dawn.\n"


class Recipe:
    """The recipe for one program, with a server's address and a bucket filled in."""

    def __init__(self, name, server, bucket):
        means = {
            "localhost:9443": f"localhost:{server.https_port}",
            "localhost:9000": f"127.0.0.1:{server.http_port}",
            "ACCESS_KEY": server.access_key,
            "SECRET_KEY": server.secret,
            "/path/to/ca.pem": server.ca_file,
            "vault": bucket,
        }
        stands = "|".join(map(re.escape, means))
        text = re.sub(rf"(?<!\w)({stands})(?!\w)", lambda found: means[found[0]], (RECIPES / f"{name}.md").read_text())
        self.files, self.commands, self.named = {}, [], {}
        for language, name, body in BLOCK.findall(text):
            if name.startswith("~/"):
                self.files[name.removeprefix("~/")] = body
            elif name:
                self.named[name] = body
            elif language == "sh":
                self.commands.append(body)

    def write(self, place):
        """Writes the files of the recipe to their paths."""
        for name, body in self.files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
            path.chmod(0o600)

    def follow(self, place, *commands):
        """Writes the files and runs the given commands, by default all of the recipe; returns their output.

        The file plan.txt with [CONTENT] exists for them.
        """
        self.write(place)
        (place / "plan.txt").write_bytes(CONTENT)
        commands = commands or self.commands
        assert commands
        return place.run("bash", "-euo", "pipefail", "-c", "".join(commands)).decode()
