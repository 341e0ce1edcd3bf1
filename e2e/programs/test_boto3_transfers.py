"""boto3's managed multipart transfers, copies, and presigned parts."""

import io
import secrets
import ssl
import urllib.error
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from support import raw
from support.programs.program import MIB, Place, holds, holds_sealed, names_in, sse_c

PARTS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
SIZE = 22 * MIB + 7
HOW = ["default", "sse", "sse-c"]


@pytest.fixture
def extra(customer_key):
    return {"default": {}, "sse": {"ServerSideEncryption": "AES256"}, "sse-c": sse_c(customer_key)}


@pytest.fixture
def check(s3, bucket, customer_key):
    """Checks an object and its number of parts."""

    def check(how, name, content, parts):
        if how == "sse-c":
            got = holds_sealed(s3, bucket, name, content, customer_key)
        else:
            got = holds(s3, bucket, name, content)
        assert got["ETag"].endswith(f'-{parts}"')
        assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []

    return check


@pytest.mark.parametrize("how", HOW)
def test_files(s3, bucket, tmp_path, extra, check, how):
    place = Place(tmp_path / "home")
    content = place.file("up", SIZE)
    sent = []
    s3.upload_file(str(place / "up"), bucket, "big", ExtraArgs=extra[how], Config=PARTS, Callback=sent.append)
    assert sum(sent) == SIZE
    check(how, "big", content, 5)
    needed = extra[how] if how == "sse-c" else {}
    s3.download_file(bucket, "big", str(place / "down"), ExtraArgs=needed, Config=PARTS)
    assert (place / "down").read_bytes() == content
    s3.upload_file(str(place / "up"), bucket, "default", ExtraArgs=extra[how])
    check(how, "default", content, 3)


@pytest.mark.parametrize("how", ["default", "sse-c"])
@pytest.mark.parametrize("checksum", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_streams_with_checksums(s3, bucket, extra, check, how, checksum):
    content = secrets.token_bytes(11 * MIB)
    s3.upload_fileobj(
        io.BytesIO(content), bucket, "k", ExtraArgs={**extra[how], "ChecksumAlgorithm": checksum}, Config=PARTS
    )
    check(how, "k", content, 3)
    needed = extra[how] if how == "sse-c" else {}
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", **needed)
    assert head[f"Checksum{checksum}"]
    down = io.BytesIO()
    s3.download_fileobj(bucket, "k", down, ExtraArgs={**needed, "ChecksumMode": "ENABLED"}, Config=PARTS)
    assert down.getvalue() == content


def test_a_download_without_the_key_or_with_another(s3, bucket, extra):
    s3.upload_fileobj(io.BytesIO(secrets.token_bytes(6 * MIB)), bucket, "k", ExtraArgs=extra["sse-c"], Config=PARTS)
    for given in [{}, sse_c(secrets.token_bytes(32))]:
        down = io.BytesIO()
        with pytest.raises(ClientError):
            s3.download_fileobj(bucket, "k", down, ExtraArgs=given, Config=PARTS)
        assert down.getvalue() == b""


def copy_args(source, target):
    """Returns the arguments of boto3's copy for these two keys; None is the store's key."""
    given = {f"CopySource{name}": value for name, value in sse_c(source).items()} if source else {}
    return {**given, **(sse_c(target) if target else {})}


@pytest.mark.parametrize("size", [70_000, 11 * MIB], ids=["whole", "parts"])
def test_copies(s3, bucket, customer_key, size):
    """CopyObject, and UploadPartCopy, between all kinds of keys."""
    new, content = secrets.token_bytes(32), secrets.token_bytes(size)
    s3.put_object(Bucket=bucket, Key="plain", Body=content, Metadata={"a": "b"}, ContentType="text/x-own")
    s3.put_object(Bucket=bucket, Key="sealed", Body=content, Metadata={"a": "b"}, **sse_c(customer_key))
    for number, (name, source, target) in enumerate(
        [("plain", None, None), ("plain", None, new), ("sealed", customer_key, None), ("sealed", customer_key, new)]
    ):
        source_client = {"SourceClient": s3, "Config": PARTS}
        args = copy_args(source, target)
        s3.copy({"Bucket": bucket, "Key": name}, bucket, f"{number}", ExtraArgs=args, **source_client)
        got = (
            holds_sealed(s3, bucket, f"{number}", content, target)
            if target
            else holds(s3, bucket, f"{number}", content)
        )
        assert got["ETag"].endswith('-3"') == (size > 5 * MIB)
    # The key of the source is needed, whatever key the copy gets.
    for source in [None, new]:
        for target in [None, customer_key]:
            with pytest.raises(ClientError):
                args = copy_args(source, target)
                s3.copy({"Bucket": bucket, "Key": "sealed"}, bucket, "x", ExtraArgs=args, **source_client)
    assert names_in(s3, bucket) == ["0", "1", "2", "3", "plain", "sealed"]


@pytest.fixture
def fetch(server):
    context = ssl.create_default_context(cafile=server.ca_file)

    def fetch(method, url, data=None, headers=None):
        # Without this urllib sets its own content type, which was not signed.
        request = urllib.request.Request(url, data, {"Content-Type": "", **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, context=context, timeout=60) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    return fetch


@pytest.mark.parametrize("sealed", [False, True])
def test_presigned_parts(s3, bucket, customer_key, fetch, sealed):
    key = sse_c(customer_key) if sealed else {}
    at = {"Bucket": bucket, "Key": "a b/ü"}
    at["UploadId"] = s3.create_multipart_upload(**at, **key)["UploadId"]
    content = [secrets.token_bytes(5 * MIB), secrets.token_bytes(1000)]
    headers, parts = raw.sse_c(customer_key) if sealed else {}, []
    for number, data in enumerate(content, 1):
        url = s3.generate_presigned_url("upload_part", Params={**at, "PartNumber": number, **key}, ExpiresIn=60)
        if sealed:
            assert fetch("PUT", url, b"data")[0] == 403
        status, answered, _ = fetch("PUT", url, data, headers)
        assert status == 200
        parts.append({"PartNumber": number, "ETag": answered["ETag"]})
        other = url.replace(f"partNumber={number}", f"partNumber={number + 7}")
        assert fetch("PUT", other, b"data", headers)[0] == 403, "a URL is valid for one part only"
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    if sealed:
        holds_sealed(s3, bucket, "a b/ü", b"".join(content), customer_key)
    else:
        holds(s3, bucket, "a b/ü", b"".join(content))
