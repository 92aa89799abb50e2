"""How the other processes of a flow find the start of the first one, and one process a number."""

import time
from typing import Any

import psycopg

from sinks.lease import StoreLockedError
from sinks.postgres_claim import WRITER, is_claimed, leave, left

Connection = psycopg.Connection[tuple[Any, ...]]
_START = "start"
_LINGER = 1.0
"""Seconds for which a start must have been there before it is believed."""


class NotStartedError(StoreLockedError):
    """The first process has not begun, or not with as many processes."""


def announce(connection: Connection, token: str, processes: int) -> None:
    """Let the others go on: everything is there that they need to know."""
    leave(connection, _START, f"{token} {processes}")


class StartSeeker:
    """Looks for the start of the first process, again and again; used by `PostgresSession.run`."""

    def __init__(self, place: str, process: int, processes: int) -> None:
        self._place = place
        self._process = process
        self._processes = processes
        self._seen = ""
        self._since = 0.0

    def __call__(self, connection: Connection) -> str:
        """What the first process left when it began.

        Raises:
            NotStartedError: It has not begun, is not there any more, or is one of another number.
        """
        token, processes = self._announced(connection)
        if token != self._seen:
            self._seen, self._since = token, time.monotonic()
        # One that has just been killed holds its lock until the server notices.
        if not token or time.monotonic() - self._since < _LINGER:
            raise NotStartedError(
                f"process {self._process} of {self._processes} waits for process 0, which has not"
                f" begun with the database {self._place}"
            )
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
