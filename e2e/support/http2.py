"""Requests over one HTTP/2 connection (RFC 9113), frame by frame: client libraries close a connection on GOAWAY although
running requests continue."""

import contextlib
import socket
import ssl

from hpack import Decoder, Encoder
from hyperframe.frame import (
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from support.raw import UNSIGNED, head_of, wait_until

LIMIT = 30
FRAME = 16_384
# More than any test receives.
WINDOW = 1 << 30


class Http2:
    """One connection. It is read only while a response is awaited."""

    def __init__(self, server):
        self.server, self.authority = server, f"localhost:{server.https_port}"
        context = ssl.create_default_context(cafile=server.ca_file)
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", server.https_port))
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder, self.unread = Encoder(), Decoder(), b""
        self.streams, self.windows, self.first_window = [], {0: 65_535}, 65_535
        self.told_to_go = self.closed = False
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.send(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: WINDOW}))
        self.send(WindowUpdateFrame(0, WINDOW))

    def send(self, frame):
        self.socket.settimeout(LIMIT)
        self.socket.sendall(frame.serialize())

    def read(self):
        """Reads the received frames, if there are any."""
        self.socket.settimeout(0.05)
        with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
            data = self.socket.recv(1 << 16)
            self.closed = self.closed or not data
            self.unread += data
        while len(self.unread) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self.unread[:9]))
            if len(self.unread) < 9 + length:
                break
            frame.parse_body(memoryview(self.unread[9 : 9 + length]))
            self.unread = self.unread[9 + length :]
            self._take(frame)

    def _take(self, frame):
        match frame:
            case SettingsFrame() if "ACK" not in frame.flags:
                new = frame.settings.get(SettingsFrame.INITIAL_WINDOW_SIZE, self.first_window)
                self.windows = {n: room + (new - self.first_window if n else 0) for n, room in self.windows.items()}
                self.first_window = new
                self.send(SettingsFrame(0, flags=["ACK"]))
            case PingFrame() if "ACK" not in frame.flags:
                self.send(PingFrame(0, frame.opaque_data, flags=["ACK"]))
            case WindowUpdateFrame():
                self.windows[frame.stream_id] = self.windows.get(frame.stream_id, 0) + frame.window_increment
            case GoAwayFrame():
                assert frame.error_code == 0, frame
                self.told_to_go = True
            case RstStreamFrame():
                # NO_ERROR: the response is complete, the rest of the request is not needed (RFC 9113 section 8.1).
                assert frame.error_code == 0, f"the server reset a request: {frame}"
                self.streams[frame.stream_id // 2].is_reset = True
            case HeadersFrame() | DataFrame():
                self.streams[frame.stream_id // 2].take(frame)

    def is_told_to_go(self):
        self.read()
        return self.told_to_go

    def is_closed(self):
        self.read()
        return self.closed

    def begin(self, method, path, headers, length):
        """Begins a request whose body is sent later."""
        self.streams.append(Stream(self, 2 * len(self.streams) + 1, method, path, headers, length))
        return self.streams[-1]

    def ask(self, method, path, headers=None, body=b""):
        """Sends a request; returns status and body."""
        stream = self.begin(method, path, headers, len(body))
        stream.send(body)
        return stream.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Stream:
    """One request and its response."""

    def __init__(self, connection, number, method, path, headers, length):
        self.connection, self.number = connection, number
        self.status, self.body, self.ended, self.brings_body = None, b"", False, length > 0
        self.is_reset = False
        connection.windows[number] = connection.first_window
        host = connection.authority
        pairs = head_of(connection.server, method, path, headers=headers, payload=UNSIGNED, length=length, host=host)
        fields = [(":method", method), (":scheme", "https"), (":authority", host), (":path", path)]
        fields += [(name.lower(), str(value)) for name, value in pairs if name != "host"]
        flags = ["END_HEADERS"] if self.brings_body else ["END_HEADERS", "END_STREAM"]
        connection.send(HeadersFrame(number, connection.encoder.encode(fields), flags=flags))

    def take(self, frame):
        if isinstance(frame, HeadersFrame):
            assert "END_HEADERS" in frame.flags
            fields = dict(self.connection.decoder.decode(frame.data))
            self.status = int(fields[":status"])
        else:
            self.body += frame.data
        self.ended = "END_STREAM" in frame.flags

    def send(self, data):
        windows = self.connection.windows
        while data and not self.is_reset:
            room = min(windows[0], windows[self.number], FRAME, len(data))
            if room <= 0:
                self.connection.read()
                continue
            self.connection.send(DataFrame(self.number, data[:room]))
            data = data[room:]
            for number in (0, self.number):
                windows[number] -= room

    def end(self):
        """Ends the request and reads the response; returns status and body."""
        if self.brings_body and not self.is_reset:
            self.connection.send(DataFrame(self.number, b"", flags=["END_STREAM"]))

        def is_answered():
            self.connection.read()
            return self.ended

        assert wait_until(is_answered, LIMIT), "no response"
        return self.status, self.body
