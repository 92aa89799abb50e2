"""The connection of a flow to Postgres: opened anew when it is lost, and one flow a schema."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sinks.backoff import Backoff
from sinks.lease import StoreError, StoreLockedError
from sinks.postgres_claim import claim, refuse_taken
from sinks.postgres_fitness import refuse_unfit
from sinks.postgres_words import passes, place_of, words_of

log = logging.getLogger(__name__)

Connection = psycopg.Connection[tuple[Any, ...]]
_T = TypeVar("_T")

_SAY_FIRST, _SAY_AGAIN = 5.0, 30.0
"""Seconds until the first line about a server that is away, and between two later ones."""
_PAUSES = Backoff(first=0.05, longest=2.0)
_LOCK_TURN = 10.0
"""Seconds after which a transaction that waits for another program's lock is begun again."""
_CONNECT = {
    "connect_timeout": "10",
    # A server that vanished without a word is noticed after half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
_SESSION = {
    "client_encoding": "UTF8",
    "timezone": "UTC",
    "datestyle": "ISO",
    # An epoch is one transaction however long it takes; its end is what the flow waits for.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "jit": "off",
    # The server's side of the same: the lock of a flow that vanished is free soon.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}


class PostgresSession:
    """One connection at a time; used by one thread at a time."""

    def __init__(
        self, url: str, patience: float, name: str, *, claims: bool = True, process: int = 0
    ) -> None:
        """Open nothing yet.

        Args:
            url: A connection URL as libpq reads it.
            patience: Seconds for which a server that is away, or another flow, is waited for.
            name: What `pg_stat_activity` calls the connection, unless the URL says.
            claims: Whether to keep every other flow out of the schema.
            process: Of the processes of a flow, the one that this is; 0 is the one that writes.
        """
        self.place = place_of(url)
        self.token: str | None = None
        """What this flow left in the database when it took it; none before."""
        self.waited: Callable[[float], None] = lambda seconds: None
        """Told how many seconds more the server, or another flow, was waited for."""
        self._url = url
        self._patience = patience
        self._name = name
        self._claims = claims
        self._process = process
        self._connection: Connection | None = None

    def run(self, doing: str, job: Callable[[Connection], _T]) -> _T:
        """Do a job that is one transaction, all of it again when what it ran into passes.

        Raises:
            StoreLockedError: Another flow held the schema for longer than the patience.
            StoreError: Postgres refuses, or was away for longer than that.
        """
        started = time.monotonic()
        say_at, failures = started + _SAY_FIRST, 0
        while True:
            try:
                return job(self._connected())
            except StoreLockedError as error:
                found: StoreError | StoreLockedError = error
            except psycopg.Error as error:
                found = StoreError(f"cannot {doing} the database {self.place}: {words_of(error)}")
                if not passes(error):
                    raise found from None
                if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
                    self.close()  # a standby now: another host may be the primary
            self._drop_if_broken()
            now = time.monotonic()
            if now - started > self._patience:
                raise found
            if now > say_at:
                say_at = now + _SAY_AGAIN
                log.warning("%s; trying again for %.0f s", found, self._patience - (now - started))
            failures += 1
            time.sleep(_PAUSES.delay(failures))
            self.waited(time.monotonic() - now)

    def query(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        """All rows of a query."""
        return self.run("read", lambda connection: _rows(connection, statement, arguments))

    def close(self) -> None:
        """Let go of the database."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = self._connect()
            try:
                if self.token is not None:
                    refuse_taken(connection, self.place, self.token)
                if self._claims:
                    claim(connection, self.place, self._process)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _connect(self) -> Connection:
        asked = conninfo_to_dict(self._url)
        settings: dict[str, Any] = {"fallback_application_name": self._name, **_CONNECT, **asked}
        whole = make_conninfo(**settings)
        # A prepared statement would not survive a pooler, and none is run often enough.
        connection = psycopg.connect(whole, autocommit=True, prepare_threshold=None)
        try:
            # Who waits for a lock says so after a while, and not for ever.
            lock_timeout = f"{min(_LOCK_TURN, self._patience) * 1000:.0f}ms"
            for name, value in {**_SESSION, "lock_timeout": lock_timeout}.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            refuse_unfit(connection, self.place)
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop_if_broken(self) -> None:
        if self._connection is not None and self._connection.broken:
            self.close()


def _rows(connection: Connection, statement: str, arguments: Mapping[str, object]) -> list[Any]:
    return connection.execute(statement, arguments).fetchall()
