"""Accounts of a server: created by the command, used by boto3."""

import json
import re

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from support.server import REGION, run

FIRST = "000000000000"


class Account:
    """An account with clients of its root user."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        done = command(server, "create", name)
        assert done.returncode == 0, done.stderr
        page = done.stdout.decode()
        fields = dict(re.findall(r"^(\S.*?)  +(\S.*)$", page, re.M))
        self.id, self.canonical_id = fields["Account"], fields["Canonical id"]
        self.access_key, self.secret = fields["Access key ID"], fields["Secret access key"]
        self.page = page
        self.s3 = client(server, "s3", self.access_key, self.secret)

    def client(self, service):
        return client(self.server, service, self.access_key, self.secret)


def command(server, *arguments):
    """Runs `strongroom account` on the store of a server."""
    return run("account", *arguments, "--data-dir", server.data_dir, cwd=server.place)


def client(server, service, access_key, secret, token=None):
    return boto3.client(
        service,
        endpoint_url=server.https,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        verify=server.ca_file,
        config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, signature_version=None),
    )


def code_of(call, *arguments, **parameters):
    """Returns the status and the code of the error that a call ends with; `None` if it succeeds."""
    try:
        call(*arguments, **parameters)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    return None


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
