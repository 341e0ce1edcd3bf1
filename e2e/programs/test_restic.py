"""restic as in docs/recipes/restic.md: backups, with every byte read again."""

import json
import shlex

import pytest

from support.programs.program import MIB, Place, names_in
from support.programs.recipe import CONTENT, Recipe

FILES = {"a.txt": 1, "b.log": 0, "dir/c ü.txt": 70_000, "dir/big": 20 * MIB}


@pytest.fixture
def restic(request, server, bucket, tmp_path):
    """Runs restic with the settings of the recipe, or over plain HTTP, on an existing repository."""
    place = Place(tmp_path / "home")
    Recipe("restic", server, bucket).write(place)
    if getattr(request, "param", "https") == "http":
        settings = place / "restic.env"
        settings.write_text(settings.read_text().replace(server.https, server.http))
    (place / "restic.password").write_text("a password")

    def run(*arguments, how=place.run):
        command = ["restic", "--cacert", server.ca_file, *map(str, arguments)]
        return how("bash", "-euc", f". ~/restic.env; exec {shlex.join(command)}")

    run.place = place
    run("init")
    return run


def test_the_recipe(server, s3, bucket_name, tmp_path):
    place = Place(tmp_path / "home")
    printed = Recipe("restic", server, bucket_name).follow(place)
    assert "no errors were found" in printed
    assert CONTENT in place.tree("restored").values()
    assert all(name.startswith("backups/") for name in names_in(s3, bucket_name))


def test_backups_are_created_and_deleted(restic, s3, bucket):
    place = restic.place
    first = {name: place.file(f"files/{name}", size) for name, size in FILES.items()}
    restic("backup", "files")
    second = {**first, "a.txt": place.file("files/a.txt", 2)}
    del second["dir/big"]
    (place / "files/dir/big").unlink()
    restic("backup", "files")
    snapshots = [entry["short_id"] for entry in json.loads(restic("snapshots", "--json"))]
    assert len(snapshots) == 2
    assert b"no errors were found" in restic("check", "--read-data")

    for snapshot, tree in zip(snapshots, [first, second], strict=True):
        restic("restore", snapshot, "--target", snapshot)
        assert place.tree(f"{snapshot}/files") == tree

    before = sum(entry["Size"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"])
    restic("forget", "--keep-last", "1", "--prune", "--max-unused", "0")
    after = sum(entry["Size"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"])
    assert before - after > 19 * MIB, "content of the first backup only is deleted"
    assert b"no errors were found" in restic("check", "--read-data")
    restic("restore", "latest", "--target", "again")
    assert place.tree("again/files") == second


@pytest.mark.parametrize("restic", ["http"], indirect=True)
def test_damage_is_detected(restic, s3, bucket):
    """Shows that the other tests would detect wrong bytes. Over plain HTTP restic signs every chunk."""
    restic.place.file("files/a", 100_000)
    restic("backup", "files")
    assert b"no errors were found" in restic("check", "--read-data")
    packs = s3.list_objects_v2(Bucket=bucket, Prefix="backups/data/")["Contents"]
    pack = max(packs, key=lambda entry: entry["Size"])["Key"]
    content = bytearray(s3.get_object(Bucket=bucket, Key=pack)["Body"].read())
    content[1000] ^= 1
    s3.put_object(Bucket=bucket, Key=pack, Body=bytes(content))
    assert restic("check", "--read-data", how=restic.place.attempt).returncode != 0
