"""curl with its own signatures, as in docs/recipes/curl.md."""

import re
import secrets

import pytest

from support import raw
from support.programs.program import MIB, Place, holds, holds_sealed, names_in, sse_c, version
from support.programs.recipe import CONTENT, Recipe

# The first version of curl that signs x-amz-server-side-encryption-customer-key as AWS requires.
SORTS_HEADERS = (8, 10)
NAMES = ["plain.txt", "dir/with space", "käse/ü+ö", "a=b&c", "percent%25", "(brackets)"]


@pytest.fixture
def recipe(server, bucket):
    return Recipe("curl", server, bucket)


@pytest.fixture
def place(recipe, tmp_path):
    place = Place(tmp_path / "home")
    recipe.write(place)
    return place


@pytest.fixture
def curl(server, place, bucket):
    """Runs curl with the settings of the recipe on the object named."""

    def run(*options, name="", query="", how=place.run):
        path = name.replace("%", "%25").replace(" ", "%20")
        url = f"{server.https}/{bucket}/{path}".rstrip("/") + (f"?{query}" if query else "")
        return how("curl", "-K", place / "strongroom.curl", *options, url)

    return run


def key_file(place, key, name="customer-key.curl"):
    """Writes a customer key in the form that curl reads."""
    (place / name).write_text("".join(f'header = "{field}: {value}"\n' for field, value in raw.sse_c(key).items()))
    return place / name


def test_the_recipe(server, s3, bucket_name, tmp_path):
    recipe = Recipe("curl", server, bucket_name)
    Recipe("aws-cli", server, bucket_name).write(place := Place(tmp_path / "home"))
    printed = recipe.follow(place, recipe.commands[0])
    assert "content-length: 16" in printed and "<Key>plan.txt</Key>" in printed
    assert (place / "copy.txt").read_bytes() == CONTENT
    assert names_in(s3, bucket_name) == []

    (place / "copy.txt").unlink()
    recipe.follow(place, *recipe.commands[1:])
    assert (place / "copy.txt").read_bytes() == CONTENT
    holds_sealed(s3, bucket_name, "plan.txt", CONTENT, (place / "customer.key").read_bytes())


def test_a_customer_key_signed_by_curl(server, s3, bucket, recipe, place):
    """Old versions of curl sort the signed headers wrongly: refused as by AWS."""
    recipe.follow(place, *recipe.commands[:2])
    commands = recipe.named["sse-c"]
    if version(place, "curl", "--version") >= SORTS_HEADERS:
        recipe.follow(place, commands)
        assert (place / "copy.txt").read_bytes() == CONTENT
        holds_sealed(s3, bucket, "plan.txt", CONTENT, (place / "customer.key").read_bytes())
    else:
        done = place.fail("403", "bash", "-euc", commands)
        assert b"<Code>SignatureDoesNotMatch</Code>" in done.stdout
        assert names_in(s3, bucket) == []


@pytest.mark.parametrize(
    "requested", [[], ["-H", "x-amz-server-side-encryption: AES256"]], ids=["default", "requested"]
)
@pytest.mark.parametrize("name", NAMES)
def test_objects_are_read_back(s3, bucket, place, curl, name, requested):
    content = place.file("up", 100_000)
    curl("-T", "up", *requested, name=name)
    assert names_in(s3, bucket) == [name]
    holds(s3, bucket, name, content)
    assert curl(name=name) == content
    head = curl("-I", name=name).decode().lower()
    assert "\ncontent-length: 100000\r\n" in head and "\nx-amz-server-side-encryption: aes256\r\n" in head
    assert curl("-X", "DELETE", "-w", "%{http_code}", name=name) == b"204"
    assert "404" in curl("-I", "-w", "%{http_code}", name=name, how=place.attempt).stdout.decode()
    assert names_in(s3, bucket) == []


def test_a_large_file_in_ranges(s3, bucket, place, curl):
    content = place.file("up", 20 * MIB + 7)
    curl("-T", "up", name="big")
    curl("-o", "down", name="big")
    assert (place / "down").read_bytes() == content
    assert curl("-r", "1000-5000999", name="big") == content[1000:5_001_000]
    (place / "down").write_bytes(content[: 7 * MIB])
    curl("-C", "-", "-o", "down", name="big")
    assert (place / "down").read_bytes() == content, "an interrupted download is resumed"


def test_a_stream_of_unknown_length_is_refused_as_by_aws(s3, bucket, place, curl):
    """S3 requires the length of an object; curl sends standard input in HTTP chunks."""
    done = curl("-T", "-", name="stream", how=lambda *command: place.attempt(*command, stdin=b"data"))
    assert done.returncode != 0 and b"<Code>NotImplemented</Code>" in done.stdout
    assert names_in(s3, bucket) == []


def test_listings(s3, bucket, curl):
    for name in ["a", "b/c", "b/d"]:
        s3.put_object(Bucket=bucket, Key=name)
    listed = curl(query="delimiter=%2F&list-type=2&max-keys=10").decode()
    assert re.findall(r"<(?:Key|Prefix)>([^<]+)<", listed) == ["a", "b/"]


def test_wrong_credentials(server, s3, bucket, place, curl):
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    done = curl("-u", f"{server.access_key}:{'x' * 40}", name="k", how=place.attempt)
    assert done.returncode == 22 and b"SignatureDoesNotMatch" in done.stdout and b"data" not in done.stdout


def test_a_server_with_an_unknown_certificate(server, bucket, tmp_path):
    """Without the CA file there is no connection, so the other tests do check the certificate."""
    place = Place(tmp_path / "home")
    assert place.attempt("curl", "-s", f"{server.https}/{bucket}").returncode == 60


def test_presigned_urls_with_a_customer_key(server, s3, bucket, place, customer_key):
    content = place.file("up", 300_000)
    other = secrets.token_bytes(32)
    at = {"Bucket": bucket, "Key": "k"}
    ours, wrong = key_file(place, customer_key), key_file(place, other, "other.curl")

    def curl(method, *options, key=customer_key):
        url = s3.generate_presigned_url(method, Params={**at, **(sse_c(key) if key else {})}, ExpiresIn=60)
        return place.attempt("curl", "-s", "--cacert", server.ca_file, "--fail-with-body", *options, url)

    assert curl("put_object", "-K", ours, "-T", "up").returncode == 0
    assert curl("get_object", "-K", ours).stdout == content
    assert b"content-length: 300000" in curl("head_object", "-K", ours, "-I").stdout
    holds_sealed(s3, bucket, "k", content, customer_key)
    for done, code in [
        (curl("get_object", key=None), b"InvalidRequest"),
        (curl("get_object", "-K", wrong, key=other), b"AccessDenied"),
        (curl("get_object", "-K", wrong), b"SignatureDoesNotMatch"),
        (curl("get_object"), b"SignatureDoesNotMatch"),
    ]:
        assert done.returncode == 22 and b"<Code>%b</Code>" % code in done.stdout, done
        assert content[:20] not in done.stdout
    assert curl("head_object", "-I", key=None).returncode == 22
