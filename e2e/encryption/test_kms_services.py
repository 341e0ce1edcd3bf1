"""SSE-KMS with keys of external services: OpenBao's transit engine, and AWS KMS as implemented by moto."""

import base64
import json
import secrets
import time

import pytest
from botocore.exceptions import ClientError

from support.key_services import Moto, OpenBao
from support.raw import path_of, send
from support.server import run

KMS = {"ServerSideEncryption": "aws:kms"}
DATA = secrets.token_bytes(200_000)
# Refusals and failures are cached for a second, keys not at all: each read calls the service.
FORGETFUL = ["--kms-cache-seconds", "0", "--kms-negative-seconds", "1", "--kms-transient-seconds", "1"]


def code_of(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]


@pytest.fixture
def bao(tmp_path):
    service = OpenBao(tmp_path / "bao")
    yield service
    service.kill()


@pytest.fixture
def moto(tmp_path):
    service = Moto(tmp_path / "moto")
    yield service
    service.kill()


@pytest.fixture(params=["bao", "moto"])
def service(request):
    return request.getfixturevalue(request.param)


def put_and_get(s3, bucket, **more):
    put = s3.put_object(Bucket=bucket, Key="k", Body=DATA, **KMS, **more)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == DATA
    assert (put["ServerSideEncryption"], got["ServerSideEncryption"]) == ("aws:kms", "aws:kms")
    assert put["SSEKMSKeyId"] == got["SSEKMSKeyId"]
    return put


def test_put_and_get(start_server, service):
    server = start_server(*service.flags(), *FORGETFUL, "--log", "trace")
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    put_and_get(s3, "bucket")
    context = base64.b64encode(json.dumps({"department": 'blå "1"'}).encode()).decode()
    put_and_get(s3, "bucket", SSEKMSEncryptionContext=context)
    put = put_and_get(s3, "bucket", BucketKeyEnabled=True)
    assert put["BucketKeyEnabled"] is True
    s3.put_object(Bucket="bucket", Key="plain", Body=DATA)
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/plain", **KMS)
    assert s3.get_object(Bucket="bucket", Key="copy")["Body"].read() == DATA

    server.stop()
    server.start()
    assert server.s3().get_object(Bucket="bucket", Key="k")["Body"].read() == DATA
    for file in ["token", "credentials"]:
        if (path := service.place / file).exists():
            reported = path.read_text().split()[-1]
            assert reported not in (server.place / "stderr-1").read_text() + server.log()


def test_a_service_that_is_unavailable_for_a_while(start_server, moto):
    """Requests that do not need the service succeed; others receive Retry-After."""
    server = start_server(*moto.flags(), *FORGETFUL)
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="plain", Body=DATA)
    put_and_get(s3, "bucket")
    moto.kill()

    def is_away():
        for method, body in [("GET", b""), ("PUT", b"x")]:
            headers = {"x-amz-server-side-encryption": "aws:kms"} if body else {}
            response = send(server, method, path_of("bucket", "k"), headers=headers, body=body)
            response.is_error(503, "ServiceUnavailable")
            assert int(response.headers["retry-after"]) > 0

    is_away()
    assert s3.get_object(Bucket="bucket", Key="plain")["Body"].read() == DATA
    assert s3.head_object(Bucket="bucket", Key="plain")["ServerSideEncryption"] == "AES256"
    started = time.monotonic()
    is_away()
    assert time.monotonic() - started < 2

    server.stop()
    server.start()
    s3 = server.s3()
    assert s3.get_object(Bucket="bucket", Key="plain")["Body"].read() == DATA
    is_away()
    # The restarted service lost its keys, so this shows that the server calls it again.
    moto.start()
    time.sleep(1.1)
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="bucket", Key="new", Body=DATA, **KMS)
    assert code_of(error) == (400, "KMS.NotFoundException")


def test_a_cached_key_works_while_the_service_is_unavailable(start_server, bao):
    server = start_server(*bao.flags())
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    put_and_get(s3, "bucket", BucketKeyEnabled=True)
    bao.kill()
    put_and_get(s3, "bucket", BucketKeyEnabled=True)
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="bucket", Key="fresh", Body=DATA, **KMS)
    assert code_of(error) == (503, "ServiceUnavailable")


