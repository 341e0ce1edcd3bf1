"""Running the server: stopping it, its keyring, credentials, new keys and settings."""

import base64
import hashlib
import os
import re
import shlex
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.raw import Connection, head_of, path_of, send, sse_c, wait_until
from support.server import BINARY, environment, run

CONTENT = b"the content" * 20_000


def is_refused(port):
    """Returns whether nothing listens on this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return False
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False  # The connection was in the queue of a socket that is being closed.


@pytest.fixture
def ready(start_server):
    server = start_server()
    server.s3().create_bucket(Bucket="bucket")
    return server


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_a_running_upload_ends_before_the_server(ready, secure):
    path = path_of("bucket", "k")
    with Connection(ready, secure) as connection:
        head = head_of(ready, "PUT", path, length=len(CONTENT), host=connection.host)
        connection.head("PUT", path, "", head)
        connection.body(CONTENT[:100_000])
        time.sleep(0.3)
        ready.process.terminate()
        assert wait_until(lambda: is_refused(ready.https_port) and is_refused(ready.http_port))
        assert ready.process.poll() is None
        connection.body(CONTENT[100_000:])
        response = connection.response("PUT")
    assert response.status == 200
    assert ready.process.wait(20) == 0
    assert "stopped: all requests completed" in ready.log()
    ready.start()
    assert send(ready, "GET", path).body == CONTENT


def test_a_running_download_ends_before_the_server(ready):
    path, content = path_of("bucket", "k"), CONTENT * 100
    assert send(ready, "PUT", path, body=content).status == 200
    with Connection(ready) as connection:
        connection.head("GET", path, "", head_of(ready, "GET", path, host=connection.host))
        response = connection.http.getresponse()
        got = response.read(10)
        ready.process.terminate()
        assert wait_until(lambda: is_refused(ready.https_port))
        got += response.read()
    assert got == content
    assert ready.process.wait(20) == 0


def test_idle_connections_do_not_delay_the_end(ready):
    with Connection(ready) as connection:
        connection.head("GET", "/", "", head_of(ready, "GET", "/", host=connection.host))
        assert connection.response("GET").status == 200
        started = time.monotonic()
        assert ready.stop() == 0
        assert time.monotonic() - started < 5


def test_requests_beyond_the_time_limit_are_cut_off(start_server):
    server = start_server("--shutdown-grace", "1")
    server.s3().create_bucket(Bucket="bucket")
    path = path_of("bucket", "k")
    with Connection(server) as connection:
        connection.head("PUT", path, "", head_of(server, "PUT", path, length=100, host=connection.host))
        time.sleep(0.3)
        started = time.monotonic()
        server.stop()
        assert 0.5 < time.monotonic() - started < 10
    assert "cut off" in server.log()


def test_a_second_signal_ends_it_at_once(ready):
    path = path_of("bucket", "k")
    with Connection(ready) as connection:
        connection.head("PUT", path, "", head_of(ready, "PUT", path, length=100, host=connection.host))
        time.sleep(0.3)
        ready.process.terminate()
        assert wait_until(lambda: is_refused(ready.https_port))
        ready.process.terminate()
        ready.process.wait(10)


def test_the_server_does_not_start_without_its_keyring(ready):
    path = path_of("bucket", "k")
    assert send(ready, "PUT", path, body=CONTENT).status == 200
    assert ready.stop() == 0
    keyring = ready.data_dir / "keyring.toml"
    away = ready.place / "away.toml"
    keyring.rename(away)
    with pytest.raises(AssertionError, match="the server ended with 1") as refused:
        ready.start()
    assert str(keyring) in str(refused.value) and "keyring" in str(refused.value)
    assert not keyring.exists(), "a new keyring was created for old data"
    away.rename(keyring)
    ready.start()
    assert send(ready, "GET", path).body == CONTENT


def test_the_server_does_not_start_with_another_keyring(ready, start_server):
    other = start_server(name="other")
    assert ready.stop() == 0 == other.stop()
    kept = (ready.data_dir / "keyring.toml").read_bytes()
    foreign = (other.data_dir / "keyring.toml").read_bytes()
    for wrong in [foreign, b"", b"rubbish", kept[: len(kept) // 2]]:
        (ready.data_dir / "keyring.toml").write_bytes(wrong)
        with pytest.raises(AssertionError, match="the server ended with 1"):
            ready.start()
        assert (ready.data_dir / "keyring.toml").read_bytes() == wrong
    (ready.data_dir / "keyring.toml").write_bytes(kept)
    ready.start()


def test_a_keyring_elsewhere(start_server, tmp_path):
    keyring = tmp_path / "safe" / "keyring.toml"
    keyring.parent.mkdir()
    server = start_server("--keyring", keyring)
    assert keyring.exists() and not (server.data_dir / "keyring.toml").exists()
    assert stat.S_IMODE(keyring.stat().st_mode) == 0o600
    server.s3().create_bucket(Bucket="bucket")
    assert server.stop() == 0
    server.start()
    assert send(server, "HEAD", "/bucket").status == 200


def test_modes_of_created_files(ready):
    assert stat.S_IMODE(ready.data_dir.stat().st_mode) == 0o700
    for name in ["keyring.toml", "root-credentials.toml", "tls/ca-key.pem", "tls/server-key.pem"]:
        assert stat.S_IMODE((ready.data_dir / name).stat().st_mode) == 0o600, name


def test_two_servers_on_one_directory(ready, tmp_path):
    done = subprocess.run(
        [BINARY, "serve", "--data-dir", ready.data_dir, "--https-listen", "127.0.0.1:0", "--http-listen", "off"],
        cwd=tmp_path, env=environment(), capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr
    assert send(ready, "HEAD", "/bucket").status == 200


def shown(output):
    text = output.decode()
    return re.search(r"^Access key ID +(\S+)$", text, re.M)[1], re.search(r"^Secret access key +(\S+)$", text, re.M)[1]


def test_without_a_terminal_the_secret_is_not_printed(tmp_path):
    """Output that is no terminal is often stored, by journald or a container's log."""
    listen = ["--https-listen", "off", "--http-listen", "127.0.0.1:0"]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [BINARY, "serve", *listen], cwd=tmp_path, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        assert wait_until(lambda: "aws s3 ls" in (tmp_path / "output").read_text(), limit=60)
        printed = (tmp_path / "output").read_text()
        command = re.search(r"strongroom (credentials show .*)$", printed, re.M)[1]
        done = run(*shlex.split(command), cwd=tmp_path)
        access_key, secret = shown(done.stdout)
        assert secret not in printed and access_key not in printed
    finally:
        process.kill()
        process.wait(60)


