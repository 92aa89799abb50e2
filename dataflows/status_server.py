"""Answers `/metrics`, `/healthz` and `/readyz` beside the flow, and never in its way."""

import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from typing_extensions import override

from config.errors import ChatflowError
from dataflows.visits import Visits

log = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds that a connection may last, whatever its client does."""
_MOST_CLIENTS = 16
"""Connections at the same time; who comes then is answered in place of who has been there longest,
because that is somebody who does not send, or does not read."""


class StatusServerError(ChatflowError):
    """The address for metrics and health cannot be listened on."""


class Answer(NamedTuple):
    """What one path says."""

    status: HTTPStatus
    content_type: str
    body: bytes


Page = Callable[[str], Answer]
"""Makes the answer; is told what the client accepts."""


class StatusServer(ThreadingHTTPServer):
    """Listens from the moment it is made; each request has a thread, and little time.

    Raises:
        StatusServerError: The port is taken, or the address is not one of this machine's.
    """

    daemon_threads = True
    request_queue_size = 64  # with fewer, clients that come at once wait for a repeated SYN

    def __init__(
        self, host: str, port: int, pages: Mapping[str, Page], patience: float = _PATIENCE
    ) -> None:
        """`pages` are by path."""
        self.pages = pages
        self._patience = patience
        self._visits = Visits(_MOST_CLIENTS)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), _Exchange)
        except OSError as error:
            raise StatusServerError(
                f"cannot answer /metrics at {host}:{port} ({error.strerror}): set metrics.port to"
                " a free port (0 takes any), metrics.host to an address of this machine, or"
                " metrics.enabled to false"
            ) from error
        threading.Thread(target=self.serve_forever, name="status-server", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def close(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()
        self._visits.end_older_than(0)

    @override
    def server_bind(self) -> None:
        # Not the parent's: it would look up the name of the address, and wait for a name server.
        socketserver.TCPServer.server_bind(self)

    @override
    def service_actions(self) -> None:
        """Called twice a second, and whenever somebody has come."""
        self._visits.end_older_than(self._patience)

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        self._visits.begin(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        self._visits.over(request)
        super().shutdown_request(request)

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no event."""


class _Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    server: StatusServer
    server_version, sys_version = "chatflow", ""
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(code)d %(message)s\n"

    def do_GET(self) -> None:  # the name is http.server's
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            found = page(self.headers.get("Accept", ""))
        except Exception as error:  # said in the log, and to nobody else
            log.error("%s could not be answered: %s", self.path[:20], type(error).__name__)
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        self._send(found)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, found: Answer) -> None:
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a scrape every few seconds is no event."""
