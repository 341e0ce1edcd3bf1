"""Documents of bucket settings, sent byte for byte."""

import base64
import hashlib

import pytest
from botocore.exceptions import ClientError

from support.raw import path_of, send


def put(server, bucket, name, document, **headers):
    """Sends a document with its digest."""
    body = document.encode() if isinstance(document, str) else document
    digest = {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}
    return send(server, "PUT", path_of(bucket), query=f"{name}=", headers={**digest, **headers}, body=body)


def get(server, bucket, name):
    return send(server, "GET", path_of(bucket), query=f"{name}=")


def refused(operation, code, **arguments):
    """Asserts that a call of a client fails with this code, and returns the status."""
    with pytest.raises(ClientError) as error:
        operation(**arguments)
    assert error.value.response["Error"]["Code"] == code, error.value
    assert error.value.response["Error"]["Message"]
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"]
