"""The embedded store: a DuckDB file that any other program can query between two epochs."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from config.errors import ChatflowError
from schemas.events import Progress, TopicPartition
from schemas.rows import Rows
from sinks import duckdb_sql as sql
from sinks.duckdb_commits import STEP, commit_row, commits_in
from sinks.duckdb_memory import DuckDBMemory
from sinks.duckdb_words import in_words
from sinks.duckdb_writer import DuckDBWriter
from sinks.epoch import Epoch, Revisions, StoreItem, above_mark, mark_rows
from sinks.lease import StoreError, open_for_writing
from sinks.memory import STORE
from sinks.migrate import migrate
from sinks.observer import UNOBSERVED, Observer

OnCommit = Callable[[Mapping[TopicPartition, int]], None]
"""Told the marks that have just become durable."""

_ANYTHING = "SELECT 1 FROM kafka_offsets UNION ALL SELECT 1 FROM flow_state LIMIT 1"


class DuckDBStore(DuckDBMemory):
    """One database file: memory of the steps and sink of all rows.

    Exactly-once: rows, marks and the state of the steps are one transaction, committed when the
    engine closes an epoch; what is replayed below the marks is dropped. The commit runs beside
    the next epoch, and ends before the one after it begins to. One process may write.
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
        super().__init__(path, lock_timeout, tolerance)
        self.epoch = Epoch()
        self._window_length = window_length
        self.chunk_rows = chunk_rows
        self.before_commit: Callable[[], None] = lambda: None
        """Called when the rows of an epoch are complete, before they are committed."""
        self.on_commit: OnCommit = lambda marks: None
        self.on_close: Callable[[], None] = lambda: None
        """Called when nothing more will be committed; must not raise."""
        self.observer: Observer = UNOBSERVED
        """Told what is written, committed and waited for."""
        self.on_failure: Callable[[ChatflowError], None] = lambda error: None
        """Told of an error that ends the execution, before it is raised."""

    def prepare(self) -> None:
        """Create the file when missing and bring it to this release's schema.

        Raises:
            StoreLockedError: Another program holds the file.
            StoreError: It cannot be opened, or a newer release wrote it.
        """
        connection = open_for_writing(self.path, self.lock_timeout, self.observer.waited)
        with contextlib.closing(connection), in_words("prepare", self.path):
            migrate(connection)
            # Open windows of another length are counted anew, in windows of this one.
            connection.execute(sql.FORGET_OPEN_WINDOWS, [self._window_length])
            self.is_new = not connection.execute(_ANYTHING).fetchall()

    def begin(self, starts: Mapping[TopicPartition, int], sinks: Sequence[str]) -> None:
        """Make durable where partitions begin, before the first record of them is read.

        Without it, a crash before the first commit would begin at a later end of the topics.
        """
        writer = DuckDBWriter(self.path, self.lock_timeout, self.chunk_rows)
        try:
            marks = [mark_rows(sink, starts.items()) for sink in sinks if starts]
            writer.commit(marks, set(), lambda: None)
        finally:
            writer.close()

    def leave(self, rows: Rows) -> None:
        """See `Memory.leave`."""
        self.epoch.merge(rows)

    def commits(self) -> int:
        """How many epochs this file has committed."""
        return commits_in(self.states(STEP))


class DuckDBSink(FixedPartitionedSink[StoreItem, int]):
    """Write rows to a `DuckDBStore`; its only part belongs to the first process.

    Raises:
        StoreError: DuckDB refuses rows, or the file is not the one the recovery store belongs to.
        StoreLockedError: Another program held the file for too long.
    """

    def __init__(self, store: DuckDBStore) -> None:
        self._store = store

    @override
    def list_parts(self) -> list[str]:
        return [STORE]

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: int | None
    ) -> "_DuckDBPartition":
        commits = self._store.commits()
        if resume_state is not None and commits < resume_state:
            error = StoreError(
                f"the database {self._store.path} has seen {commits} commits, the recovery folder"
                f" {resume_state}: the file was removed or replaced by an older one. Put it back,"
                " or delete the recovery folder to go on from what the database knows"
            )
            self._store.on_failure(error)
            raise error
        return _DuckDBPartition(self._store, commits)


class _DuckDBPartition(StatefulSinkPartition[StoreItem, int]):
    def __init__(self, store: DuckDBStore, commits: int) -> None:
        self._store = store
        self._marks = store.marks(STORE)
        self._reached = dict(self._marks)
        self._writer = DuckDBWriter(store.path, store.lock_timeout, store.chunk_rows, commits)
        self._writer.observer = store.observer
        store.writer = self._writer

    @override
    def write_batch(self, values: list[StoreItem]) -> None:
        for item in values:
            if isinstance(item, Progress):
                if item.next_offset > self._reached.get(item.source, -1):
                    self._reached[item.source] = item.next_offset
                    self._store.epoch.advance(item)
            elif isinstance(item, Revisions):
                self._store.epoch.revise(item)
            elif item.table.key:
                self._store.epoch.merge(item)
            elif rows := above_mark(item, self._marks):
                self._writer.append(rows)

    @override
    def snapshot(self) -> int:
        """Begin the commit; for the engine, how many commits are durable for certain."""
        self._store.before_commit()
        try:
            self._commit()
        except ChatflowError as error:
            self._store.on_failure(error)
            raise
        return self._writer.commits

    def _commit(self) -> None:
        self._writer.settle()
        if self._store.epoch.is_empty and self._writer.is_empty:
            # Nothing happened: the file stays closed, and every reader undisturbed.
            return
        self._store.leave(commit_row(self._writer.commits + 1))
        merges, revisions, marks = self._store.epoch.take(STORE)
        self._store.observer.commit_began()
        self._writer.commit(merges, revisions, partial(self._committed, marks))
        if self._store.is_new:
            # The engine's recovery store must not know of an epoch that a new file does not.
            self._writer.settle()
            self._store.is_new = False

    def _committed(self, marks: Mapping[TopicPartition, int]) -> None:
        self._store.observer.committed()
        self._store.on_commit(marks)

    @override
    def close(self) -> None:
        try:
            self._writer.close()
        except ChatflowError as error:
            self._store.on_failure(error)
            raise
        finally:
            self._store.writer = None
            self._store.on_close()
