"""Requests to a server's administration API, over its socket."""

import http.client
import json
import os
import socket
from dataclasses import dataclass

JSON = {"Content-Type": "application/json"}


class Connection(http.client.HTTPConnection):
    """An HTTP connection over the socket of a data directory."""

    def __init__(self, data_dir, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.data_dir = data_dir

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        # The path of the socket can be longer than an address may be.
        directory = os.open(self.data_dir, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{directory}/admin.sock")
        finally:
            os.close(directory)


@dataclass
class Response:
    """A response: its status, headers, and the JSON of each line."""

    status: int
    headers: dict
    lines: list

    @property
    def document(self):
        (only,) = self.lines
        return only


def ask(server, method, path, body=None, headers=JSON):
    """Sends a request, a dictionary as JSON, and returns the whole response."""
    connection = Connection(server.data_dir)
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    lines = [json.loads(line) for line in response.read().splitlines()]
    connection.close()
    return Response(response.status, {name.lower(): value for name, value in response.getheaders()}, lines)


def begin(server, method, path, body):
    """Sends a request and returns the connection and the response, of which nothing was read."""
    connection = Connection(server.data_dir)
    connection.request(method, path, body=json.dumps(body).encode(), headers=JSON)
    return connection, connection.getresponse()
