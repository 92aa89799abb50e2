"""One transaction an epoch, written by a thread of its own while the flow decodes on."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from schemas.rows import Rows, Table
from schemas.tables import FLOW_STATE
from sinks import postgres_sql as sql
from sinks.epoch import WINDOW, WindowKey, windows
from sinks.lease import StoreError
from sinks.observer import UNOBSERVED, Observer
from sinks.postgres_claim import lock_commits
from sinks.postgres_copy import HEADER, TRAILER, encode
from sinks.postgres_session import Connection, PostgresSession
from sinks.shared_store import EncodedRows
from sinks.writer_thread import WriterThread

_Copies = Mapping[Table, Sequence[bytes]]


class _Transaction(NamedTuple):
    """Everything of one epoch, kept until it is known to be durable."""

    rows: _Copies
    merges: _Copies
    windows: bytes | None


class PostgresWriter:
    """Gathers an epoch as the bytes of COPY, and sends them at its end.

    Nothing is sent before, so no transaction is open for longer than it takes, and all of it can
    be sent again when the server was away.
    """

    def __init__(self, session: PostgresSession, commits: int) -> None:
        """`commits` is how many epochs the database has."""
        self.commits = commits
        """How many epochs are durable."""
        self.is_empty = True
        """Whether the epoch has no rows so far."""
        self.observer: Observer = UNOBSERVED
        self._session = session
        self._rows: dict[Table, list[bytes]] = {}
        self._thread = WriterThread("postgres", session.place)

    def append(self, rows: Rows) -> None:
        """Add rows to the epoch."""
        self.is_empty = False
        data = rows.data if isinstance(rows, EncodedRows) else encode(rows)
        self._rows.setdefault(rows.table, []).append(data)

    def commit(
        self, merges: Sequence[Rows], revisions: set[WindowKey], then: Callable[[], None]
    ) -> None:
        """See `Writer.commit`."""
        rows, self._rows, self.is_empty = self._rows, {}, True
        merged: dict[Table, list[bytes]] = {}
        for found in merges:
            if len(found):
                merged.setdefault(found.table, []).append(encode(found))
        counted = encode(windows(revisions)) if revisions else None
        self._thread.commit(self._commit, _Transaction(rows, merged, counted), then)

    def query(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        """Rows of a query, behind the commit under way."""
        return self._thread.ask(self._session.query, statement, arguments)

    def settle(self) -> None:
        """Wait for the commit under way.

        Raises:
            StoreLockedError: Another flow holds the schema.
            StoreError: Postgres refuses, or is away for too long; nothing of that epoch is there.
        """
        self._thread.settle()

    def close(self) -> None:
        """Wait for the commit under way and give up what came after it.

        Raises:
            ChatflowError: That commit failed.
        """
        try:
            self.settle()
        finally:
            self._thread.close()
            self._session.close()

    def _commit(self, found: _Transaction, then: Callable[[], None]) -> None:
        self._session.run("commit to", lambda connection: self._write(connection, found))
        self.commits += 1
        then()

    def _write(self, connection: Connection, found: _Transaction) -> None:
        """All of an epoch, or nothing if an earlier attempt did it and its answer was lost."""
        place, token = self._session.place, self._session.token or ""
        with connection.transaction(), connection.cursor() as cursor:
            commits = lock_commits(connection, place, token)
            if commits == self.commits:
                write(cursor, found.rows, found.merges, found.windows, self.observer)
            elif commits != self.commits + 1:
                raise StoreError(
                    f"the database {place} has {commits} commits, this flow has made"
                    f" {self.commits}: it was restored, or is another server now. Start again to go"
                    " on from what it knows"
                )


def write(
    cursor: psycopg.Cursor[Any],
    rows: _Copies,
    merges: _Copies,
    revised: bytes | None = None,
    observer: Observer = UNOBSERVED,
) -> None:
    """Within a transaction: add rows, merge others by their keys, count windows anew."""
    for table, parts in rows.items():
        began = time.monotonic()
        _copy(cursor, sql.copy(table.name, table), parts)
        observer.wrote(table.name, cursor.rowcount, time.monotonic() - began)
    for table, parts in merges.items():
        began = time.monotonic()
        _arrive(cursor, table, parts)
        if table is FLOW_STATE:
            cursor.execute(sql.FORGET_STATES)
        cursor.execute(sql.merge(table))
        observer.wrote(table.name, cursor.rowcount, time.monotonic() - began)
    if revised is not None:
        _arrive(cursor, WINDOW, [revised])
        cursor.execute(sql.REVISE)


def _arrive(cursor: psycopg.Cursor[Any], table: Table, parts: Sequence[bytes]) -> None:
    cursor.execute(sql.make_arriving(table))
    _copy(cursor, sql.copy(sql.arriving(table), table), parts)


def _copy(cursor: psycopg.Cursor[Any], statement: str, parts: Sequence[bytes]) -> None:
    with cursor.copy(statement) as copy:
        copy.write(HEADER)
        for part in parts:
            copy.write(part)
        copy.write(TRAILER)
