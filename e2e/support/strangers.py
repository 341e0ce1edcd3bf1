"""Attackers that hold what they can of a server: each runs at full rate in a process of its own until it is stopped.

`stranger` in the name of an attack: it has no access key. `tenant`: it has one.
"""

import contextlib
import multiprocessing
import socket
import ssl
import time

from hpack import Encoder
from hyperframe.frame import DataFrame, Frame, HeadersFrame, SettingsFrame, WindowUpdateFrame

from support.chunked import SIGNED
from support.raw import Connection, head_of, path_of

MIB = 1 << 20
BOUNDARY = "0f8a1c"
BROKEN = (OSError, EOFError, ValueError)


def connect(server, alpn="http/1.1"):
    context = ssl.create_default_context(cafile=server.ca_file)
    context.set_alpn_protocols([alpn])
    plain = socket.create_connection(("127.0.0.1", server.https_port), timeout=10)
    return context.wrap_socket(plain, server_hostname="localhost")


def head(method, path, *lines):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: localhost", *lines, "", ""]).encode()


def push(connection, data):
    """Sends as much as the server takes without waiting; returns the rest, or None if the server closed."""
    data = memoryview(data)
    try:
        connection.settimeout(0)
        while data:
            data = data[connection.send(data[:65_536]) :]
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return data
    except BROKEN:
        return None
    return data


def is_closed(connection):
    try:
        connection.settimeout(0)
        return connection.recv(65_536) == b""
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return False
    except BROKEN:
        return True


def keep_sending(server, number, first, drip=None, pause=0.02):
    """Holds `number` connections: each sends `first`, then `drip` once a second; one that is closed is opened again."""
    held = [None] * number
    last = time.monotonic()
    while True:
        drips = drip is not None and time.monotonic() - last >= 1
        last = time.monotonic() if drips else last
        for at, entry in enumerate(held):
            if entry is None:
                with contextlib.suppress(*BROKEN):
                    held[at] = [connect(server), first]
                continue
            connection, rest = entry
            rest = push(connection, drip if drips and not rest else rest)
            if rest is None or is_closed(connection):
                connection.close()
                held[at] = None
            else:
                entry[1] = rest
        time.sleep(pause)


def documents_over_http2(server):
    """Streams of one connection, each with a document of 8 MiB for a bucket that does not exist, but its last byte."""
    while True:
        with contextlib.suppress(*BROKEN):
            send_streams(server, 100, 8 * MIB)


def send_streams(server, number, size):
    connection = connect(server, "h2")
    encoder, unread, block = Encoder(), b"", bytes(16_384)
    rooms, left, first, allowed = {0: 65_535}, {}, 65_535, number
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize())
    opened = 0
    while True:
        while opened < number and len(left) < allowed:
            stream = 2 * opened + 1
            fields = [(":method", "PUT"), (":scheme", "https"), (":authority", "localhost"), (":path", "/none?tagging")]
            fields += [("content-length", str(size)), ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")]
            connection.sendall(HeadersFrame(stream, encoder.encode(fields), flags=["END_HEADERS"]).serialize())
            rooms[stream], left[stream] = first, size - 1
            opened += 1
        for stream in list(left):
            length = min(rooms[0], rooms[stream], left[stream], len(block))
            if length > 0:
                connection.settimeout(10)
                connection.sendall(DataFrame(stream, block[:length]).serialize())
                left[stream] -= length
                rooms[0], rooms[stream] = rooms[0] - length, rooms[stream] - length
        connection.settimeout(0.001)
        with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
            data = connection.recv(65_536)
            if not data:
                return
            unread += data
        while len(unread) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(unread[:9]))
            if len(unread) < 9 + length:
                break
            frame.parse_body(memoryview(unread[9 : 9 + length]))
            unread = unread[9 + length :]
            match frame:
                case SettingsFrame() if "ACK" not in frame.flags:
                    allowed = min(allowed, frame.settings.get(SettingsFrame.MAX_CONCURRENT_STREAMS, allowed))
                    new = frame.settings.get(SettingsFrame.INITIAL_WINDOW_SIZE, first)
                    rooms = {n: room + (new - first if n else 0) for n, room in rooms.items()}
                    first = new
                    connection.sendall(SettingsFrame(0, flags=["ACK"]).serialize())
                case WindowUpdateFrame():
                    rooms[frame.stream_id] = rooms.get(frame.stream_id, 0) + frame.window_increment
                case _ if frame.stream_id in left and ("END_STREAM" in frame.flags or frame.type == 3):
                    del left[frame.stream_id]
                    opened -= opened == number
        if opened >= 1 << 20:
            return


