"""A real HTTP server on the loopback interface that answers, and fails, in every way it is told."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

Reply = Callable[["_Exchange"], None]
_WAIT = 20.0
"""Seconds after which a test gives up; reached only by a test that fails."""


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: object
    """The client's address: the same for requests of one connection."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with fewer, connections made at once wait for a repeated SYN

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet: a client that gave up is what some tests are about."""


class PushServer:
    """Answers the first request with the first reply, and so on; the last one repeats."""

    def __init__(self, *replies: Reply, port: int = 0) -> None:
        self._replies = list(replies)
        self._arrived = threading.Condition()
        self.received: list[Received] = []
        self.closing = threading.Event()
        self.in_flight = self.most_in_flight = 0
        self._http = _HTTPServer(("127.0.0.1", port), self._exchange)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/push?token=url-token"

    def wait_for(self, count: int) -> list[Received]:
        """The requests, once there are that many."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, _WAIT)
            return list(self.received)

    def next_reply(self, received: Received) -> Reply:
        with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        with self._arrived:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            with self._arrived:
                self.in_flight -= 1

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _exchange(self, *args: Any) -> "_Exchange":
        return _Exchange(self, *args)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _WAIT

    def __init__(self, push_server: PushServer, *args: Any) -> None:
        self.push_server = push_server
        super().__init__(*args)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, body, self.client_address)
        with self.push_server.counted():
            self.push_server.next_reply(received)(self)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def answer(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
    def reply(exchange: _Exchange) -> None:
        exchange.send_response(status)
        for name, value in (headers or {}).items():
            exchange.send_header(name, value)
        if status != 204:
            exchange.send_header("Content-Length", str(len(body)))
        exchange.end_headers()
        with contextlib.suppress(ConnectionError):
            exchange.wfile.write(body)

    return reply


def answer_when(gate: threading.Event, status: int = 200) -> Reply:
    """Answer when the gate opens: a slow provider."""

    def reply(exchange: _Exchange) -> None:
        gate.wait(_WAIT)
        answer(status)(exchange)

    return reply


def never_answer(exchange: _Exchange) -> None:
    exchange.push_server.closing.wait(_WAIT)
    exchange.close_connection = True


def close_within_headers(exchange: _Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    exchange.close_connection = True


def close_within_body(exchange: _Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    exchange.close_connection = True


def hang_within_body(exchange: _Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    never_answer(exchange)


def speak_another_protocol(exchange: _Exchange) -> None:
    exchange.wfile.write(b"220 mail.example ESMTP\r\n")
    exchange.close_connection = True


def reset(exchange: _Exchange) -> None:
    """End the connection by RST: what a crash looks like."""
    linger = struct.pack("ii", 1, 0)
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    exchange.rfile.close()
    socket.socket(fileno=exchange.connection.detach()).close()
    exchange.close_connection = True


def free_port() -> int:
    """A port of the loopback interface on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
