"""Requests over one HTTP/2 connection, and what the connection itself is told."""

import contextlib
import socket
import ssl

import h2.config
import h2.connection
import h2.events

from raw import UNSIGNED, head_of, wait_until

LIMIT = 30


class Http2:
    """One connection. It is read only while something is waited for."""

    def __init__(self, server):
        self.server, self.authority = server, f"localhost:{server.https_port}"
        context = ssl.create_default_context(cafile=server.ca_file)
        context.set_alpn_protocols(["h2"])
        self.socket = context.wrap_socket(
            socket.create_connection(("127.0.0.1", server.https_port)), server_hostname="localhost"
        )
        assert self.socket.selected_alpn_protocol() == "h2"
        self.socket.settimeout(0.05)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.events, self.closed = [], False
        self._write()

    def _write(self):
        self.socket.settimeout(LIMIT)
        self.socket.sendall(self.h2.data_to_send())
        self.socket.settimeout(0.05)

    def _read(self):
        """Takes in what has come, if anything has."""
        with contextlib.suppress(TimeoutError):
            data = self.socket.recv(1 << 16)
            self.closed = self.closed or not data
            for event in self.h2.receive_data(data) if data else []:
                self.events.append(event)
                if isinstance(event, h2.events.DataReceived):
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if not self.closed:
                self._write()

    def _seen(self, kind, stream=None):
        events = [event for event in self.events if isinstance(event, kind)]
        return [event for event in events if stream is None or event.stream_id == stream]

    def is_told_to_go(self):
        self._read()
        return bool(self._seen(h2.events.ConnectionTerminated))

    def is_closed(self):
        self._read()
        return self.closed

    def upload(self, path, headers, length, method="PUT"):
        return Stream(self, method, path, headers, length)

    def ask(self, method, path, headers=None, body=b""):
        """Sends a request; returns status and body."""
        with self.upload(path, headers, len(body), method) as stream:
            stream.send(body)
            status = stream.end()
            return status, b"".join(event.data for event in self._seen(h2.events.DataReceived, stream.id))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Stream:
    """One request, whose body goes as its sender likes."""

    def __init__(self, connection, method, path, headers, length):
        self.connection, self.h2 = connection, connection.h2
        self.id = self.h2.get_next_available_stream_id()
        host = connection.authority
        pairs = head_of(connection.server, method, path, headers=headers, payload=UNSIGNED, length=length, host=host)
        pseudo = [(":method", method), (":scheme", "https"), (":authority", host), (":path", path)]
        named = [(name.lower(), str(value)) for name, value in pairs if name != "host"]
        self.h2.send_headers(self.id, pseudo + named)
        connection._write()

    def send(self, data):
        while data:
            room = min(self.h2.local_flow_control_window(self.id), self.h2.max_outbound_frame_size, len(data))
            if room:
                self.h2.send_data(self.id, data[:room])
                data = data[room:]
                self.connection._write()
            else:
                self.connection._read()

    def end(self):
        """Ends the request and reads the answer; returns the status."""
        self.h2.end_stream(self.id)
        self.connection._write()

        def is_answered():
            self.connection._read()
            return self.connection._seen(h2.events.StreamEnded, self.id)

        assert wait_until(is_answered, LIMIT), "no answer"
        return int(dict(self.connection._seen(h2.events.ResponseReceived, self.id)[0].headers)[":status"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
