"""The root key of the keyring, wrapped by a PKCS#11 token or a key management service."""

import json
import os
import subprocess

import pytest

from support.key_services import OpenBao, secret
from support.raw import path_of, send
from support.server import run

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
CONTENT = b"the content" * 20_000


def tool(*arguments, **variables):
    done = subprocess.run(
        list(map(str, arguments)), env={**os.environ, **variables}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def token(tmp_path):
    """The flags that name a key in a token, and the variable by which SoftHSM finds its tokens."""
    place = tmp_path / "token"
    (place / "tokens").mkdir(parents=True)
    configuration = place / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {place / 'tokens'}\nlog.level = ERROR\n")
    variables = {"SOFTHSM2_CONF": str(configuration)}
    init = ["softhsm2-util", "--init-token", "--free", "--label", "strongroom", "--so-pin", "5678", "--pin", "1234"]
    tool(*init, **variables)
    login = ["pkcs11-tool", "--module", MODULE, "--login", "--pin", "1234", "--token-label", "strongroom"]
    tool(*login, "--keygen", "--key-type", "AES:32", "--label", "root", **variables)
    values = {"module": MODULE, "key": "root", "pin-file": secret(place / "pin", "1234\n")}
    return values, variables


def flags_of(values, name):
    flags = [[f"--{name}-pkcs11-{flag}", value] for flag, value in values.items()]
    return [f"--{name}-source", "pkcs11", *[str(part) for flag in flags for part in flag]]


def has_content(server):
    return send(server, "GET", path_of("bucket", "k")).body == CONTENT


def test_a_token(start_server, token):
    values, variables = token
    flags = flags_of(values, "root")
    server = start_server(*flags, **variables)
    server.s3().create_bucket(Bucket="bucket")
    assert send(server, "PUT", path_of("bucket", "k"), body=CONTENT).status == 200
    assert not (server.data_dir / "root.key").exists()
    server.stop()
    server.start()
    assert has_content(server)
    place = ["--data-dir", server.data_dir]
    listed = run("keys", "list", "--json", *place, *flags, cwd=server.place, **variables)
    reported = json.loads(listed.stdout)
    assert reported["root"]["kind"] == "pkcs11" and [master["state"] for master in reported["master"]] == ["current"]
    assert b"1234" not in (server.place / "stderr-1").read_bytes() + listed.stdout + listed.stderr

    # Without the token nothing opens, and the error names the cause.
    server.stop()
    gone = run("keys", "list", *place, *flags, cwd=server.place)
    assert gone.returncode == 1 and b"PKCS#11" in gone.stderr, gone
    wrong = secret(server.place / "wrong", "0000")
    other = run("keys", "list", *place, *flags_of({**values, "pin-file": wrong}, "root"), cwd=server.place, **variables)
    assert other.returncode == 1 and b"rejects the PIN" in other.stderr, other


def test_resealing_to_a_token_and_back(start_server, token):
    values, variables = token
    server = start_server(**variables)
    server.s3().create_bucket(Bucket="bucket")
    assert send(server, "PUT", path_of("bucket", "k"), body=CONTENT).status == 200
    server.stop()
    place = ["--data-dir", server.data_dir]
    to = run("keys", "reseal", *place, *flags_of(values, "to"), cwd=server.place, **variables)
    assert to.returncode == 0, to.stderr
    assert b'source = "pkcs11"' in to.stdout and b'pkcs11_key = "root"' in to.stdout
    (server.data_dir / "root.key").unlink()
    server.flags = flags_of(values, "root")
    server.start()
    assert has_content(server)
    server.stop()
    back = run(*["keys", "reseal", *place, *server.flags, "--to-source", "file"], cwd=server.place, **variables)
    assert back.returncode == 0, back.stderr
    server.flags = []
    server.start()
    assert has_content(server)


def test_a_service(start_server, tmp_path):
    bao = OpenBao(tmp_path / "bao")
    try:
        bao.run("write", "-f", "transit/keys/s3-root")
        flags = [*bao.flags(), "--root-source", "kms", "--root-kms-key", "s3-root"]
        server = start_server(*flags)
        server.s3().create_bucket(Bucket="bucket")
        assert send(server, "PUT", path_of("bucket", "k"), body=CONTENT).status == 200
        assert not (server.data_dir / "root.key").exists()
        server.stop()
        server.start()
        assert has_content(server)
        server.stop()
    finally:
        bao.kill()
    away = run("serve", "--data-dir", server.data_dir, *map(str, flags), cwd=server.place)
    assert away.returncode == 1 and b"the root key is not available" in away.stderr, away
