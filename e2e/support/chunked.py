"""aws-chunked bodies, written byte for byte: chunks are framed and optionally signed in a chain from the request on.

Described by AWS in "Signature calculations for the Authorization header: transferring payload in multiple chunks", and
the same with trailing headers.
"""

import contextlib
import hashlib
import re

from support.raw import REFUSED_EARLY, Connection, Signer, head_of

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Frames:
    """The frames of one body; `signature` is the last one of the chain so far."""

    def __init__(self, server, date, seed, signed):
        self.signer = Signer(server.access_key, server.secret)
        self.signer.date = date
        self.signature, self.signed = seed, signed

    def next_signature(self, kind, *digests):
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", self.signer.date, self.signer.scope, self.signature, *digests])
        self.signature = self.signer.signature(text)
        return self.signature

    def chunk(self, data):
        """Returns the line before the data, and the data with its terminator."""
        line = f"{len(data):x}"
        if self.signed:
            line += f";chunk-signature={self.next_signature('PAYLOAD', sha256(b''), sha256(data))}"
        return line.encode() + b"\r\n" + data + (b"\r\n" if data else b"")

    def trailer(self, fields):
        """Returns the bytes after the last chunk."""
        lines = b"".join(f"{name}:{value}\r\n".encode() for name, value in fields.items())
        if self.signed and fields:
            text = "".join(f"{name}:{value}\n" for name, value in fields.items())
            signature = self.next_signature("TRAILER", sha256(text.encode()))
            lines += f"x-amz-trailer-signature:{signature}\r\n".encode()
        return lines + b"\r\n"


def put_chunked(server, path, chunks, *, payload=SIGNED, trailer=None, headers=None, decoded=None, spoil=None, **more):
    """Sends a PUT of an object in these chunks. `trailer` are the fields after the last one.

    `decoded` is the length that the head claims, by default the true one. `spoil` receives the list of frames and may
    change it. With `framed_length` None the body is sent without Content-Length, in HTTP chunks.
    """
    content_length = more.pop("framed_length", True)
    given = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": sum(map(len, chunks)) if decoded is None else decoded,
        **({"x-amz-trailer": ",".join(trailer)} if trailer else {}),
        **(headers or {}),
    }
    given = {name: value for name, value in given.items() if value is not None}
    with Connection(server) as connection:
        pairs = head_of(server, "PUT", path, payload=payload, headers=given, host=connection.host, length=None, **more)
        fields = dict(pairs)
        seed = re.search(r"Signature=(\w+)", fields["Authorization"])[1]
        frames = Frames(server, fields["x-amz-date"], seed, "AWS4-HMAC" in payload)
        parts = [frames.chunk(chunk) for chunk in [*chunks, b""]] + [frames.trailer(trailer or {})]
        if spoil:
            parts = spoil(parts)
        body = b"".join(parts)
        if content_length is None:
            pairs.append(("Transfer-Encoding", "chunked"))
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            pairs.append(("Content-Length", len(body)))
        connection.head("PUT", path, more.get("query", ""), pairs)
        with contextlib.suppress(*REFUSED_EARLY):
            connection.body(body)
        return connection.response("PUT")
