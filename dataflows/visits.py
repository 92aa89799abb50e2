"""Who is connected to the status server, and that none of them stays for long."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable


class Visits:
    """Open connections, the longest first; each is used by a thread of its own.

    A connection is ended by shutting its socket down: the thread that waits for its client, to send
    or to read, then waits no more, and closes it. Thread-safe.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`most` is how many there may be at the same time."""
        self._most = most
        self._clock = clock
        self._since: dict[socket.socket, float] = {}
        self._changing = threading.Lock()

    def begin(self, connection: socket.socket) -> None:
        """One more; where there are too many, the longest one makes room for it."""
        with self._changing:
            while len(self._since) >= self._most:
                self._end(next(iter(self._since)))
            self._since[connection] = self._clock()

    def over(self, connection: socket.socket) -> None:
        """This one is about to be closed."""
        with self._changing:
            self._since.pop(connection, None)

    def end_older_than(self, seconds: float) -> None:
        """However much has been sent or read meanwhile."""
        with self._changing:
            latest = self._clock() - seconds
            for connection in [found for found, at in self._since.items() if at <= latest]:
                self._end(connection)

    def _end(self, connection: socket.socket) -> None:
        del self._since[connection]
        with contextlib.suppress(OSError):  # the client was faster
            connection.shutdown(socket.SHUT_RDWR)
