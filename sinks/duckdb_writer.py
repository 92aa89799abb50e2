"""One transaction an epoch, written by a thread of its own while the flow decodes on."""

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa

from schemas.rows import Rows, Table, Type
from schemas.tables import MESSAGE_STATS
from sinks import duckdb_sql as sql
from sinks.arrow import arrow_table
from sinks.epoch import WindowKey
from sinks.lease import StoreError, open_for_writing

_IN_FLIGHT = 4
"""Chunks the thread may be behind before the flow waits for it: bounds memory."""

_WINDOW = Table(
    "windows",
    (
        ("window_start", Type.INSTANT),
        ("window_end", Type.INSTANT),
        ("event_type", Type.TEXT),
        ("content_type", Type.INTEGER),
        ("group_id", Type.TEXT),
    ),
)


class DuckDBWriter:
    """Appends chunks as they come and commits at the end of the epoch.

    The file is opened with the first chunk of an epoch and closed with its commit. Rows of a
    failed transaction are gone with it: every error is final and the execution must end.
    """

    def __init__(self, path: Path, lock_timeout: float, chunk_rows: int) -> None:
        self._path = path
        self._lock_timeout = lock_timeout
        self._chunk_rows = chunk_rows
        self._waiting: dict[Table, list[pa.Table]] = {}
        self._waiting_rows = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duckdb")
        self._jobs: deque[Future[None]] = deque()
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the epoch has no rows so far."""
        return not self._waiting and not self._jobs and self._connection is None

    def append(self, rows: Rows) -> None:
        """Add rows to the transaction; raises what writing earlier ones ran into."""
        self._waiting.setdefault(rows.table, []).append(arrow_table(rows))
        self._waiting_rows += len(rows)
        if self._waiting_rows >= self._chunk_rows:
            self._send_chunk()

    def commit(self, merges: Sequence[Rows], revisions: set[WindowKey]) -> None:
        """Make everything of the epoch durable; returns when it is.

        Raises:
            StoreLockedError: Another program kept the file locked for too long.
            StoreError: DuckDB refuses; nothing of the epoch was written.
        """
        self._send_chunk()
        tables = [(rows.table, arrow_table(rows)) for rows in merges if len(rows)]
        # Only when every chunk is known to be in the transaction may it be committed.
        while self._jobs:
            self._jobs.popleft().result()
        self._thread.submit(self._commit, tables, revisions).result()

    def close(self) -> None:
        """Give up what is not committed; never raises, because it also runs after errors."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send_chunk(self) -> None:
        if not self._waiting:
            return
        chunks = {table: pa.concat_tables(found) for table, found in self._waiting.items()}
        self._waiting, self._waiting_rows = {}, 0
        self._jobs.append(self._thread.submit(self._insert, chunks))
        while len(self._jobs) > _IN_FLIGHT or (self._jobs and self._jobs[0].done()):
            self._jobs.popleft().result()

    def _transaction(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = open_for_writing(self._path, self._lock_timeout)
            self._connection.execute("BEGIN")
        return self._connection

    def _insert(self, chunks: Mapping[Table, pa.Table]) -> None:
        for table, rows in chunks.items():
            self._write(table, sql.insert(table), rows)

    def _commit(self, merges: Sequence[tuple[Table, pa.Table]], revisions: set[WindowKey]) -> None:
        for table, rows in merges:
            self._write(table, sql.merge(table), rows)
        if revisions:
            keys = Rows.of(_WINDOW, [_window(key) for key in revisions])
            self._write(MESSAGE_STATS, sql.REVISE, arrow_table(keys))
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.execute(sql.FORGET_STATES)
            connection.execute("COMMIT")
        except duckdb.Error as error:
            raise StoreError(
                f"cannot commit to the database {self._path}: {_words(error)}"
            ) from None
        finally:
            connection.close()

    def _write(self, table: Table, statement: str, rows: pa.Table) -> None:
        try:
            connection = self._transaction()
            connection.register(sql.ROWS, rows)
            connection.execute(statement)
            connection.unregister(sql.ROWS)
        except duckdb.Error as error:
            raise StoreError(
                f"cannot write to {table.name} in the database {self._path}: {_words(error)}"
            ) from None


def _window(key: WindowKey) -> tuple[int, int, str, int, str]:
    return (key.window_start, key.window_end, key.event_type, key.content_type, key.group_id)


def _words(error: duckdb.Error) -> str:
    """What went wrong, without the values that DuckDB quotes: they may be what people wrote."""
    kind = type(error).__name__
    if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        return f"{kind}: {str(error).splitlines()[0]}"
    return kind
