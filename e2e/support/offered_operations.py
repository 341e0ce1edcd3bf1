"""The operations and sub-resources of the server, read from the lists in its source."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "crates" / "s3" / "src"


def flat(name):
    """Returns the name of an operation in a form that is equal for `get_object` and `GetObject`."""
    return name.replace("_", "").lower()


def rows():
    """Returns the rows of the table that are offered: name, method, level, sub-resource (empty: none)."""
    text = (SOURCE / "request" / "operation.rs").read_text()
    row = r'^    (\w+): (\w+) (Service|Bucket|Object)(?: "([\w-]+)")?\s*=> \[[^]]*\] \[[^]]*\]([ \w]*)(?:, [^;]+)?;$'
    found = re.findall(row, text, re.M)
    assert len(found) == len(re.findall(r"^    \w+: [A-Z]+ \w+", text, re.M)) > 100, (
        "the table of operations has another form now"
    )
    return [tuple(columns) for *columns, properties in found if "not_implemented" not in properties.split()]


def operations():
    """Returns the operations by flat names."""
    return {flat(name) for name, *_ in rows()}


def sub_resources():
    """Returns the sub-resources: level (`Bucket` or `Object`), name, method."""
    return {(level, name, method) for _, method, level, name in rows() if name}
