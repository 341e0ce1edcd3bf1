"""Quotas of accounts and buckets, and shares of requests, as boto3 and a raw client see them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from support import audit_log
from support.accounts import Account, code_of
from support.raw import Connection, head_of, path_of, send_unsigned
from support.server import Server, run

EXCEEDED = (403, "QuotaExceeded")
SLOW_DOWN = (503, "SlowDown")


def quota(server, *arguments, code=0):
    done = run("quota", *arguments, "--data-dir", server.data_dir, cwd=server.place)
    assert done.returncode == code, done
    return (done.stdout if code == 0 else done.stderr).decode()


def limits(server, *of):
    return json.loads(quota(server, "show", *of, "--json"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("quotas"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def museum(place):
    return Account(place, "museum")


@pytest.fixture
def bucket(museum, request):
    name = f"q-{request.node.name.replace('_', '-')[:50].strip('-')}"
    museum.s3.create_bucket(Bucket=name)
    yield name
    quota(museum.server, "clear", "--account", "museum")
    done = run(
        "bucket", "shred", name, "--yes-shred", name, "--data-dir", museum.server.data_dir, cwd=museum.server.place
    )
    assert done.returncode == 0, done


def test_a_write_beyond_the_quota(place, museum, bucket):
    quota(place, "set", "--bucket", bucket, "--bytes", "1KiB", "--objects", "2")
    museum.s3.put_object(Bucket=bucket, Key="a", Body=bytes(1000))
    with pytest.raises(ClientError) as refused:
        museum.s3.put_object(Bucket=bucket, Key="b", Body=bytes(25))
    assert refused.value.response["Error"]["Message"] == (
        f"The bucket {bucket} may hold 1024 bytes: 1000 are used, and the request needs 25 more."
    )
    museum.s3.put_object(Bucket=bucket, Key="b", Body=bytes(24))
    assert code_of(museum.s3.put_object, Bucket=bucket, Key="c", Body=b"") == EXCEEDED
    assert code_of(museum.s3.create_multipart_upload, Bucket=bucket, Key="c") == EXCEEDED
    copy = {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/a"}
    assert code_of(museum.s3.copy_object, **copy) == EXCEEDED
    # Deletions, settings and a change of the encryption in place always pass.
    quota(place, "set", "--bucket", bucket, "--bytes", "0")
    museum.s3.copy_object(
        Bucket=bucket, Key="a", CopySource=f"{bucket}/a", ServerSideEncryption="AES256", MetadataDirective="REPLACE"
    )
    museum.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    museum.s3.delete_object(Bucket=bucket, Key="a")
    shown = limits(place, "--bucket", bucket)
    assert (shown["bytes"], shown["objects"], shown["limits"]["bytes"]) == (24, 1, 0)
    quota(place, "clear", "--bucket", bucket)
    museum.s3.put_object(Bucket=bucket, Key="c", Body=bytes(5000))


def test_the_refusal_comes_before_the_body(place, museum, bucket):
    quota(place, "set", "--account", "museum", "--bytes", "100")
    path, keys = path_of(bucket, "large"), {"access_key": museum.access_key, "secret": museum.secret}
    with Connection(place, secure=False) as connection:
        head = head_of(
            place, "PUT", path, host=connection.host, length=1 << 20, late=[("Expect", "100-continue")], **keys
        )
        connection.head("PUT", path, "", head)
        connection.response("PUT").is_error(403, "QuotaExceeded")


def test_uploads_at_once_never_exceed_the_quota(place, museum, bucket):
    quota(place, "set", "--account", "museum", "--bytes", "1MiB")

    def put(n):
        return code_of(museum.s3.put_object, Bucket=bucket, Key=f"k{n}", Body=bytes(100_000))

    with ThreadPoolExecutor(24) as threads:
        codes = list(threads.map(put, range(48)))
    assert set(codes) == {None, EXCEEDED}
    assert codes.count(None) <= 10
    stored = sum(entry["Size"] for entry in museum.s3.list_objects_v2(Bucket=bucket)["Contents"])
    assert stored == codes.count(None) * 100_000 == limits(place, "--account", "museum")["bytes"]


def test_parts_count_and_are_known_after_a_restart(place, museum, bucket):
    upload = museum.s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    part = {"Bucket": bucket, "Key": "a", "UploadId": upload}
    first = museum.s3.upload_part(**part, PartNumber=1, Body=bytes(6 << 20))
    quota(place, "set", "--account", "museum", "--bytes", "8MiB")
    assert place.stop() == 0
    place.start()
    # Clients have the address of the server that was stopped if its port changed.
    s3 = museum.client("s3")
    assert code_of(s3.upload_part, **part, PartNumber=2, Body=bytes(3 << 20)) == EXCEEDED
    assert code_of(s3.put_object, Bucket=bucket, Key="b", Body=bytes(3 << 20)) == EXCEEDED
    parts = {"Parts": [{"PartNumber": 1, "ETag": first["ETag"]}]}
    s3.complete_multipart_upload(**part, MultipartUpload=parts)
    s3.put_object(Bucket=bucket, Key="b", Body=bytes(2 << 20))
    museum.s3 = s3


def test_the_number_of_buckets(place, museum, bucket):
    quota(place, "set", "--account", "museum", "--buckets", "2")
    museum.s3.create_bucket(Bucket="q-second")
    assert code_of(museum.s3.create_bucket, Bucket="q-third") == (400, "TooManyBuckets")
    museum.s3.delete_bucket(Bucket="q-second")
    museum.s3.create_bucket(Bucket="q-third")
    museum.s3.delete_bucket(Bucket="q-third")


def test_a_rate_of_requests(place, museum, bucket):
    quota(place, "set", "--account", "museum", "--requests-per-second", "3")
    codes = [code_of(museum.s3.head_bucket, Bucket=bucket) for _ in range(12)]
    # Responses to HEAD have no code.
    assert codes[:3] == [None] * 3 and (503, "503") in codes[3:], codes
    with pytest.raises(ClientError) as refused:
        for _ in range(12):
            museum.s3.list_buckets()
    headers = refused.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert refused.value.response["Error"]["Code"] == "SlowDown" and headers["retry-after"] == "5"
    # Another account does not notice.
    for _ in range(12):
        place.s3().list_buckets()


def test_requests_without_a_signature_count_apart(place, museum, bucket):
    quota(place, "set", "--account", "museum", "--requests-per-second", "2")
    statuses = [send_unsigned(place, "GET", f"/{bucket}/a").status for _ in range(8)]
    assert set(statuses) == {403, 503}
    assert code_of(museum.s3.list_objects_v2, Bucket=bucket) is None


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["set", "--account", "nobody", "--bytes", "1"], 1, "there is no account nobody"),
        (["set", "--bucket", "no-such-bucket", "--bytes", "1"], 1, "there is no bucket no-such-bucket"),
        (["set", "--bucket", "b", "--bytes", "1.5GiB"], 2, "not a size"),
        (["set", "--bucket", "b", "--bytes", "-1"], 2, "-1"),
        (["set", "--bucket", "b", "--bytes", "99999999PiB"], 2, "too large"),
        (["set", "--bucket", "b", "--buckets", "1"], 2, "cannot be used with"),
        (["set", "--bucket", "b", "--account", "a", "--bytes", "1"], 2, "cannot be used with"),
        (["set", "--account", "museum"], 2, "required"),
        (["set", "--account", "museum", "--concurrency", "0"], 2, "0 is not in 1.."),
        (["show"], 2, "required"),
        (["clear", "--account", "583920174652"], 1, "583920174652"),
    ],
)
def test_nonsense(place, museum, arguments, code, says):
    assert says in quota(place, *arguments, code=code)


def test_changes_are_audited_and_work_without_a_server(place, museum, bucket):
    quota(place, "set", "--bucket", bucket, "--bytes", "2GB")
    assert place.stop() == 0
    quota(place, "set", "--account", "museum", "--objects", "7")
    assert limits(place, "--account", museum.id)["limits"]["objects"] == 7
    found = [line for line in audit_log.lines(place.data_dir / "audit") if line.get("operation") == "quota set"]
    assert {line["entity"] for line in found[-2:]} == {f"arn:aws:s3:::{bucket}", museum.id}, found
    place.start()
    museum.s3 = museum.client("s3")
    assert limits(place, "--bucket", bucket)["limits"]["bytes"] == 2_000_000_000
