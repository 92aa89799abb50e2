"""The embedded store: a DuckDB file that any other program can query between two epochs."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from typing_extensions import override

from schemas.events import TopicPartition
from schemas.packed import PackedRows
from sinks import duckdb_sql as sql
from sinks.duckdb_answers import A, Answer, packed, rows_of, table_of
from sinks.duckdb_words import in_words
from sinks.duckdb_writer import DuckDBWriter
from sinks.epoch import mark_rows
from sinks.lease import Lease, StoreError
from sinks.migrate import migrate
from sinks.store import Store

_ANYTHING = "SELECT 1 FROM kafka_offsets UNION ALL SELECT 1 FROM flow_state LIMIT 1"


class DuckDBStore(Store):
    """One database file, each time opened for one transaction or one query only.

    A process opens a file once: while a writer is at work, the queries are the writer's.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock_timeout: float,
        chunk_rows: int,
        tolerance: int,
        window_length: int,
    ) -> None:
        """Milliseconds: by which an event may be stamped later than its record; of a window."""
        super().__init__(sql.QUESTIONS, tolerance)
        self.path = path
        self.chunk_rows = chunk_rows
        self._window_length = window_length
        self._lease = Lease(path, lock_timeout)

    @override
    def prepare(self) -> None:
        with self._opened(create=True) as connection, in_words("prepare", self.path):
            migrate(connection, "duckdb")
            # Open windows of another length are counted anew, in windows of this one.
            connection.execute(sql.FORGET_OPEN_WINDOWS, [self._window_length])
            self.is_new = not connection.execute(_ANYTHING).fetchall()

    @override
    def begin(self, starts: Mapping[TopicPartition, int], sinks: Sequence[str]) -> None:
        writer = self.open_writer()
        try:
            marks = [mark_rows(sink, starts.items()) for sink in sinks if starts]
            writer.commit(marks, set(), lambda: None)
        finally:
            writer.close()

    @override
    def open_writer(self, commits: int | None = None) -> DuckDBWriter:
        writer = DuckDBWriter(self._lease, self.chunk_rows, commits)
        writer.observer = self.observer
        return writer

    @override
    def refusal(self, commits: int, expected: int) -> StoreError:
        return StoreError(
            f"the database {self.path} has seen {commits} commits, the recovery folder"
            f" {expected}: the file was removed or replaced by an older one. Put it back,"
            " or delete the recovery folder to go on from what the database knows"
        )

    @override
    def read(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        return self._read(statement, arguments, rows_of)

    @override
    def _packed(self, statement: str, arguments: Mapping[str, object]) -> PackedRows:
        if isinstance(self.writer, DuckDBWriter):
            return packed(self.writer.table(statement, arguments))
        return packed(self._read(statement, arguments, table_of))

    def _read(self, statement: str, arguments: Mapping[str, object], answer: Answer[A]) -> A:
        with self._opened() as connection, in_words("read", self.path):
            return answer(connection, statement, arguments)

    @contextlib.contextmanager
    def _opened(self, *, create: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._lease.take(self.observer.waited, create=create)
        try:
            yield connection
        finally:
            self._lease.release()
