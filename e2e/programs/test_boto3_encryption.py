"""SSE-C, SSE-S3 and requests without encryption headers, with boto3 as its users write it."""

import hashlib
import io
import secrets
import socket
import ssl
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from support.server import VIRTUAL_HOST

SIZES = [0, 1, 47, 65_535, 65_536, 65_537, 1_000_000]


def code_of(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]


@pytest.mark.parametrize("size", SIZES)
def test_sse_c_with_raw_keys(s3, bucket, customer_key, size):
    content = secrets.token_bytes(size)
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    put = s3.put_object(Bucket=bucket, Key="k", Body=content, **key)
    got = s3.get_object(Bucket=bucket, Key="k", **key)
    assert got["Body"].read() == content
    head = s3.head_object(Bucket=bucket, Key="k", **key)
    for response in (put, got, head):
        assert response["SSECustomerAlgorithm"] == "AES256" and "ServerSideEncryption" not in response
        assert response["ETag"] == put["ETag"] != f'"{hashlib.md5(content).hexdigest()}"'
    assert head["ContentLength"] == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("requested", [{}, {"ServerSideEncryption": "AES256"}], ids=["default", "requested"])
def test_sse_s3(s3, bucket, size, requested):
    content = secrets.token_bytes(size)
    put = s3.put_object(Bucket=bucket, Key="k", Body=content, **requested)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == content
    for response in (put, got, s3.head_object(Bucket=bucket, Key="k")):
        assert response["ServerSideEncryption"] == "AES256"
        assert response["ETag"] == f'"{hashlib.md5(content).hexdigest()}"'


def test_errors_of_sse_c(s3, bucket, customer_key):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **key)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k")
    assert code_of(error) == (400, "InvalidRequest")
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="k")
    assert code_of(error) == (404, "404")
    wrong = {**key, "SSECustomerKey": secrets.token_bytes(32)}
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", **wrong)
    assert code_of(error) == (403, "AccessDenied")
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="k", **wrong)
    assert code_of(error) == (403, "403")


def test_exception_classes(s3, bucket, bucket_name):
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="missing")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="no-such-bucket-here")
    with pytest.raises(ClientError) as error:
        s3.head_bucket(Bucket="no-such-bucket-here")
    assert code_of(error) == (404, "404")


def test_dual_layer_kms_is_refused(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms:dsse")
    assert code_of(error) == (501, "NotImplemented")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_files_and_streams(s3, bucket, tmp_path, customer_key):
    """upload_file and similar calls, below their multipart threshold."""
    content = secrets.token_bytes(3_000_000)
    (tmp_path / "up").write_bytes(content)
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    s3.upload_file(str(tmp_path / "up"), bucket, "file", ExtraArgs=key)
    s3.download_file(bucket, "file", str(tmp_path / "down"), ExtraArgs=key)
    assert (tmp_path / "down").read_bytes() == content
    s3.upload_fileobj(io.BytesIO(content), bucket, "stream")
    down = io.BytesIO()
    s3.download_fileobj(bucket, "stream", down)
    assert down.getvalue() == content


def test_a_download_in_ranges(s3, bucket, customer_key, tmp_path):
    content = secrets.token_bytes(5_000_001)
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    s3.put_object(Bucket=bucket, Key="k", Body=content, **key)
    ranges = TransferConfig(multipart_threshold=1 << 20, multipart_chunksize=1 << 20, max_concurrency=4)
    s3.download_file(bucket, "k", str(tmp_path / "down"), ExtraArgs=key, Config=ranges)
    assert (tmp_path / "down").read_bytes() == content


@pytest.fixture
def names_of_localhost(monkeypatch):
    """Resolves every name under localhost to this machine, which not every resolver does."""
    resolve = socket.getaddrinfo

    def resolved(host, *more, **named):
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if name and name.endswith(".localhost") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.mark.parametrize("host", ["localhost", VIRTUAL_HOST])
def test_virtual_host_style(server, s3, bucket, names_of_localhost, customer_key, host):
    secure = host == VIRTUAL_HOST
    endpoint = f"https://{host}:{server.https_port}" if secure else f"http://{host}:{server.http_port}"
    virtual = server.s3(endpoint=endpoint, s3={"addressing_style": "virtual"})
    urls = []
    virtual.meta.events.register("before-send.s3.*", lambda request, **_: urls.append(request.url))
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    virtual.put_object(Bucket=bucket, Key="dir/käse +.txt", Body=b"data", **key)
    assert virtual.get_object(Bucket=bucket, Key="dir/käse +.txt", **key)["Body"].read() == b"data"
    assert virtual.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"] == "dir/käse +.txt"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1, "both styles name the same bucket"
    virtual.delete_object(Bucket=bucket, Key="dir/käse +.txt")
    virtual.delete_bucket(Bucket=bucket)
    virtual.create_bucket(Bucket=bucket)
    assert len(urls) == 6 and all(f"//{bucket}.{host}:" in url for url in urls)
    assert bucket in [b["Name"] for b in virtual.list_buckets()["Buckets"]]


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_urls(server, s3, bucket, names_of_localhost, style):
    endpoint = f"https://{VIRTUAL_HOST}:{server.https_port}"
    client = server.s3(endpoint=endpoint, s3={"addressing_style": style})
    context = ssl.create_default_context(cafile=server.ca_file)

    def fetch(operation, method, **more):
        params = {"Bucket": bucket, "Key": "a b/ü", **more.pop("params", {})}
        url = client.generate_presigned_url(operation, Params=params, ExpiresIn=60)
        request = urllib.request.Request(url, method=method, **more)
        with urllib.request.urlopen(request, context=context, timeout=30) as response:
            return response.status, response.headers, response.read()

    assert fetch("put_object", "PUT", data=b"data", headers={"Content-Type": ""})[0] == 200
    status, headers, body = fetch("get_object", "GET", params={"ResponseContentType": "text/x-own"})
    assert (status, body) == (200, b"data") and headers["Content-Type"] == "text/x-own"
    assert fetch("head_object", "HEAD")[1]["Content-Length"] == "4"
    assert fetch("delete_object", "DELETE")[0] == 204
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_metadata_is_returned(s3, bucket, customer_key):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    metadata = {"owner": "me", "with-hyphen": "a b  c", "case": "MiXeD", "empty": ""}
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata=metadata, ContentType="text/x-own", **key)
    for response in (s3.get_object(Bucket=bucket, Key="k", **key), s3.head_object(Bucket=bucket, Key="k", **key)):
        assert response["Metadata"] == metadata
        assert response["ContentType"] == "text/x-own"
