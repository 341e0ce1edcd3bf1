"""Every operation that reads or writes an object, with every key: right, wrong, none, superfluous, half, malformed.

The operations come from AWS's own model of S3 and from the server's list; one without a row here fails the test. A
refused write must change nothing, and an object from an accepted write must be readable with its key and no other.
"""

import re

import botocore.session
import pytest

from support.key_matrix import ANSWERS, CONTENT, GIVEN, KEY, MODES, OTHER, SHORT, Cell, World
from support.key_operations import ROWS
from support.offered_operations import flat, operations
from support.raw import b64

# Operations that do not return, receive or copy the content of an object, nor create one. Operations on buckets are
# recognised by their names.
NO_CONTENT = {
    "CreateSession": "credentials of directory buckets",
    "ListBuckets": "names",
    "ListDirectoryBuckets": "names",
    "HeadBucket": "whether there is one",
    "ListObjects": "keys, sizes, ETags: no encryption header on AWS",
    "ListObjectsV2": "as ListObjects",
    "ListObjectVersions": "as ListObjects",
    "GetObjectLockConfiguration": "of the bucket",
    "PutObjectLockConfiguration": "of the bucket",
    "GetPublicAccessBlock": "of the bucket",
    "PutPublicAccessBlock": "of the bucket",
    "DeletePublicAccessBlock": "of the bucket",
    "WriteGetObjectResponse": "of Object Lambda, another service's address",
}


def test_every_operation_has_a_row():
    rows = {flat(name.split()[0]) for name in ROWS}
    model = set(botocore.session.get_session().get_service_model("s3").operation_names)
    of_buckets = {name for name in model if re.search(r"^\w+?Bucket[A-Z]|^(Create|Delete)Bucket$", name)}
    missing = {name for name in model - of_buckets - set(NO_CONTENT) if flat(name) not in rows}
    assert missing == set(), "operations of AWS's model without a row in key_operations.py"
    known = rows | {flat(name) for name in of_buckets | set(NO_CONTENT)}
    assert operations() - known == set(), "operations of the server without a row"
    assert {name for name in NO_CONTENT if name not in model} == set(), "named here but unknown to the model"


def test_every_row_has_a_response_for_every_key():
    for name, row in ROWS.items():
        for mode in MODES:
            assert set(row.given) <= set(ANSWERS[row.responses][mode]), name
            assert set(GIVEN) == set(ANSWERS[row.responses][mode]), name


@pytest.fixture(scope="module")
def world(wire, s3):
    bucket = "key-matrix"
    s3.create_bucket(Bucket=bucket)
    return World(wire, bucket)


SECRETS = [b64(key).encode() for key in (KEY, OTHER, SHORT)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("operation", ROWS)
def test_keys(world, operation, mode):
    row = ROWS[operation]
    offered = flat(operation.split()[0]) in operations()
    responses = ANSWERS[row.responses if offered else "not offered"][mode]
    for name, given in row.given.items():
        cell = Cell(world, mode, name, given)
        response = row.ask(cell)
        status, code = responses[name]
        where = f"{operation}, {mode}, {name}: {response}"
        assert not any(key in response.body for key in SECRETS), where
        assert not any(key.decode() in value for key in SECRETS for value in response.headers.values()), where
        if status == 200:
            assert response.status == row.success, where
            row.check(cell, response)
            row.accepted(cell)
        else:
            assert (response.status, response.error.get("Code")) == (status, code), where
            assert CONTENT[:20] not in response.body, where
            row.refused(cell)
    world.reads_back(cell.kept, cell.key)
