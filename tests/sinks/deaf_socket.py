"""A way to Postgres on which the answer to a COMMIT can be lost, as when a network breaks."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_NAME = ".s.PGSQL.5432"
_COMMIT = b"COMMIT\0"
"""A statement of its own, not the `ON COMMIT` of another."""


class DeafSocket:
    """Passes on all that is said, until it is told to lose the next answer to a COMMIT."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        self.url = parts._replace(query=f"host={folder}").geturl()
        self.lost = threading.Event()
        """Whether an answer was lost."""
        self._armed = False
        self._server = str(Path(parse_qs(parts.query)["host"][0]) / _NAME)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / _NAME))
        self._listening.listen()

    def lose_next(self) -> None:
        """Break the connection when the server has answered the next COMMIT."""
        self._armed = True

    def serve(self) -> None:
        """Take connections until it is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                commits = threading.Event()
                for job in (self._ask, self._answer):
                    threading.Thread(target=job, args=(client, server, commits)).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _ask(self, client: socket.socket, server: socket.socket, commits: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while said := client.recv(65536):
                if self._armed and _COMMIT in said:
                    self._armed = False
                    commits.set()
                server.sendall(said)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(
        self, client: socket.socket, server: socket.socket, commits: threading.Event
    ) -> None:
        with client, server, contextlib.suppress(OSError):
            while said := server.recv(65536):
                if commits.is_set():
                    self.lost.set()
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(said)


@contextlib.contextmanager
def deaf_socket(url: str, folder: Path) -> Iterator[DeafSocket]:
    """Such a way for as long as the block runs."""
    found = DeafSocket(url, folder)
    thread = threading.Thread(target=found.serve)
    thread.start()
    try:
        yield found
    finally:
        found.close()
        thread.join()
