"""The chat dataflow on given batches, and what it leaves in the tables."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from bytewax.inputs import AbortExecution, FixedPartitionedSource, StatefulSourcePartition
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from bytewax.recovery import RecoveryConfig
from bytewax.testing import run_main
from typing_extensions import override

from config.settings import EngineSettings, PresenceSettings, PushSettings, Settings
from dataflows.chat import build
from dataflows.join import MARK as PRESENCE_MARK
from dataflows.launch import Sinks
from dataflows.source import lowest
from schemas.directory import Directory
from schemas.events import DeadLetterBatch, RecordBatch, TopicPartition
from schemas.push import PushRequest
from sinks.duckdb import DuckDBSink, DuckDBStore
from sinks.lease import open_for_reading
from sinks.memory import STORE

X = TypeVar("X")
AGES = timedelta(days=36_500)
"""Long enough that the events of the tests, whenever they run, are not stale."""
SETTINGS = Settings(push=PushSettings(max_age=AGES, call_max_age=AGES))
NO_DIRECTORY = Directory()

_COMPARED = {
    "messages": "*",
    "user_events": "*",
    "message_stats": "* EXCLUDE (revision)",
    "presence": "*",
    "presence_changes": "*",
    "push_decisions": "* EXCLUDE (decided_at)",
    "dead_letters": "*",
}
"""What has to be the same however often a run was interrupted: all but clock and revisions."""

Tables = dict[str, list[tuple[Any, ...]]]


def settings(*, shards: int = 1, grace: float = 10, session_timeout: float = 1800) -> Settings:
    """The defaults, with these (in seconds); no message is too old for a push."""
    return Settings(
        push=SETTINGS.push,
        engine=EngineSettings(shards=shards),
        presence=PresenceSettings(
            offline_grace=timedelta(seconds=grace),
            session_timeout=timedelta(seconds=session_timeout),
        ),
    )


class Batches(FixedPartitionedSource[RecordBatch, int]):
    """The given batches, so many an epoch; like the source of Kafka it trusts marks only.

    With `aborts` the process ends after the last batch, as if it was killed.
    """

    def __init__(
        self, found: Sequence[RecordBatch], per_epoch: int = 1, *, aborts: bool = False
    ) -> None:
        self._found = found
        self._per_epoch = per_epoch
        self._aborts = aborts

    @override
    def list_parts(self) -> list[str]:
        return ["all"]

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: int | None
    ) -> StatefulSourcePartition[RecordBatch, int]:
        return _Reading(self._found, self._per_epoch, self._aborts)


class _Reading(StatefulSourcePartition[RecordBatch, int]):
    def __init__(self, found: Sequence[RecordBatch], per_epoch: int, aborts: bool) -> None:
        self._waiting = list(found)
        self._per_epoch = per_epoch
        self._aborts = aborts

    @override
    def next_batch(self) -> Sequence[RecordBatch]:
        if not self._waiting:
            raise AbortExecution if self._aborts else StopIteration
        found, self._waiting = self._waiting[: self._per_epoch], self._waiting[self._per_epoch :]
        return found

    @override
    def snapshot(self) -> int:
        return 0


class Collected(FixedPartitionedSink[X, None], Generic[X]):
    """A sink that keeps what it gets in `items`."""

    def __init__(self) -> None:
        self.items: list[X] = []

    @override
    def list_parts(self) -> list[str]:
        return ["one"]

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: None
    ) -> "StatefulSinkPartition[X, None]":
        return _Collecting(self.items)


class _Collecting(StatefulSinkPartition[X, None]):
    def __init__(self, items: list[X]) -> None:
        self._items = items

    @override
    def write_batch(self, values: list[X]) -> None:
        self._items += values

    @override
    def snapshot(self) -> None:
        return None


class Flow:
    """The dataflow with a store in a file, run as often as a test likes."""

    def __init__(
        self, path: Path, settings: Settings = SETTINGS, directory: Directory = NO_DIRECTORY
    ) -> None:
        self.store = open_store(path)
        self.settings = settings
        self.directory = directory
        self.requests: Collected[Sequence[PushRequest]] = Collected()
        self.letters: Collected[DeadLetterBatch] = Collected()
        self.wrap: Callable[[DuckDBSink], FixedPartitionedSink[Any, int]] = lambda sink: sink

    def run(
        self,
        found: Sequence[RecordBatch],
        *,
        per_epoch: int = 1,
        aborts: bool = False,
        recovery: RecoveryConfig | None = None,
    ) -> None:
        """Run on these batches, so many of them an epoch, in a process that has just started."""
        self.store = open_store(self.store.path)
        sinks = Sinks(self.wrap(DuckDBSink(self.store)), self.requests, self.letters, self.store)
        source = Batches(found, per_epoch, aborts=aborts)
        flow = build(source, sinks, self.settings, self.directory)
        run_main(flow, epoch_interval=timedelta(0), recovery_config=recovery)

    @property
    def starts(self) -> dict[TopicPartition, int]:
        """Where the source of the next run begins."""
        return lowest([self.store.marks(STORE), self.store.marks(PRESENCE_MARK)])

    @property
    def tables(self) -> Tables:
        """All rows, in an order of their own."""
        return {
            table: sorted(self.query(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in _COMPARED.items()
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program would read."""
        return query(self.store.path, sql)


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a database that nobody has open."""
    connection = open_for_reading(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def open_store(path: Path) -> DuckDBStore:
    """The store of a process that has just started."""
    store = DuckDBStore(path, lock_timeout=5.0, chunk_rows=1000, tolerance=60_000)
    store.prepare()
    return store


def differences(found: Tables, expected: Tables) -> dict[str, tuple[list[Any], list[Any]]]:
    """By table, the rows that only one of two runs has; empty where both left the same."""
    pairs = {
        table: (
            [row for row in found[table] if row not in expected[table]],
            [row for row in expected[table] if row not in found[table]],
        )
        for table in found
    }
    counts = {table for table in found if len(found[table]) != len(expected[table])}
    return {table: pair for table, pair in pairs.items() if any(pair) or table in counts}
