"""Conditions of copies: on the source, and on an existing object at the target."""

from email.utils import formatdate
from time import time

import pytest

from support.raw import path_of, sse_c
from support.wire import COPY_SOURCE, Upload, of_source, opens_only_with

KEY = bytes(range(32))
OTHER = '"00000000000000000000000000000000"'
PAST, FUTURE = formatdate(time() - 86_400, usegmt=True), formatdate(time() + 86_400, usegmt=True)
FAILED = "At least one of the pre-conditions you specified did not hold"

# Conditions on the source by their short names, and whether the copy succeeds.
CASES = [
    ({"match": "{etag}"}, True),
    ({"match": "*"}, True),
    ({"match": OTHER}, False),
    ({"match": f"{OTHER}, {{etag}}"}, True),
    ({"none-match": "{etag}"}, False),
    ({"none-match": "*"}, False),
    ({"none-match": OTHER}, True),
    ({"modified-since": PAST}, True),
    ({"modified-since": FUTURE}, False),
    ({"modified-since": "{modified}"}, False),
    ({"unmodified-since": PAST}, False),
    ({"unmodified-since": "{modified}"}, True),
    ({"unmodified-since": FUTURE}, True),
    # AWS documents these two pairs: the condition on the ETag takes precedence.
    ({"match": "{etag}", "unmodified-since": PAST}, True),
    ({"none-match": "{etag}", "modified-since": PAST}, False),
    ({"none-match": OTHER, "modified-since": FUTURE}, True),
    ({"match": OTHER, "unmodified-since": FUTURE}, False),
    # In the other pairs both conditions must hold.
    ({"match": "{etag}", "none-match": "{etag}"}, False),
    ({"match": "{etag}", "none-match": OTHER}, True),
    ({"match": OTHER, "none-match": OTHER}, False),
    ({"match": "{etag}", "modified-since": FUTURE}, False),
    ({"match": "{etag}", "modified-since": PAST}, True),
    ({"none-match": OTHER, "unmodified-since": PAST}, False),
    ({"none-match": OTHER, "unmodified-since": FUTURE}, True),
    ({"modified-since": PAST, "unmodified-since": FUTURE}, True),
    ({"modified-since": FUTURE, "unmodified-since": FUTURE}, False),
    ({"modified-since": PAST, "unmodified-since": PAST}, False),
]


@pytest.mark.parametrize("key", [None, KEY], ids=["SSE-S3", "SSE-C"])
def test_conditions_on_the_source(wire, bucket, key):
    """A failed condition is 412, even where a GET would return 304; for parts too."""
    source, given = path_of(bucket, "source"), sse_c(key) if key else {}
    wire("PUT", source, body=b"data", headers=given)
    head = wire("HEAD", source, headers=given)
    known = {"etag": head.headers["etag"], "modified": head.headers["last-modified"]}
    for number, (conditions, holds) in enumerate(CASES):
        requested = {f"x-amz-copy-source-if-{name}": value.format(**known) for name, value in conditions.items()}
        requested |= {COPY_SOURCE: source, **of_source(given)}
        target = path_of(bucket, f"target-{number}")
        upload = Upload(wire, bucket, "upload")
        for response in [wire("PUT", target, headers=requested), upload.copy_part(1, source, requested)]:
            if holds:
                assert response.status == 200, (conditions, response)
            else:
                assert response.status == 412, (conditions, response)
                response.is_error(412, "PreconditionFailed", FAILED)
        if holds:
            opens_only_with(wire, target, b"data")
        else:
            wire("GET", target).is_error(404, "NoSuchKey")
        assert upload.numbers() == ([1] if holds else [])


def test_conditions_reveal_nothing_without_the_key(wire, bucket):
    """Only a caller with the key learns whether a condition holds."""
    source = path_of(bucket, "source")
    wire("PUT", source, body=b"data", headers=sse_c(KEY))
    for name, value in [("match", OTHER), ("none-match", "*"), ("modified-since", FUTURE)]:
        condition = {COPY_SOURCE: source, f"x-amz-copy-source-if-{name}": value}
        wire("PUT", path_of(bucket, "new"), headers=condition).is_error(400, "InvalidRequest")
        wrong = of_source(sse_c(b"?" * 32))
        wire("PUT", path_of(bucket, "new"), headers={**condition, **wrong}).is_error(403, "AccessDenied")


def test_conditions_on_the_target(wire, bucket):
    source, target = path_of(bucket, "source"), path_of(bucket, "target")
    wire("PUT", source, body=b"data")

    def copy(**condition):
        requested = {name.replace("_", "-"): value for name, value in condition.items()}
        return wire("PUT", target, headers={COPY_SOURCE: source, **requested})

    copy(If_Match=OTHER).is_error(404, "NoSuchKey")
    assert copy(If_None_Match="*").status == 200
    copy(If_None_Match="*").is_error(412, "PreconditionFailed", FAILED)
    etag = wire("PUT", target, body=b"other").headers["etag"]
    copy(If_Match=OTHER).is_error(412, "PreconditionFailed", FAILED)
    copy(If_None_Match=OTHER).is_error(501, "NotImplemented")
    opens_only_with(wire, target, b"other")
    assert copy(If_Match=etag).status == 200
    opens_only_with(wire, target, b"data")


def test_invalid_dates(wire, bucket):
    """They are ignored, as HTTP requires."""
    source = path_of(bucket, "source")
    wire("PUT", source, body=b"data")
    requested = {COPY_SOURCE: source, "x-amz-copy-source-if-modified-since": "yesterday"}
    assert wire("PUT", path_of(bucket, "target"), headers=requested).status == 200
