"""The user guide that Strongroom was made for, command by command, with the real AWS CLI over HTTPS.

The commands are written here as in the guide; only bucket, file, profile and endpoint are filled in.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import BINARY, environment

KEY = "23832BAC16516152E560F933F261BF03"
KEY_MD5 = "rjGuMdjLpPV1eRuotNaPMQ=="
CONTENT = b"The meta information can be viewed in step 3.\r\n"
PROFILE = "plusserver"

MAKE_KEY = "openssl enc -aes-128-cbc -pass pass:secret -P"
PUT_SSE_C = (
    'aws s3api put-object --bucket <bucket> --key <file> --body "file" --sse-customer-algorithm AES256 '
    "--sse-customer-key 23832BAC16516152E560F933F261BF03 --endpoint-url https://s3.example.com --profile <profile>"
)
HEAD_SSE_C = (
    "aws s3api head-object --bucket <bucket> --key <file> --sse-customer-algorithm AES256 "
    "--sse-customer-key 23832BAC16516152E560F933F261BF03 --endpoint-url https://s3.example.com --profile <profile>"
)
GET_SSE_C = (
    "aws s3api get-object --bucket <bucket> --key <file> <file> --sse-customer-algorithm AES256 "
    "--sse-customer-key 23832BAC16516152E560F933F261BF03 --endpoint-url https://s3.example.com --profile <profile>"
)
PUT_SSE = (
    'aws s3api put-object --bucket testbucket --key testfile --body "testfile" --server-side-encryption AES256 '
    "--endpoint-url https://de-2.s3.psmanaged.com --profile plusserver"
)
HEAD_SSE = (
    "aws s3api head-object --bucket testbucket --key testfile "
    "--endpoint-url https://de-2.s3.psmanaged.com --profile plusserver"
)


class Shell:
    """A directory with files, and an AWS CLI profile created as the banner says."""

    def __init__(self, server, place, bucket):
        self.server, self.place, self.bucket = server, Path(place), bucket
        self.variables = environment(
            HOME=str(place),
            AWS_CONFIG_FILE=str(place / "config"),
            AWS_SHARED_CREDENTIALS_FILE=str(place / "credentials"),
            AWS_EC2_METADATA_DISABLED="true",
            PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        )
        (self.place / "file").write_bytes(CONTENT)
        (self.place / "testfile").write_bytes(CONTENT)
        for setting, value in [
            ("aws_access_key_id", server.access_key),
            ("aws_secret_access_key", server.secret),
            ("region", "us-east-1"),
            ("ca_bundle", server.ca_file),
            # The defaults of version 2 of the CLI, which the guide uses.
            ("cli_timestamp_format", "iso8601"),
        ]:
            assert self.run(f"aws configure set {setting} {value} --profile {PROFILE}").returncode == 0

    def run(self, command):
        return subprocess.run(command, shell=True, cwd=self.place, env=self.variables, capture_output=True, timeout=120)

    def guide(self, command, key=KEY, file="file"):
        """Runs a command of the guide with its placeholders filled in."""
        filled = (
            command.replace("<bucket>", self.bucket)
            .replace("--bucket testbucket", f"--bucket {self.bucket}")
            .replace("<file>", file)
            .replace("<profile>", PROFILE)
            .replace(KEY, key)
        )
        return self.run(re.sub(r"https://[a-z0-9.-]+", self.server.https, filled))

    def succeeds(self, command, **more):
        """Runs a command of the guide that must succeed, and returns the JSON that it prints."""
        done = self.guide(command, **more)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def fails(self, command, text, **more):
        """Runs a command of the guide that must fail with `text` in its error."""
        done = self.guide(command, **more)
        assert done.returncode != 0 and text in done.stderr.decode(), done


@pytest.fixture
def shell(server, bucket, tmp_path):
    return Shell(server, tmp_path, bucket)


def without(command, *options):
    """Returns the command without an option and its value."""
    for option in options:
        command, count = re.subn(rf" {option} \S+", "", command)
        assert count == 1
    return command


def without_key(command):
    return without(command, "--sse-customer-algorithm", "--sse-customer-key")


def banner_lines(server):
    """Returns the commands of the banner that write a profile, and the last one, which lists the buckets."""
    lines = re.findall(r"^  (aws .*)$", server.banner, re.M)
    return lines[:-1], lines[-1]


def test_the_banner_shows_how_to_reach_the_server(server, shell):
    profile, listing = banner_lines(server)
    assert len(profile) == 6 and listing == "aws s3 ls --profile strongroom"
    done = shell.run("\n".join(["set -e", *profile, listing]))
    assert done.returncode == 0, done.stderr.decode()
    assert shell.bucket in done.stdout.decode()
    # Version 4, although the client is version 1: the server refuses version 2.
    done = shell.run(f"aws s3 presign s3://{shell.bucket}/k --profile strongroom")
    assert b"X-Amz-Algorithm=AWS4-HMAC-SHA256" in done.stdout, done
    # Other profiles and programs are not affected.
    assert "export " not in server.banner
    assert server.https not in shell.run(f"aws configure get endpoint_url --profile {PROFILE}").stdout.decode()


def readme_commands():
    """Returns the blocks of shell commands of the README's first section."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    section = readme.split("## Start it\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.M | re.S)