def test_credentials_are_shown(ready):
    done = run("credentials", "show", "--data-dir", ready.data_dir, cwd=ready.place)
    assert done.returncode == 0 and shown(done.stdout) == (ready.access_key, ready.secret)
    # The port is not in the settings of the command: the server says it.
    assert f"Endpoint           {ready.https}\nCA file            {ready.ca_file}\n" in done.stdout.decode()
    assert f"aws configure set endpoint_url {ready.https} --profile" in done.stdout.decode()
    assert ready.stop() == 0
    done = run("credentials", "show", "--data-dir", ready.data_dir, cwd=ready.place)
    assert shown(done.stdout) == (ready.access_key, ready.secret)
    assert b"Endpoint           https://localhost:9443\n" in done.stdout
    ready.start()
    assert ready.secret not in ready.banner and send(ready, "GET", "/").status == 200


def test_credentials_are_reset_while_the_server_runs(ready):
    old = (ready.access_key, ready.secret)
    done = run("credentials", "reset", "--data-dir", ready.data_dir, cwd=ready.place)
    assert done.returncode == 0, done.stderr
    new = shown(done.stdout)
    assert new[0] != old[0] and new[1] != old[1]

    def status(credentials):
        return send(ready, "GET", "/", access_key=credentials[0], secret=credentials[1]).status

    assert wait_until(lambda: status(new) == 200, limit=15), "the new credentials never became valid"
    assert status(old) == 403
    assert status((new[0], old[1])) == 403
    assert ready.stop() == 0
    ready.start()
    assert status(new) == 200 and status(old) == 403


@pytest.mark.parametrize("what", ["show", "reset"])
def test_credentials_of_a_missing_store(tmp_path, what):
    done = run("credentials", what, "--data-dir", tmp_path / "missing", cwd=tmp_path)
    assert done.returncode == 1 and b"does not exist" in done.stderr
    assert not (tmp_path / "missing").exists()


def block(page, title):
    """Returns the lines below a title in the output of `key new`, up to the next blank line."""
    return re.search(rf"^{title}.*\n((?:  .*\n?)+)", page, re.M)[1]


