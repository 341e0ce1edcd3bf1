"""Uploads a file with one of several Python libraries, as a program:

CLIENT ENDPOINT CA_FILE ACCESS_KEY SECRET BUCKET KEY FILE [HEADER VALUE]...

It prints the error as the library shows it.
"""

import asyncio
import base64
import sys
from pathlib import Path

REGION = "us-east-1"
SSE = "x-amz-server-side-encryption"
CUSTOMER_KEY = f"{SSE}-customer-key"
KMS_KEY = f"{SSE}-aws-kms-key-id"
CONDITION = "If-None-Match"


def aws_arguments(headers):
    """Returns the arguments of AWS's SDKs for the headers."""
    names = {SSE: "ServerSideEncryption", KMS_KEY: "SSEKMSKeyId", CONDITION: "IfNoneMatch"}
    arguments = {names[header]: value for header, value in headers.items() if header in names}
    if CUSTOMER_KEY in headers:
        arguments |= {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": base64.b64decode(headers[CUSTOMER_KEY])}
    return arguments


def with_boto3(endpoint, ca_file, access_key, secret, bucket, key, file, headers):
    import boto3

    client = boto3.client("s3", **aws_client(endpoint, ca_file, access_key, secret))
    with file.open("rb") as body:
        client.put_object(Bucket=bucket, Key=key, Body=body, **aws_arguments(headers))


def with_aioboto3(endpoint, ca_file, access_key, secret, bucket, key, file, headers):
    import aioboto3

    async def run():
        settings = aws_client(endpoint, ca_file, access_key, secret)
        async with aioboto3.Session().client("s3", **settings) as client:
            with file.open("rb") as body:
                await client.put_object(Bucket=bucket, Key=key, Body=body, **aws_arguments(headers))

    asyncio.run(run())


def aws_client(endpoint, ca_file, access_key, secret):
    return {
        "endpoint_url": endpoint,
        "region_name": REGION,
        "verify": ca_file,
        "aws_access_key_id": access_key,
        "aws_secret_access_key": secret,
    }


def with_minio(endpoint, ca_file, access_key, secret, bucket, key, file, headers):
    import urllib3
    from minio import Minio
    from minio.sse import SseCustomerKey, SseKMS

    sse = None
    if CUSTOMER_KEY in headers:
        sse = SseCustomerKey(base64.b64decode(headers[CUSTOMER_KEY]))
    elif KMS_KEY in headers:
        sse = SseKMS(headers[KMS_KEY], {})
    pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=ca_file, retries=False)
    host = endpoint.removeprefix("https://")
    client = Minio(host, access_key=access_key, secret_key=secret, region=REGION, http_client=pool)
    with file.open("rb") as body:
        size = file.stat().st_size
        client.put_object(bucket, key, body, size, sse=sse, part_size=2 * size)


def with_obstore(endpoint, ca_file, access_key, secret, bucket, key, file, headers):
    import obstore
    from obstore.store import S3Store

    config = {"endpoint": endpoint, "region": REGION, "access_key_id": access_key, "secret_access_key": secret}
    if CUSTOMER_KEY in headers:
        config |= {"server_side_encryption": "sse-c", "sse_customer_key_base64": headers[CUSTOMER_KEY]}
    elif KMS_KEY in headers:
        config |= {"server_side_encryption": "aws:kms", "sse_kms_key_id": headers[KMS_KEY]}
    store = S3Store(bucket, config=config, retry_config={"max_retries": 0})
    mode = "create" if CONDITION in headers else "overwrite"
    obstore.put(store, key, file, mode=mode, use_multipart=False)


def with_opendal(endpoint, ca_file, access_key, secret, bucket, key, file, headers):
    import opendal

    settings = {
        "bucket": bucket,
        "endpoint": endpoint,
        "region": REGION,
        "access_key_id": access_key,
        "secret_access_key": secret,
    }
    if CUSTOMER_KEY in headers:
        settings |= {
            "server_side_encryption_customer_algorithm": "AES256",
            "server_side_encryption_customer_key": headers[CUSTOMER_KEY],
            "server_side_encryption_customer_key_md5": headers[f"{CUSTOMER_KEY}-MD5"],
        }
    elif KMS_KEY in headers:
        settings |= {"server_side_encryption": "aws:kms", "server_side_encryption_aws_kms_key_id": headers[KMS_KEY]}
    more = {"if_not_exists": True} if CONDITION in headers else {}
    opendal.Operator("s3", **settings).write(key, file.read_bytes(), **more)


def main():
    client, endpoint, ca_file, access_key, secret, bucket, key, file, *pairs = sys.argv[1:]
    headers = dict(zip(pairs[::2], pairs[1::2], strict=True))
    globals()[f"with_{client}"](endpoint, ca_file, access_key, secret, bucket, key, Path(file), headers)


if __name__ == "__main__":
    main()