def half_forms(server):
    """60 connections with a form whose first field never ends."""
    form = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="key"\r\n\r\n'.encode()
    form = form[:-4] + b"; filler=" + b"a" * (12 * MIB)
    lines = (f"content-type: multipart/form-data; boundary={BOUNDARY}", f"content-length: {13 * MIB}")
    keep_sending(server, 60, head("POST", "/bucket", *lines) + form)


def slow_forms(server):
    """200 connections with a form of which a byte arrives per second."""
    lines = (f"content-type: multipart/form-data; boundary={BOUNDARY}", f"content-length: {MIB}")
    form = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="key"\r\n\r\n'.encode()
    keep_sending(server, 200, head("POST", "/bucket", *lines) + form, b"a", pause=0.2)


def silence(server):
    """As many connections as there are places, which send nothing after the handshake."""
    keep_sending(server, server.places, b"", pause=0.2)


def slow_heads(server):
    """As many connections as there are places, which send a byte of a request's head per second."""
    keep_sending(server, server.places, b"GET / HTTP/1.1\r\nx-filler: ", b"a", pause=0.2)


def huge_deletes(server):
    """16 connections with unsigned DeleteObjects documents of 8 MiB, one after another."""
    lines = ("content-md5: 1B2M2Y8AsgTpgAmY7PhCfg==", f"content-length: {8 * MIB}")
    keep_sending(server, 16, head("POST", "/bucket?delete", *lines) + b"<Delete>" + b" " * (8 * MIB - 9))


def giant_chunks(server):
    """60 signed uploads of one chunk of 15 MiB, but its last byte."""
    path = path_of("bucket", "giant")
    given = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": 15 * MIB}
    with Connection(server) as honest:
        host = honest.host
    pairs = head_of(server, "PUT", path, payload=SIGNED, headers=given, host=host, length=15 * MIB + 1000)
    lines = [f"{name}: {value}" for name, value in pairs if name != "host"]
    first = head("PUT", path, *lines).replace(b"host: localhost\r\n", f"host: {host}\r\n".encode())
    line = b"%x;chunk-signature=%s\r\n" % (15 * MIB, b"0" * 64)
    keep_sending(server, 60, first + line + bytes(15 * MIB - 1))


def slow_uploads(server):
    """100 signed uploads of which a byte arrives per second: fewer than the share of an address."""
    path = path_of("bucket", "slow")
    with Connection(server) as honest:
        host = honest.host
    lines = [f"{n}: {v}" for n, v in head_of(server, "PUT", path, host=host, length=MIB) if n != "host"]
    first = head("PUT", path, *lines).replace(b"host: localhost\r\n", f"host: {host}\r\n".encode())
    keep_sending(server, 100, first, b"a", pause=0.2)


def unread_downloads(server):
    """60 downloads of a large object, signed, that are never read."""
    path = path_of("bucket", "large")
    with Connection(server) as honest:
        host = honest.host
    lines = [f"{n}: {v}" for n, v in head_of(server, "GET", path, host=host) if n != "host"]
    first = head("GET", path, *lines).replace(b"host: localhost\r\n", f"host: {host}\r\n".encode())
    held = []
    for _ in range(60):
        connection = connect(server)
        connection.sendall(first)
        held.append(connection)
    while True:
        time.sleep(1)


class Attack:
    """An attack that runs while the context lasts."""

    def __init__(self, attack, server):
        fork = multiprocessing.get_context("fork")
        self.process = fork.Process(target=attack, args=(server,), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
