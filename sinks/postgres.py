"""The store for many readers and large histories: a schema in a Postgres database."""

import os
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from schemas.events import TopicPartition
from schemas.rows import Rows
from schemas.tables import KAFKA_OFFSETS
from sinks import postgres_sql as sql
from sinks.commits import STEP, commits_in
from sinks.epoch import mark_rows
from sinks.lease import StoreError
from sinks.migrate import migrate
from sinks.periods import Period, spans_ahead
from sinks.postgres_claim import lock_commits, take
from sinks.postgres_copy import encode
from sinks.postgres_partitions import TABLES, make_partitions
from sinks.postgres_session import Connection, PostgresSession
from sinks.postgres_start import StartSeeker, announce
from sinks.postgres_writer import PostgresWriter, write
from sinks.shared_store import EncodedRows, SharedStore


class PostgresStore(SharedStore):
    """The schema that the connection finds first; connected from `prepare` on."""

    def __init__(
        self,
        url: str,
        *,
        lock_timeout: float,
        tolerance: int,
        window_length: int,
        partition_by: Period = "month",
        process: int = 0,
        processes: int = 1,
    ) -> None:
        """Milliseconds: by which an event may be stamped later than its record; of a window.

        Of several processes the first one writes; the others read what they need at start.
        """
        super().__init__(sql.QUESTIONS, tolerance)
        self._window_length = window_length
        self._period = partition_by
        self._session = PostgresSession(url, lock_timeout, _application_name(), process=process)
        self._process = process
        self._processes = processes

    @override
    def prepare(self) -> None:
        self._session.waited = self.observer.waited
        try:
            self._session.token = self._started() if self._process else self._begun()
        except BaseException:
            self.close()
            raise

    @property
    @override
    def start(self) -> str:
        return self._session.token or ""

    @override
    def encoded(self, rows: Rows) -> EncodedRows:
        return EncodedRows(rows.table, (), data=encode(rows), count=len(rows))

    @override
    def begin(self, starts: Mapping[TopicPartition, int], sinks: Sequence[str]) -> None:
        if self._process:
            return
        marks = [encode(mark_rows(sink, starts.items())) for sink in sinks]
        self._session.run("write to", lambda connection: self._mark(connection, marks))

    @override
    def open_writer(self, commits: int) -> PostgresWriter:
        writer = PostgresWriter(self._session, commits)
        writer.observer = self.observer
        return writer

    @override
    def refusal(self, commits: int, expected: int) -> StoreError:
        return StoreError(
            f"the database {self._session.place} has seen {commits} commits, the recovery folder"
            f" {expected}: it was restored from an earlier backup, or is another one. Go back to"
            " the one that was written, or delete the recovery folder to go on from what this one"
            " knows"
        )

    @override
    def read(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        return self._session.query(statement, arguments)

    def close(self) -> None:
        """Let go of the database."""
        self._session.close()

    def _begun(self) -> str:
        return self._session.run("prepare", self._prepare)

    def _started(self) -> str:
        seeker = StartSeeker(self._session.place, self._process, self._processes)
        return seeker.wait(lambda: self._session.run("prepare", seeker))

    def _prepare(self, connection: Connection) -> str:
        migrate(connection, "postgres")
        for table in TABLES:
            ahead = spans_ahead(datetime.now(UTC), self._period)
            make_partitions(connection, table, ahead, self._period)
        with connection.transaction():
            token = take(connection)
            # Open windows of another length are counted anew, in windows of this one.
            connection.execute(sql.FORGET_OPEN_WINDOWS, {"length": self._window_length})
            states = connection.execute(sql.QUESTIONS.states, {"step": STEP}).fetchall()
            marks = connection.execute(sql.HAS_MARKS).fetchone()
        self.is_new = commits_in(states) == 0 and marks == (False,)
        return token

    def _mark(self, connection: Connection, marks: Sequence[bytes]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            lock_commits(connection, self._session.place, self._session.token or "")
            write(cursor, {}, {KAFKA_OFFSETS: marks})
            announce(connection, self._session.token or "", self._processes)


def _application_name() -> str:
    """Who holds the database, for whoever asks `pg_stat_activity`: 63 bytes at most."""
    return f"chatflow {os.getpid()}@{socket.gethostname()}"[:63]
