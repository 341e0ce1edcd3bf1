"""The operations and sub-resources of the server, read from the lists in its source."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "crates" / "s3" / "src"


def flat(name):
    """Returns the name of an operation in a form that is equal for `get_object` and `GetObject`."""
    return name.replace("_", "").lower()


def operations():
    """Returns the operations by flat names."""
    text = (SOURCE / "ops.rs").read_text()
    names = re.findall(r"^\s+(\w+)\(\w+Input\)\s*->\s*\w+Output\b", text, re.M)
    assert len(names) > 30 and "put_object" in names, "the list of operations has another form now"
    # Forms are converted to the PUT that is in the list.
    assert (SOURCE / "form.rs").exists(), "forms are handled elsewhere now"
    # Operations unknown to s3s have separate routes.
    own = re.findall(r'const OPERATION: &str = "(\w+)"', "".join(p.read_text() for p in (SOURCE / "ops").glob("*.rs")))
    assert own == ["UpdateObjectEncryption"], "operations with separate routes have another form now"
    return {flat(name) for name in [*names, *own]} | {"postobject"}


def sub_resources():
    """Returns the sub-resources: level (`Bucket` or `Object`), name, method."""
    text = (SOURCE / "fence" / "sub_resource.rs").read_text()
    text = text[text.index("const OFFERED") : text.index("const OF_VERSIONS")]
    rows = re.findall(r'\(Method::(\w+), Level::(\w+), "([\w-]+)"\)', text)
    found = {(level, name, method) for method, level, name in rows}
    for level, name, methods in re.findall(r'\((Bucket|Object),\s*"([\w-]+)",\s*&\[([^]]*)\]\)', text):
        found |= {(level, name, method) for method in re.findall(r"M::(\w+)", methods)}
    assert ("Bucket", "versions", "GET") in found, "the list of sub-resources has another form now"
    return found
