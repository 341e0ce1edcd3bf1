"""Fixtures of all tests: a shared server, servers for single tests, a bucket for each test."""

import itertools
import os
import secrets

import pytest

from support.commands_on_store import Store
from support.keyring_store import Vault
from support.server import VIRTUAL_HOST, Server
from support.unsealing import Unsealing, write_all
from support.wire import Wire

_numbers = itertools.count(1)


def pytest_configure(config):
    # Clients must not find settings, credentials or proxies of the user who runs the tests.
    for name in list(os.environ):
        if name.startswith(("AWS_", "STRONGROOM_")) and name != "STRONGROOM_BINARY":
            del os.environ[name]
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server shared by most tests."""
    server = Server(tmp_path_factory.mktemp("server"), "--host", VIRTUAL_HOST)
    yield server
    assert server.stop() == 0


@pytest.fixture
def start_server(tmp_path):
    """Starts servers for one test, which are killed when it ends."""
    started = []

    def start(*flags, name=None, **more):
        server = Server(tmp_path / (name or f"server-{len(started)}"), *flags, **more)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="session")
def wire(server):
    """Signed raw requests to the shared server, over one connection."""
    wire = Wire(server)
    yield wire
    wire.close()


@pytest.fixture
def bucket_name():
    """An unused bucket name."""
    return f"b{next(_numbers)}-{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def s3(server):
    """A boto3 client over HTTPS, path style."""
    return server.s3(s3={"addressing_style": "path"})


@pytest.fixture
def bucket(s3, bucket_name):
    """A new bucket."""
    s3.create_bucket(Bucket=bucket_name)
    return bucket_name


@pytest.fixture
def customer_key():
    """32 random bytes."""
    return secrets.token_bytes(32)


@pytest.fixture(params=["running", "stopped"])
def store(start_server, request):
    """A store for commands, with its server running or stopped."""
    return Store(start_server(), request.param == "running")


@pytest.fixture
def vault(start_server):
    """A store with an object, for commands on its keyring."""
    return Vault(start_server())


@pytest.fixture(scope="session")
def ended(tmp_path_factory):
    """A server with objects of all kinds, ended by SIGTERM or SIGKILL."""
    made = {}

    def end(how):
        if how not in made:
            place = tmp_path_factory.mktemp(how)
            server = Server(place / "server")
            try:
                written = write_all(server)
            finally:
                assert (server.stop() == 0) if how == "stop" else server.kill() is None
            made[how] = (server, written, Unsealing(server, place / "unsealed"))
        return made[how]

    return end