def test_the_readme_starts_the_server_with_one_command():
    start = readme_commands()[0]
    assert start == "cargo run --release --locked -- serve\n"


def test_the_readme_writes_the_profile_of_the_banner(server):
    names = [re.findall(r"aws configure set (\S+)", text) for text in (readme_commands()[1], server.banner)]
    assert names[0] == names[1]


@pytest.mark.parametrize("program", ["bash", "zsh"])
def test_the_walkthrough_of_the_readme(server, shell, bucket_name, program):
    """The commands create all files that they use, and work in shells that do not split variables."""
    walkthrough = "".join(readme_commands()[2:])
    assert walkthrough.count("aws s3api ") >= 6
    commands = re.sub(r"\bvault\b", bucket_name, walkthrough.replace("target/release/strongroom", BINARY))
    for name in ["file", "testfile"]:
        (shell.place / name).unlink()
    lines = ["set -eu", *banner_lines(server)[0], commands]
    done = subprocess.run(
        [program, "-c", "\n".join(lines)], cwd=shell.place, env=shell.variables, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    assert (shell.place / "copy.txt").read_bytes() == (shell.place / "plan.txt").read_bytes() != b""
    assert '"ServerSideEncryption": "AES256"' in done.stdout.decode()


def test_sse_c_with_the_guides_own_key(shell):
    put = shell.succeeds(PUT_SSE_C)
    assert put["SSECustomerAlgorithm"] == "AES256"
    assert put["SSECustomerKeyMD5"] == KEY_MD5
    assert "ServerSideEncryption" not in put

    head = shell.succeeds(HEAD_SSE_C)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", head.pop("LastModified"))
    assert re.fullmatch(r'"[0-9a-f]{32}"', head["ETag"])
    assert head.pop("ETag") == put["ETag"]
    assert head == {
        "AcceptRanges": "bytes",
        "ContentLength": 47,
        "ContentType": "binary/octet-stream",
        "Metadata": {},
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKeyMD5": KEY_MD5,
    }

    (shell.place / "file").unlink()
    get = shell.succeeds(GET_SSE_C)
    assert (shell.place / "file").read_bytes() == CONTENT
    assert get["ContentLength"] == 47 and get["ETag"] == put["ETag"]
    assert get["SSECustomerKeyMD5"] == KEY_MD5 and get["Metadata"] == {}
    assert put["ETag"].strip('"') != hashlib.md5(CONTENT).hexdigest()


def test_sse_c_with_a_key_generated_as_in_the_guide(shell):
    made = shell.run(MAKE_KEY)
    assert made.returncode == 0, made.stderr.decode()
    key = re.search(r"^key=([0-9A-F]{32})$", made.stdout.decode(), re.M)[1]
    put = shell.succeeds(PUT_SSE_C, key=key)
    assert put["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(key.encode()).digest()).decode()
    shell.succeeds(HEAD_SSE_C, key=key)
    (shell.place / "file").unlink()
    shell.succeeds(GET_SSE_C, key=key)
    assert (shell.place / "file").read_bytes() == CONTENT
    shell.fails(GET_SSE_C, "(AccessDenied)", key=KEY)


def test_without_the_key_head_says_404_and_get_says_400(shell):
    shell.succeeds(PUT_SSE_C)
    shell.fails(without_key(HEAD_SSE_C), "An error occurred (404) when calling the HeadObject operation: Not Found")
    shell.fails(
        without_key(GET_SSE_C),
        "An error occurred (InvalidRequest) when calling the GetObject operation: The object was stored using a form "
        "of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
    )
    assert (shell.place / "file").read_bytes() == CONTENT, "a refused download must not change the file"


def test_a_wrong_key_is_denied(shell):
    shell.succeeds(PUT_SSE_C)
    wrong = KEY.replace("2", "3")
    shell.fails(
        GET_SSE_C,
        "An error occurred (AccessDenied) when calling the GetObject operation: Requests specifying Server Side "
        "Encryption with Customer provided keys must provide the correct secret key.",
        key=wrong,
    )
    shell.fails(HEAD_SSE_C, "An error occurred (403) when calling the HeadObject operation: Forbidden", key=wrong)


@pytest.mark.parametrize("how", ["flag", "variable", "file"])
def test_head_without_the_key_returns_400_if_configured(start_server, tmp_path, how):
    settings = tmp_path / "settings.toml"
    settings.write_text("[sse_c]\nhead_without_key = 400\n")
    server = start_server(
        *{"flag": ["--sse-c-head-without-key", "400"], "file": ["--config", settings]}.get(how, []),
        **({"STRONGROOM_SSE_C_HEAD_WITHOUT_KEY": "400"} if how == "variable" else {}),
    )
    server.s3().create_bucket(Bucket="testbucket")
    shell = Shell(server, tmp_path, "testbucket")
    shell.succeeds(PUT_SSE_C)
    shell.fails(without_key(HEAD_SSE_C), "An error occurred (400) when calling the HeadObject operation: Bad Request")
    shell.fails(without_key(GET_SSE_C), "An error occurred (InvalidRequest) when calling the GetObject operation")
    shell.succeeds(HEAD_SSE_C)


def test_sse(shell):
    put = shell.succeeds(PUT_SSE)
    assert put["ServerSideEncryption"] == "AES256"
    assert put["ETag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    head = shell.guide(HEAD_SSE)
    assert head.returncode == 0, head.stderr.decode()
    assert '"ServerSideEncryption": "AES256"' in head.stdout.decode()
    assert json.loads(head.stdout)["ContentLength"] == 47
    shell.succeeds(
        f"aws s3api get-object --bucket <bucket> --key testfile back --endpoint-url https://x --profile {PROFILE}"
    )
    assert (shell.place / "back").read_bytes() == CONTENT


def test_a_raw_key_from_a_file(shell):
    key = secrets.token_bytes(32)
    (shell.place / "customer.key").write_bytes(key)
    put = shell.succeeds(PUT_SSE_C, key="fileb://customer.key")
    assert put["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(key).digest()).decode()
    shell.succeeds(HEAD_SSE_C, key="fileb://customer.key")
    (shell.place / "file").unlink()
    shell.succeeds(GET_SSE_C, key="fileb://customer.key")
    assert (shell.place / "file").read_bytes() == CONTENT


def test_the_high_level_commands(shell):
    """`aws s3 cp` and similar commands, which send the same requests."""
    at = f"--endpoint-url {shell.server.https} --profile {PROFILE}"
    key = "--sse-c AES256 --sse-c-key " + KEY
    url = f"s3://{shell.bucket}"
    for command in [
        f"aws s3 cp file {url}/dir/plain {at}",
        f"aws s3 cp file {url}/dir/sealed {key} {at}",
        f"aws s3 cp {url}/dir/plain plain {at}",
        f"aws s3 cp {url}/dir/sealed sealed {key} {at}",
        f"aws s3 ls {url}/dir/ {at}",
        f"aws s3 presign {url}/dir/plain {at}",
        f"aws s3 rm --recursive {url} {at}",
        f"aws s3 rb {url} {at}",
    ]:
        done = shell.run(command)
        assert done.returncode == 0, (command, done.stderr.decode())
        if " ls " in command:
            assert re.search(r" 47 plain\n.* 47 sealed\n", done.stdout.decode())
    assert (shell.place / "plain").read_bytes() == (shell.place / "sealed").read_bytes() == CONTENT