def test_a_purge_clears_cached_keys(start_server, service):
    server = start_server(*service.flags())
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    put_and_get(s3, "bucket")
    service.kill()
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == DATA, "the key is cached"
    purged = run("kms", "purge-cache", "--data-dir", server.data_dir, cwd=server.place)
    assert purged.returncode == 0 and b"are removed from the cache" in purged.stdout, purged
    assert send(server, "GET", path_of("bucket", "k")).status == 503


def test_unseal_calls_the_service(start_server, service, tmp_path):
    server = start_server(*service.flags())
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    context = base64.b64encode(json.dumps({"department": "hr"}).encode()).decode()
    put_and_get(s3, "bucket", SSEKMSEncryptionContext=context)
    assert server.stop() == 0
    names = service.flags()[::2]
    variables = {
        name[2:].replace("-", "_").upper(): str(value) for name, value in zip(names, service.flags()[1::2], strict=True)
    }
    variables = {f"STRONGROOM_{name}": value for name, value in variables.items()}
    command = ["unseal", "get", "bucket", "k", "--data-dir", server.data_dir, "--out"]
    done = run(*command, "out", cwd=tmp_path, **variables)
    assert done.returncode == 0 and (tmp_path / "out").read_bytes() == DATA, done
    service.kill()
    away = run(*command, "nothing", cwd=tmp_path, **variables)
    assert away.returncode == 1 and b"key management service" in away.stderr, away
    assert not (tmp_path / "nothing").exists() and not (tmp_path / "nothing.part").exists()


def test_unusable_keys_of_aws(start_server, moto):
    server = start_server(*moto.flags(), *FORGETFUL)
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    moto.client.create_alias(AliasName="alias/mine", TargetKeyId=moto.arn)
    put = put_and_get(s3, "bucket", SSEKMSKeyId="alias/mine")
    assert put["SSEKMSKeyId"] == moto.arn
    bare = moto.arn.rsplit("/")[-1]
    assert put_and_get(s3, "bucket", SSEKMSKeyId=bare)["SSEKMSKeyId"] == bare

    def refused(key):
        with pytest.raises(ClientError) as error:
            s3.put_object(Bucket="bucket", Key="new", Body=DATA, SSEKMSKeyId=key, **KMS)
        return code_of(error)

    assert refused("alias/none") == (400, "KMS.NotFoundException")
    moto.client.disable_key(KeyId=bare)
    assert refused(bare) == (400, "KMS.DisabledException")
    moto.client.schedule_key_deletion(KeyId=bare, PendingWindowInDays=7)
    assert refused(moto.arn) == (400, "KMS.KMSInvalidStateException")
    moto.client.cancel_key_deletion(KeyId=bare)
    moto.client.enable_key(KeyId=bare)
    time.sleep(1.1)
    put_and_get(s3, "bucket", SSEKMSKeyId=bare)


def test_unusable_keys_of_openbao(start_server, bao):
    server = start_server(*bao.flags(), *FORGETFUL)
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    put_and_get(s3, "bucket", SSEKMSKeyId="s3-one")
    bao.run("write", "-f", "transit/keys/others")
    bao.run("write", "transit/keys/s3-rsa", "type=rsa-2048")

    def refused(key):
        with pytest.raises(ClientError) as error:
            s3.put_object(Bucket="bucket", Key="new", Body=DATA, SSEKMSKeyId=key, **KMS)
        return code_of(error)

    assert refused("others") == (403, "AccessDenied")
    assert refused("s3-none") == (400, "KMS.NotFoundException")
    assert refused("../sys/seal") == (400, "KMS.NotFoundException")
    assert refused("s3-rsa") == (400, "KMS.KMSInvalidStateException")
    bao.run("write", "-f", "transit/keys/s3-one/rotate")
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == DATA
    bao.run("write", "transit/keys/s3-one/config", "deletion_allowed=true")
    bao.run("delete", "transit/keys/s3-one")
    assert refused("s3-one") == (400, "KMS.NotFoundException")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="bucket", Key="k")
    assert code_of(error) == (400, "KMS.NotFoundException")


def test_without_a_service(start_server):
    server = start_server("--kms-backend", "off")
    s3 = server.s3()
    s3.create_bucket(Bucket="bucket")
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="bucket", Key="k", Body=DATA, **KMS)
    assert code_of(error) == (501, "NotImplemented")
    s3.put_object(Bucket="bucket", Key="k", Body=DATA)
