"""boto3 as in docs/recipes/boto3.md, beyond plain client calls: resources, paginators, waiters."""

import base64
import hashlib
import re
import secrets
import ssl
import threading
import time
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from support.programs.program import Place, holds, holds_sealed, names_in, sse_c
from support.programs.recipe import CONTENT, Recipe
from support.server import REGION


@pytest.fixture(scope="session")
def resource(server):
    return boto3.resource(
        "s3",
        endpoint_url=server.https,
        region_name=REGION,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret,
        verify=server.ca_file,
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
    )


def test_the_recipe(server, s3, bucket_name, tmp_path):
    place = Place(tmp_path / "home")
    Recipe("aws-cli", server, bucket_name).write(place)
    printed = Recipe("boto3", server, bucket_name).follow(place)
    assert (place / "copy.txt").read_bytes() == (place / "sealed-copy.txt").read_bytes() == CONTENT
    key = (place / "customer.key").read_bytes()
    holds_sealed(s3, bucket_name, "sealed.txt", CONTENT, key)
    assert printed.splitlines()[-1] == base64.b64encode(hashlib.md5(key).digest()).decode()
    url = re.search(r"^https://.*$", printed, re.M)[0]
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=server.ca_file)) as response:
        assert response.read() == CONTENT


def test_resources(resource, s3, bucket, customer_key):
    place = resource.Bucket(bucket)
    assert place in resource.buckets.all() and place.creation_date
    content, key = secrets.token_bytes(70_000), sse_c(customer_key)
    one = place.put_object(Key="dir/one", Body=content, Metadata={"a": "b"})
    two = resource.Object(bucket, "dir/two ü")
    two.put(Body=content, **key)
    place.put_object(Key="three", Body=b"3")

    assert one.content_length == 70_000 and one.metadata == {"a": "b"} and one.server_side_encryption == "AES256"
    holds(s3, bucket, "dir/one", one.get()["Body"].read())
    assert two.get(**key)["Body"].read() == content
    holds_sealed(s3, bucket, "dir/two ü", content, customer_key)
    for refused in (two.load, two.get):
        with pytest.raises(ClientError):
            refused()

    assert [entry.key for entry in place.objects.all()] == ["dir/one", "dir/two ü", "three"]
    assert [entry.key for entry in place.objects.filter(Prefix="dir/").limit(1)] == ["dir/one"]
    assert [entry.size for entry in place.objects.page_size(1)] == [70_000, 70_000, 1]
    place.objects.filter(Prefix="dir/").delete()
    assert [entry.key for entry in place.objects.all()] == ["three"]
    resource.Object(bucket, "three").delete()
    place.delete()
    assert place not in resource.buckets.all()


def test_paginators(s3, bucket):
    names = [f"{folder}/{number}" for folder in "ab" for number in range(5)]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name)
    for operation in ["list_objects_v2", "list_objects"]:
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
        pages = [[entry["Key"] for entry in page["Contents"]] for page in pages]
        assert [len(page) for page in pages] == [3, 3, 3, 1] and sum(pages, []) == names
        folders = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
        assert [entry["Prefix"] for entry in folders.search("CommonPrefixes[]")] == ["a/", "b/"]
    some = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"MaxItems": 4, "PageSize": 3})
    some = some.build_full_result()
    assert [entry["Key"] for entry in some["Contents"]] == names[:4]
    rest = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"StartingToken": some["NextToken"]}
    )
    assert [entry["Key"] for entry in rest.search("Contents[]")] == names[4:]


def test_waiters(s3, bucket_name, customer_key):
    soon = {"Delay": 0.05, "MaxAttempts": 100}
    once = {"Delay": 0, "MaxAttempts": 1}
    with pytest.raises(WaiterError):
        s3.get_waiter("bucket_exists").wait(Bucket=bucket_name, WaiterConfig=once)
    late = threading.Timer(0.2, s3.create_bucket, kwargs={"Bucket": bucket_name})
    late.start()
    s3.get_waiter("bucket_exists").wait(Bucket=bucket_name, WaiterConfig=soon)
    late.join()

    at = {"Bucket": bucket_name, "Key": "k"}
    late = threading.Timer(0.2, s3.put_object, kwargs={**at, "Body": b"data", **sse_c(customer_key)})
    late.start()
    started = time.monotonic()
    s3.get_waiter("object_exists").wait(**at, **sse_c(customer_key), WaiterConfig=soon)
    assert time.monotonic() - started > 0.1
    late.join()
    s3.get_waiter("object_not_exists").wait(**at, WaiterConfig=once)  # without its key it looks missing
    with pytest.raises(WaiterError):
        s3.get_waiter("object_not_exists").wait(**at, **sse_c(customer_key), WaiterConfig=once)

    s3.delete_object(**at)
    s3.get_waiter("object_not_exists").wait(**at, **sse_c(customer_key), WaiterConfig=once)
    assert names_in(s3, bucket_name) == []
    s3.delete_bucket(Bucket=bucket_name)
    s3.get_waiter("bucket_not_exists").wait(Bucket=bucket_name, WaiterConfig=once)
