"""A range of a large object costs the same at every position."""

import os
import random
import statistics
import time

import pytest

from support.raw import UNSIGNED, Connection, head_of, path_of, sse_c

MIB = 1 << 20
PART = 8 * MIB
# LARGE_OBJECT_MIB=5120 is 5 GiB; run it with a release build, see docs/performance.md.
PARTS = int(os.environ.get("LARGE_OBJECT_MIB", "512")) * MIB // PART
RANGE = 64 << 10
ROUNDS = 300
# One and a half times: far below the cost of seeking through the preceding parts, and well above the noise.
MOST = 1.5
KEY = bytes(range(32))
BLOCK = random.Random(1).randbytes(MIB)


def part_of(number):
    """Returns a part; all parts, and all MiBs of one, differ."""
    return b"".join(number.to_bytes(8, "big") + piece.to_bytes(8, "big") + BLOCK[16:] for piece in range(PART // MIB))


def expected(start):
    """Returns the expected bytes of the range at `start`, which may span two parts."""
    number = start // PART
    both = part_of(number) + part_of(number + 1)
    return both[start % PART :][:RANGE]


def get_range(server, connection, path, start):
    headers = {**sse_c(KEY), "Range": f"bytes={start}-{start + RANGE - 1}"}
    pairs = head_of(server, "GET", path, headers=headers, host=connection.host)
    begun = time.perf_counter()
    connection.head("GET", path, "", pairs)
    response = connection.http.getresponse()
    body = response.read()
    took = time.perf_counter() - begun
    assert response.status == 206, body
    return body, took


@pytest.mark.timeout(900)
def test_a_range_anywhere(start_server):
    server = start_server()
    s3 = server.s3(secure=False)
    s3.create_bucket(Bucket="bucket")
    path = path_of("bucket", "large")
    begin = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
    upload_id = s3.create_multipart_upload(Bucket="bucket", Key="large", **begin)["UploadId"]
    parts = []
    with Connection(server, secure=False, timeout=300) as connection:
        for number in range(1, PARTS + 1):
            query = f"partNumber={number}&uploadId={upload_id}"
            signed = {"query": query, "headers": sse_c(KEY), "payload": UNSIGNED, "length": PART}
            connection.head("PUT", path, query, head_of(server, "PUT", path, host=connection.host, **signed))
            connection.body(part_of(number - 1))
            response = connection.response("PUT")
            assert response.status == 200, response
            parts.append({"PartNumber": number, "ETag": response.headers["etag"]})
    done = {"MultipartUpload": {"Parts": parts}}
    s3.complete_multipart_upload(Bucket="bucket", Key="large", UploadId=upload_id, **done)

    size, anywhere = PARTS * PART, random.Random(2)
    # None begins at a chunk boundary, so each spans two chunks.
    places = {"start": 1000, "middle": size // 2 + 1000, "end": size - RANGE - 1000, "anywhere": None}
    times = {name: [] for name in places}
    with Connection(server, secure=False) as connection:
        for number in range(ROUNDS):
            for name, place in places.items():
                start = anywhere.randrange(size - RANGE) if place is None else place
                body, took = get_range(server, connection, path, start)
                times[name].append(took)
                if number % 50 == 0:
                    assert body == expected(start), f"{name}: {start}"
    ratios = {}
    for name, taken in times.items():
        ratios[name] = statistics.median(this / start for this, start in zip(taken, times["start"], strict=True))
        print(f"{name:10} {statistics.median(taken) * 1000:6.2f} ms, {ratios[name]:.2f} of the start's")
    assert max(ratios.values()) < MOST, ratios
