"""Client programs and libraries that upload one file with a single request over HTTPS, and what they report of a refusal."""

import base64
import sys
from dataclasses import dataclass
from pathlib import Path

from support.raw import SSE_C_ALGORITHM, SSE_C_KEY, presign
from support.server import REGION, Server

SSE = "x-amz-server-side-encryption"
PYTHON = Path(__file__).with_name("python_uploaders.py")
JAVASCRIPT = Path(__file__).parents[2] / "programs/javascript/upload.js"


@dataclass
class Upload:
    """One upload. `headers` are the encryption and the condition that the client must send."""

    server: Server
    bucket: str
    file: Path
    secret: str
    headers: dict
    key: str = "refused"

    def customer_key(self):
        """Returns the customer key; None if there is none."""
        return base64.b64decode(self.headers[SSE_C_KEY]) if SSE_C_KEY in self.headers else None

    def kms_key(self):
        """Returns the id of the KMS key; None if there is none."""
        return self.headers.get(f"{SSE}-aws-kms-key-id")

    def is_conditional(self):
        return "If-None-Match" in self.headers


def aws_cli(upload, place):
    options = {
        "--sse-customer-algorithm": SSE_C_ALGORITHM,
        "--sse-customer-key": SSE_C_KEY,
        "--server-side-encryption": SSE,
        "--ssekms-key-id": f"{SSE}-aws-kms-key-id",
        "--if-none-match": "If-None-Match",
    }
    given = {name: upload.headers[header] for name, header in options.items() if header in upload.headers}
    if key := upload.customer_key():
        (place / "key").write_bytes(key)
        given["--sse-customer-key"] = "fileb://key"
    place.variables.update(
        AWS_ACCESS_KEY_ID=upload.server.access_key, AWS_SECRET_ACCESS_KEY=upload.secret, AWS_MAX_ATTEMPTS="1"
    )
    return place.attempt(
        *("aws", "--endpoint-url", upload.server.https, "--ca-bundle", upload.server.ca_file, "--region", REGION),
        *("s3api", "put-object", "--bucket", upload.bucket, "--key", upload.key, "--body", upload.file),
        *(word for pair in given.items() for word in pair),
    )


def rclone(upload, place):
    place.variables.update(
        RCLONE_CONFIG="",
        RCLONE_CA_CERT=upload.server.ca_file,
        RCLONE_S3_PROVIDER="Other",
        RCLONE_S3_ENDPOINT=upload.server.https,
        RCLONE_S3_REGION=REGION,
        RCLONE_S3_ACCESS_KEY_ID=upload.server.access_key,
        RCLONE_S3_SECRET_ACCESS_KEY=upload.secret,
        RCLONE_S3_NO_CHECK_BUCKET="true",
    )
    if key := upload.customer_key():
        place.variables.update(
            RCLONE_S3_SSE_CUSTOMER_ALGORITHM="AES256", RCLONE_S3_SSE_CUSTOMER_KEY_BASE64=base64.b64encode(key).decode()
        )
    if key := upload.kms_key():
        place.variables.update(RCLONE_S3_SERVER_SIDE_ENCRYPTION="aws:kms", RCLONE_S3_SSE_KMS_KEY_ID=key)
    options = ["--retries", "1", "--low-level-retries", "1", "--no-check-dest"]
    return place.attempt("rclone", "copyto", *options, upload.file, f":s3:{upload.bucket}/{upload.key}")


def curl(*options):
    """Returns an upload with curl and a presigned URL, whose signature covers the headers."""

    def run(upload, place):
        path = f"/{upload.bucket}/{upload.key}"
        query = presign(upload.server, "PUT", path, headers=upload.headers, secret=upload.secret)
        headers = [word for pair in upload.headers.items() for word in ("-H", ": ".join(pair))]
        return place.attempt(
            *("curl", "--silent", "--show-error", "--fail-with-body", "--cacert", upload.server.ca_file),
            *(*options, *headers, "-T", upload.file, f"{upload.server.https}{path}?{query}"),
        )

    return run


def python(client):
    """Returns an upload with a Python library, in a process of its own: some read their CA file from the environment."""
    return library(sys.executable, PYTHON, client)


def javascript(client):
    """Returns an upload with a JavaScript library, which `./test` installs beside the script."""
    return library("node", JAVASCRIPT, client)


def library(interpreter, script, client):
    """Returns an upload with a script that takes the client, its settings and the headers as arguments."""

    def run(upload, place):
        place.variables.update(SSL_CERT_FILE=upload.server.ca_file, NODE_EXTRA_CA_CERTS=upload.server.ca_file)
        settings = [upload.server.https, upload.server.ca_file, upload.server.access_key, upload.secret]
        settings += [upload.bucket, upload.key, upload.file]
        headers = [word for pair in upload.headers.items() for word in pair]
        return place.attempt(interpreter, script, client, *settings, *headers)

    return run
