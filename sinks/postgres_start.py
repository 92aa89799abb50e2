"""How the other processes of a flow find the start of the first one, and one process a number."""

import logging
import time
from collections.abc import Callable
from typing import Any

import psycopg

from sinks.lease import StoreLockedError
from sinks.postgres_claim import WRITER, is_claimed, leave, left

log = logging.getLogger(__name__)

Connection = psycopg.Connection[tuple[Any, ...]]
_START = "start"
_LINGER = 1.0
"""Seconds for which a start must have been there before it is believed."""
_LOOK = 0.25
_SAY_FIRST, _SAY_AGAIN = 5.0, 30.0
"""Seconds until the first line about a first process that is missing, and between later ones."""


class NotStartedError(StoreLockedError):
    """The first process has begun, but not with as many processes."""


def announce(connection: Connection, token: str, processes: int) -> None:
    """Let the others go on: everything is there that they need to know."""
    leave(connection, _START, f"{token} {processes}")


class StartSeeker:
    """Looks for the start of the first process; a job for `PostgresSession.run`."""

    def __init__(self, place: str, process: int, processes: int) -> None:
        self._place = place
        self._process = process
        self._processes = processes
        self._seen = ""
        self._since = 0.0

    def wait(self, look: Callable[[], str | None]) -> str:
        """Look until there is a start, as long as it takes; a signal ends the process meanwhile.

        The first process waits for the others without an end too. Its machine may take long to
        come, and nothing is better when this one ends and begins again.
        """
        say_at = time.monotonic() + _SAY_FIRST
        while (start := look()) is None:
            if time.monotonic() > say_at:
                say_at = time.monotonic() + _SAY_AGAIN
                log.warning(
                    "process %d of %d waits for process 0, which has not begun with the"
                    " database %s",
                    *(self._process, self._processes, self._place),
                )
            time.sleep(_LOOK)
        return start

    def __call__(self, connection: Connection) -> str | None:
        """What the first process left when it began; None while it has not, or is gone.

        Raises:
            NotStartedError: It was told of another number of processes.
        """
        token, processes = self._announced(connection)
        if token != self._seen:
            self._seen, self._since = token, time.monotonic()
        # One that has just been killed holds its lock until the server notices.
        if not token or time.monotonic() - self._since < _LINGER:
            return None
        if processes != self._processes:
            raise NotStartedError(
                f"process {self._process} was told of {self._processes} processes, process 0 of"
                f" {processes}: all need the same -a"
            )
        return token

    def _announced(self, connection: Connection) -> tuple[str, int]:
        """The start of a first process that is there, and of how many; empty while none is."""
        if connection.execute("SELECT to_regclass('flow_state')").fetchone() == (None,):
            return "", 0
        found = left(connection, _START, WRITER)
        token, _, processes = found.get(_START, b"").decode().partition(" ")
        # The writer's mark is set first: until it is announced, a start is not complete.
        if found.get(WRITER) != token.encode() or not is_claimed(connection):
            return "", 0
        return token, int(processes)
