"""One transaction an epoch, written by a thread of its own while the flow decodes on."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from native.together import can_be_together, together
from schemas.rows import Rows, Table
from schemas.tables import MESSAGE_STATS, MESSAGES, USER_EVENTS
from sinks import duckdb_sql as sql
from sinks.arrow import arrow_table
from sinks.derived import as_stored
from sinks.duckdb_answers import A, Answer, rows_of, table_of
from sinks.duckdb_file import refuse_other_file
from sinks.duckdb_words import in_words
from sinks.epoch import WindowKey, windows
from sinks.lease import Lease
from sinks.observer import UNOBSERVED, Observer
from sinks.writer_thread import WriterThread

_ONE_BATCH = {MESSAGES.name, USER_EVENTS.name}
"""Rows of these share memory: what is decoded at once is freed at once."""
_BREATH = 0.03
"""Seconds the file stays closed after a commit, so that others can read it under any load."""


_Chunks: TypeAlias = dict[Table, list[Rows | pa.Table]]


class DuckDBWriter:
    """Appends chunks as they come and commits at the end of the epoch.

    The file is opened with the first chunk of an epoch, at the latest by its commit, which closes
    it. Rows of a failed transaction are gone with it: every error is final, nothing is written
    after it, and the execution must end.
    """

    def __init__(self, lease: Lease, chunk_rows: int, commits: int | None = None) -> None:
        """`commits` is how many the file has; when given, no other file is written."""
        self.commits = commits or 0
        """How many epochs are durable in the file."""
        self._knows_file = commits is not None
        self.observer: Observer = UNOBSERVED
        self.is_empty = True
        """Whether the epoch has no rows so far."""
        self._path = lease.path
        self._lease = lease
        self._chunk_rows = chunk_rows
        self._waiting: _Chunks = {}
        self._waiting_rows: Counter[Table] = Counter()
        self._thread = WriterThread("duckdb", lease.path)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._closed_at = -_BREATH

    def append(self, rows: Rows) -> None:
        """Add rows to the epoch; raises what writing earlier ones ran into."""
        self.is_empty = False
        rows = as_stored(rows)
        # What stands in memory already is made a table by the other thread.
        ready = rows if can_be_together(rows) else arrow_table(rows)
        self._waiting.setdefault(rows.table, []).append(ready)
        self._waiting_rows[rows.table] += len(rows)
        # A statement costs as much as inserting thousands of rows: each table waits for its own,
        # and those of one batch together.
        own = _ONE_BATCH if rows.table.name in _ONE_BATCH else {rows.table.name}
        tables = [table for table in self._waiting if table.name in own]
        if sum(self._waiting_rows[table] for table in tables) >= self._chunk_rows:
            self._thread.write(self._insert, self._taken(tables))

    def commit(
        self, merges: Sequence[Rows], revisions: set[WindowKey], then: Callable[[], None]
    ) -> None:
        """Begin to make everything of the epoch durable; the rows of the next one queue behind it.

        Call `settle` before: at most one is under way. `then` is called by the writer's thread
        when this one is durable.

        Raises:
            ChatflowError: What writing earlier rows ran into.
        """
        self.is_empty = True
        parts: dict[Table, list[pa.Table]] = {}
        for rows in merges:
            if len(rows):
                parts.setdefault(rows.table, []).append(arrow_table(rows))
        tables = [(table, pa.concat_tables(found)) for table, found in parts.items()]
        chunks = self._taken(list(self._waiting))
        self._thread.commit(self._commit, chunks, tables, revisions, then)

    def query(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        """Rows of a query; what the thread was given before is in it, committed or not."""
        return self._thread.ask(self._query, statement, arguments, rows_of)

    def table(self, statement: str, arguments: Mapping[str, object]) -> pa.Table:
        """The same, as columns."""
        found: pa.Table = self._thread.ask(self._query, statement, arguments, table_of)
        return found

    def settle(self) -> None:
        """Wait for the commit under way.

        Raises:
            StoreLockedError: Another program kept the file locked for too long.
            StoreError: DuckDB refuses; nothing of that epoch was written.
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
            if self._connection is not None:
                self._connection = None
                self._lease.close()

    def _taken(self, tables: Sequence[Table]) -> _Chunks:
        for table in tables:
            del self._waiting_rows[table]
        return {table: self._waiting.pop(table) for table in tables}

    def _transaction(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            if (breath := self._closed_at + _BREATH - time.monotonic()) > 0:
                time.sleep(breath)
            self._connection = self._open()
            self._connection.execute("BEGIN")
        return self._connection

    def _open(self) -> duckdb.DuckDBPyConnection:
        found = self._lease.take(self.observer.waited)
        try:
            if self._knows_file:
                refuse_other_file(found, self._path, self.commits)
        except BaseException:
            self._lease.close()
            raise
        return found

    def _query(self, statement: str, arguments: Mapping[str, object], answer: Answer[A]) -> A:
        with in_words("read", self._path):
            if self._connection is not None:
                return answer(self._connection, statement, arguments)
            try:
                return answer(self._open(), statement, arguments)
            finally:
                self._lease.release()

    def _insert(self, chunks: _Chunks) -> None:
        for table, found in chunks.items():
            parts = [each for each in found if isinstance(each, Rows)]
            tables = [each for each in found if not isinstance(each, Rows)]
            tables += map(arrow_table, together(parts) if parts else ())
            self._write(table, sql.insert(table), pa.concat_tables(tables))

    def _commit(
        self,
        chunks: _Chunks,
        merges: Sequence[tuple[Table, pa.Table]],
        revisions: set[WindowKey],
        then: Callable[[], None],
    ) -> None:
        self._insert(chunks)
        chunks.clear()  # what waits for the rest of the commit need not be in memory
        for table, rows in merges:
            self._write(table, sql.merge(table), rows)
        if revisions:
            self._write(MESSAGE_STATS, sql.REVISE, arrow_table(windows(revisions)))
        connection, self._connection = self._connection, None
        if connection is not None:
            self._make_durable(connection)
        self.commits += 1
        then()

    def _make_durable(self, connection: duckdb.DuckDBPyConnection) -> None:
        try:
            with in_words("commit to", self._path):
                connection.execute("COMMIT")
        except BaseException:
            self._lease.close()
            raise
        self._lease.release()
        self._closed_at = time.monotonic()

    def _write(self, table: Table, statement: str, rows: pa.Table) -> None:
        with in_words(f"write to {table.name} in", self._path):
            connection, began = self._transaction(), time.monotonic()
            connection.register(sql.ROWS, rows)
            connection.execute(statement)
            connection.unregister(sql.ROWS)
        self.observer.wrote(table.name, rows.num_rows, time.monotonic() - began)
