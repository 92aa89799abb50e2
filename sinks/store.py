"""What every store is to the flow: memory of the steps, sink of all rows, one commit an epoch."""

import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from config.errors import ChatflowError
from schemas.events import Progress, TopicPartition
from schemas.rows import Rows
from sinks.commits import STEP, commit_row, commits_in
from sinks.epoch import Epoch, Revisions, StoreItem, above_mark
from sinks.lease import StoreError
from sinks.memory import STORE
from sinks.observer import UNOBSERVED, Observer
from sinks.sql_memory import Questions, SqlMemory
from sinks.store_writer import Writer

OnCommit = Callable[[Mapping[TopicPartition, int]], None]
"""Told the marks that have just become durable."""


class Store(SqlMemory):
    """Memory of the steps and sink of all rows.

    Exactly-once: rows, marks and the state of the steps are one transaction, committed when the
    engine closes an epoch; what is replayed below the marks is dropped. The commit runs beside
    the next epoch, and ends before the one after it begins to. One process may write.
    """

    def __init__(self, questions: Questions, tolerance: int) -> None:
        super().__init__(questions, tolerance)
        self.epoch = Epoch()
        self.writer: Writer | None = None
        """What writes while the engine runs; then queries are its, too."""
        self.observer: Observer = UNOBSERVED
        """Told what is written, committed and waited for."""
        self.before_commit: Callable[[], None] = lambda: None
        """Called when the rows of an epoch are complete, before they are committed."""
        self.on_commit: OnCommit = lambda marks: None
        self.on_close: Callable[[], None] = lambda: None
        """Called when nothing more will be committed; must not raise."""
        self.on_failure: Callable[[ChatflowError], None] = lambda error: None
        """Told of an error that ends the execution, before it is raised."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the tables when missing and bring them to this release's schema.

        Raises:
            StoreLockedError: Another program holds the store.
            StoreError: It cannot be opened, or a newer release wrote it.
        """

    @abstractmethod
    def begin(self, starts: Mapping[TopicPartition, int], sinks: Sequence[str]) -> None:
        """Make durable where partitions begin, before the first record of them is read.

        Without it, a crash before the first commit would begin at a later end of the topics.
        """

    @abstractmethod
    def open_writer(self, commits: int) -> Writer:
        """The writer of this execution; `commits` is how many epochs the store has."""

    @abstractmethod
    def refusal(self, commits: int, expected: int) -> StoreError:
        """Why a store with fewer commits than the engine's recovery folder is not written."""

    @abstractmethod
    def read(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        """Rows of a query while nothing is written."""

    def leave(self, rows: Rows) -> None:
        """See `Memory.leave`."""
        self.epoch.merge(rows)

    def commits(self) -> int:
        """How many epochs this store has committed."""
        return commits_in(self.states(STEP))

    @override
    def _answer(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        if self.writer is not None:
            return self.writer.query(statement, arguments)
        return self.read(statement, arguments)


class StoreSink(FixedPartitionedSink[StoreItem, int]):
    """Write rows to a store; its only part belongs to the first process.

    Raises:
        StoreError: The database refuses rows, or is not the one the recovery folder belongs to.
        StoreLockedError: Another program held it for too long.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @override
    def list_parts(self) -> list[str]:
        return [STORE]

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: int | None
    ) -> "_StorePartition":
        commits = self._store.commits()
        if resume_state is not None and commits < resume_state:
            error = self._store.refusal(commits, resume_state)
            self._store.on_failure(error)
            raise error
        return _StorePartition(self._store, commits)


class _StorePartition(StatefulSinkPartition[StoreItem, int]):
    def __init__(self, store: Store, commits: int) -> None:
        self._store = store
        self._marks = store.marks(STORE)
        self._reached = dict(self._marks)
        self._writer = store.writer = store.open_writer(commits)

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
            # Nothing happened: the database is left alone, and every reader undisturbed.
            return
        self._store.leave(commit_row(self._writer.commits + 1, time.time_ns() // 1_000_000))
        merges, revisions, marks = self._store.epoch.take(STORE)
        self._store.observer.commit_began()
        self._writer.commit(merges, revisions, partial(self._committed, marks))
        if self._store.is_new:
            # The engine's recovery store must not know of an epoch that a new store does not.
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
