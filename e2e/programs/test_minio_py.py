"""minio-py as in docs/recipes/minio-py.md."""

import re
import secrets
import ssl
import urllib.request

import pytest
import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.error import S3Error
from minio.sse import SseCustomerKey

from support.programs.program import MIB, Place, holds, holds_sealed
from support.programs.recipe import CONTENT, Recipe
from support.server import REGION


@pytest.fixture
def client(server):
    return Minio(
        f"localhost:{server.https_port}",
        access_key=server.access_key,
        secret_key=server.secret,
        region=REGION,
        http_client=urllib3.PoolManager(ca_certs=str(server.ca_file)),
    )


def test_the_recipe(server, s3, bucket_name, tmp_path):
    place = Place(tmp_path / "home")
    printed = Recipe("minio-py", server, bucket_name).follow(place)
    assert (place / "copy.txt").read_bytes() == (place / "sealed-copy.txt").read_bytes() == CONTENT
    holds_sealed(s3, bucket_name, "sealed.txt", CONTENT, (place / "customer.key").read_bytes())
    assert "['plan.txt']" in printed
    url = re.search(r"^https://.*$", printed, re.M)[0]
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=server.ca_file)) as response:
        assert response.read() == CONTENT


@pytest.mark.parametrize("is_sealed", [False, True])
def test_parts_there_and_back(client, s3, bucket, tmp_path, customer_key, is_sealed):
    content = secrets.token_bytes(11 * MIB)
    (tmp_path / "up").write_bytes(content)
    key = SseCustomerKey(customer_key) if is_sealed else None
    client.fput_object(bucket, "dir/a käse", str(tmp_path / "up"), part_size=5 * MIB, sse=key)
    client.fget_object(bucket, "dir/a käse", str(tmp_path / "down"), ssec=key)
    assert (tmp_path / "down").read_bytes() == content
    if is_sealed:
        holds_sealed(s3, bucket, "dir/a käse", content, customer_key)
    else:
        holds(s3, bucket, "dir/a käse", content)


def test_a_copy_between_keys(client, s3, bucket, tmp_path, customer_key):
    (tmp_path / "up").write_bytes(CONTENT)
    old, new = SseCustomerKey(customer_key), secrets.token_bytes(32)
    client.fput_object(bucket, "k", str(tmp_path / "up"), sse=old)
    client.copy_object(bucket, "k", CopySource(bucket, "k", ssec=old), sse=SseCustomerKey(new))
    holds_sealed(s3, bucket, "k", CONTENT, new)
    source = ComposeSource(bucket, "k", ssec=SseCustomerKey(new))
    client.compose_object(bucket, "composed", [source], sse=old)
    holds_sealed(s3, bucket, "composed", CONTENT, customer_key)


def test_refusals_keep_code_and_message(client, bucket, tmp_path, customer_key):
    (tmp_path / "up").write_bytes(CONTENT)
    client.fput_object(bucket, "k", str(tmp_path / "up"), sse=SseCustomerKey(customer_key))
    with pytest.raises(S3Error) as without:
        client.get_object(bucket, "k")
    assert without.value.code == "InvalidRequest" and "Server Side Encryption" in without.value.message
    with pytest.raises(S3Error) as wrong:
        client.get_object(bucket, "k", ssec=SseCustomerKey(secrets.token_bytes(32)))
    assert wrong.value.code == "AccessDenied"
