"""boto3's generate_presigned_post."""

import secrets
import ssl
import urllib.error
import urllib.request

import pytest

from support import raw
from support.programs.program import holds, holds_sealed


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


def test_presigned_posts(s3, bucket, fetch, customer_key):
    """Forms from generate_presigned_post are accepted; the other tests of forms write the policies themselves."""
    content = secrets.token_bytes(1000)
    key = raw.sse_c(customer_key)
    for name, fields in {"plain": {"x-amz-meta-a": "b"}, "sealed": key}.items():
        conditions = [{field: value} for field, value in fields.items()] + [["content-length-range", 1, 1000]]
        post = s3.generate_presigned_post(bucket, name, Fields=fields, Conditions=conditions, ExpiresIn=60)
        form = b"".join(
            f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in post["fields"].items()
        )
        form += b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n%b\r\n--b--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        assert fetch("POST", post["url"], form % (content + b"x"), headers)[0] == 400
        assert fetch("POST", post["url"], form % content, headers)[0] == 204
    assert holds(s3, bucket, "plain", content)["Metadata"] == {"a": "b"}
    holds_sealed(s3, bucket, "sealed", content, customer_key)
