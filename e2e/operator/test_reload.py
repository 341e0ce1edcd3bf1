"""SIGHUP: the server continues, with new certificate files and a new log level."""

import datetime
import json
import signal
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.raw import Connection, head_of, path_of, send, wait_until

CONTENT = b"the content" * 20_000


def write_certificate(place):
    """Writes a new self-signed certificate and its key; returns the certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = serialization.PrivateFormat.PKCS8
    key_pem = key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    (place / "own-key.pem").touch(mode=0o600)
    (place / "own-key.pem").write_bytes(key_pem)
    (place / "own.pem").write_bytes(pem)
    return pem.decode()


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "server"
    place.mkdir()
    (place / "strongroom.toml").write_text('log_format = "json"\n')
    return place


@pytest.fixture
def server(start_server, place):
    return start_server(name=place.name)


def hang_up(server):
    """Sends SIGHUP and returns the line in which the server reports the reload."""
    before = len(reloads(server))
    server.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: len(reloads(server)) > before), server.log()
    return reloads(server)[-1]


def reloads(server):
    lines = [json.loads(line)["fields"] for line in server.log().splitlines() if line.endswith("}")]
    return [fields for fields in lines if fields["message"] == "reloaded after SIGHUP"]


def test_a_replaced_certificate_is_used(start_server, place):
    first = write_certificate(place)
    flags = ["--https-certificate", place / "own.pem", "--https-key", place / "own-key.pem"]
    server = start_server(*flags, name=place.name)

    def served():
        return ssl.get_server_certificate(("127.0.0.1", server.https_port))

    assert served() == first
    assert hang_up(server)["certificate"] == "unchanged"
    second = write_certificate(place)
    assert served() == first
    assert hang_up(server)["certificate"] == "new"
    assert served() == second

    (place / "own.pem").write_text("no certificate")
    assert hang_up(server)["certificate"] == "failed"
    assert "cannot use the new certificate" in server.log()
    assert served() == second


def test_a_changed_log_level_is_used(server, place):
    def answered():
        before = server.log().count('"answered"')
        assert send(server, "GET", "/").status == 200
        return server.log().count('"answered"') - before

    assert answered() == 0
    for level, lines in [("debug", 1), ("warn", 0), ("info", 0)]:
        (place / "strongroom.toml").write_text(f'log_format = "json"\nlog = "{level}"\n')
        assert hang_up(server)["log"] == level
        assert answered() == lines
    (place / "strongroom.toml").write_text("log = nonsense\n")
    assert hang_up(server)["log"] == "info"
    assert "cannot read the settings" in server.log()


def test_requests_continue(server):
    server.s3().create_bucket(Bucket="bucket")
    path = path_of("bucket", "k")
    with Connection(server) as connection:
        connection.head("PUT", path, "", head_of(server, "PUT", path, length=len(CONTENT), host=connection.host))
        connection.body(CONTENT[:100_000])
        assert hang_up(server)["certificate"] == "unchanged"
        connection.body(CONTENT[100_000:])
        assert connection.response("PUT").status == 200
    assert send(server, "GET", path).body == CONTENT
    assert server.stop() == 0