@pytest.mark.parametrize("flags", [["--out", "customer.key"], ["--text"], ["--text", "--out", "customer.key"], []])
def test_a_new_key_works_as_printed(ready, tmp_path, flags):
    done = run("key", "new", *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = done.stdout.decode()
    encoded = re.search(r"^base64 +(\S+)$", page, re.M)[1]
    key = base64.b64decode(encoded, validate=True)
    assert len(key) == 32 and re.search(r"^hex +(\S+)$", page, re.M)[1] == key.hex()
    md5 = base64.b64encode(hashlib.md5(key).digest()).decode()
    assert re.search(r"^MD5 +(\S+)$", page, re.M)[1] == md5
    if "--text" in flags:
        assert re.search(r"^characters +(\S{32})$", page, re.M)[1].encode() == key
    if "--out" in flags:
        file = tmp_path / "customer.key"
        assert file.read_bytes() == key and stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "It is stored in customer.key, readable only by you" in page
        assert run("key", "check", file, cwd=tmp_path).returncode == 0
        again = run("key", "new", *flags, cwd=tmp_path)
        assert again.returncode == 1 and b"never overwritten" in again.stderr and file.read_bytes() == key
    aws_cli_lines_work(ready, tmp_path, block(page, "AWS CLI"))
    assert send(ready, "GET", path_of("bucket", "NAME"), headers=sse_c(key)).body == CONTENT
    curl_headers_work(ready, block(page, "curl"))
    boto3_lines_work(ready, block(page, "boto3"))
    checked = run("key", "check", cwd=tmp_path, stdin=encoded.encode())
    assert checked.returncode == 0 and md5 in checked.stdout.decode()


def aws_cli_lines_work(server, place, text):
    (place / "FILE").write_bytes(CONTENT)
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(("aws ", "(umask"))]
    assert len([line for line in lines if line.startswith("aws ")]) == 3
    variables = environment(
        HOME=str(place), AWS_CA_BUNDLE=server.ca_file, AWS_ACCESS_KEY_ID=server.access_key,
        AWS_SECRET_ACCESS_KEY=server.secret, AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true",
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    )  # fmt: skip
    for line in lines:
        command = line.replace("BUCKET", "bucket").replace(" NAME FILE", " NAME fetched")
        if line.startswith("aws "):
            command += f" --endpoint-url {server.https}"
        done = subprocess.run(command, shell=True, cwd=place, env=variables, capture_output=True, timeout=120)
        assert done.returncode == 0, (command, done.stderr.decode())
    assert (place / "fetched").read_bytes() == CONTENT


def curl_headers_work(server, text):
    headers = dict(re.findall(r"-H '([^:]+): ([^']+)'", text))
    assert len(headers) == 3
    assert send(server, "GET", path_of("bucket", "NAME"), headers=headers).body == CONTENT


def boto3_lines_work(server, text):
    scope = {"s3": server.s3(), "data": CONTENT}
    lines = [line.strip() for line in text.splitlines()]
    assert "get_object" in lines[-1] and "put_object" in lines[-2]
    exec("\n".join(line.replace('"BUCKET"', '"bucket"') for line in lines[:-1]), scope)
    response = eval(lines[-1].replace('"BUCKET"', '"bucket"'), scope)
    assert response["Body"].read() == CONTENT


def test_the_key_of_the_guide_is_reported_as_weak(tmp_path):
    done = run("key", "check", cwd=tmp_path, stdin=b"23832BAC16516152E560F933F261BF03")
    assert done.returncode == 0
    assert b"rjGuMdjLpPV1eRuotNaPMQ==" in done.stdout and b"WARNING" in done.stdout


def test_settings_are_checked(tmp_path):
    (tmp_path / "wrong.toml").write_text("[sse_c]\nhead_without_keys = 400\n")
    for arguments in [["check-config", "--config", "wrong.toml"], ["serve", "--config", "wrong.toml"]]:
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode != 0 and b"head_without_keys" in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "wrong.toml"]
    good = run("check-config", "--sse-c-head-without-key", "400", cwd=tmp_path)
    assert good.returncode == 0 and b"Configuration OK." in good.stdout
    assert re.search(rb"^sse_c.head_without_key +400 +\(flag\)$", good.stdout, re.M) and b"(default)" not in good.stdout
    everything = run("check-config", "--all", cwd=tmp_path)
    assert len(re.findall(rb"^\S+ .* \(default\)$", everything.stdout, re.M)) > 30


def test_the_files_of_the_settings_are_checked(start_server, tmp_path):
    server = start_server()
    flags = ["--data-dir", server.data_dir]
    assert run("check-config", *flags, cwd=tmp_path).returncode == 0
    key = server.data_dir / "root.key"
    right = key.read_bytes()
    for content, expected in [(None, b"root.file: "), (bytes(32), b"keyring: ")]:
        key.unlink()
        if content:
            key.write_bytes(content)
            key.chmod(0o600)
        else:
            key.symlink_to("nowhere")
        done = run("check-config", *flags, cwd=tmp_path)
        assert done.returncode == 1 and expected in done.stderr and b"Configuration OK" not in done.stdout, done
    key.write_bytes(right)
    done = run("check-config", *flags, "--audit-directory", key, cwd=tmp_path)
    assert done.returncode == 1 and b"audit.directory: " in done.stderr
    kms = ["--kms-backend", "vault", "--kms-vault-address", "https://localhost", "--kms-vault-token-file", "missing"]
    done = run("check-config", *flags, *kms, cwd=tmp_path)
    assert done.returncode == 1 and b"kms.vault.token_file: " in done.stderr
    assert list(tmp_path.iterdir()) == [server.place]


def test_plain_http_on_the_https_port_is_reported(ready):
    with socket.create_connection(("127.0.0.1", ready.https_port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        response = b""
        while piece := connection.recv(4096):
            response += piece
    assert response.startswith(b"HTTP/1.1 400 ") and b"https" in response.lower()


def test_the_certificate_is_kept_across_restarts(ready):
    ca = Path(ready.ca_file).read_bytes()
    assert ready.stop() == 0
    ready.start()
    assert Path(ready.ca_file).read_bytes() == ca
    assert send(ready, "GET", "/").status == 200
