"""The clock of the server jumps: requests get clear answers, nothing is lost, and everything works when it is right again."""

import signal

import pytest

from support.clock import Clock
from support.raw import path_of, presign, send, send_unsigned, sse_c, wait_until

MINUTE, DAY = 60, 86_400
KEY = sse_c(bytes(range(32)))


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def jumping(start_server, clock):
    server = start_server(**clock.variables)
    server.s3().create_bucket(Bucket="vault")
    server.s3().put_bucket_versioning(Bucket="vault", VersioningConfiguration={"Status": "Enabled"})
    return server


@pytest.mark.parametrize("seconds", [DAY, -DAY, 40 * 365 * DAY, -40 * 365 * DAY])
def test_a_wrong_clock_refuses_signatures_until_it_is_right(jumping, clock, seconds):
    path = path_of("vault", "k")
    assert send(jumping, "PUT", path, body=b"before", headers=KEY).status == 200
    clock.shift(seconds)
    for method in ["PUT", "GET"]:
        response = send(jumping, method, path, body=b"never" if method == "PUT" else b"", headers=KEY)
        assert response.status == 403 and b"RequestTimeTooSkewed" in response.body, response
    clock.shift(0)
    assert send(jumping, "GET", path, headers=KEY).body == b"before"
    assert send(jumping, "PUT", path, body=b"after", headers=KEY).status == 200
    assert send(jumping, "GET", path, headers=KEY).body == b"after"


def test_versions_keep_their_order_when_the_clock_goes_back(jumping, clock):
    """The last one that was written is the newest, whatever its time."""
    s3 = jumping.s3()
    written = []
    for seconds in [10 * MINUTE, -10 * MINUTE, 5 * MINUTE, -12 * MINUTE]:
        clock.shift(seconds)
        body = b"%d" % seconds
        written.append((s3.put_object(Bucket="vault", Key="k", Body=body)["VersionId"], body))
    clock.shift(0)
    upload = s3.create_multipart_upload(Bucket="vault", Key="k")
    names = {"Bucket": "vault", "Key": "k", "UploadId": upload["UploadId"]}
    clock.shift(-10 * MINUTE)
    part = s3.upload_part(**names, PartNumber=1, Body=b"the upload")
    done = s3.complete_multipart_upload(**names, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    written.append((done["VersionId"], b"the upload"))
    for _ in range(2):
        listed = s3.list_object_versions(Bucket="vault", Prefix="k")["Versions"]
        assert [version["VersionId"] for version in listed] == [version for version, _ in reversed(written)]
        assert [version["IsLatest"] for version in listed] == [True] + [False] * (len(written) - 1)
        assert s3.get_object(Bucket="vault", Key="k")["Body"].read() == b"the upload"
        for version, body in written:
            assert s3.get_object(Bucket="vault", Key="k", VersionId=version)["Body"].read() == body
        # The same after a restart.
        clock.shift(0)
        assert jumping.stop() == 0
        jumping.start()
        s3 = jumping.s3()


def test_a_link_counts_by_the_clock_of_the_server(jumping, clock):
    path = path_of("vault", "k")
    assert send(jumping, "PUT", path, body=b"content").status == 200
    link = presign(jumping, "GET", path, expires=60)
    assert send_unsigned(jumping, "GET", path, query=link).body == b"content"
    clock.shift(2 * MINUTE)
    assert b"Request has expired" in send_unsigned(jumping, "GET", path, query=link).body
    clock.shift(0)
    assert send_unsigned(jumping, "GET", path, query=link).body == b"content"


def test_a_start_with_a_wrong_clock(jumping, clock):
    """A machine without a battery starts in 1970 and is set right later."""
    s3 = jumping.s3()
    s3.put_object(Bucket="vault", Key="k", Body=b"content")
    assert jumping.stop() == 0
    clock.shift(-56 * 365 * DAY)
    jumping.start()
    # Over HTTP: clients refuse a certificate of that time.
    assert b"RequestTimeTooSkewed" in send(jumping, "GET", path_of("vault", "k"), secure=False).body
    clock.shift(0)
    # The certificate is of 1970. It is replaced within a minute, or on SIGHUP.
    jumping.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: "new certificate in use" in jumping.log())
    assert jumping.s3().get_object(Bucket="vault", Key="k")["Body"].read() == b"content"
    assert jumping.stop() == 0
