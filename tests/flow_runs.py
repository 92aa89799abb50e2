"""The chat dataflow on given batches, and what it leaves in the tables."""

from collections.abc import Callable, Sequence
from datetime import timedelta
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
from dataflows.marks import lowest
from schemas.directory import Directory
from schemas.events import DeadLetterBatch, RecordBatch, TopicPartition
from schemas.push import PushRequest
from schemas.rows import Table
from schemas.tables import TABLES
from sinks.memory import STORE
from tests.places import ListPlace, Place, RowSink

X = TypeVar("X")
AGES = timedelta(days=36_500)
"""Long enough that the events of the tests, whenever they run, are not stale."""
SETTINGS = Settings(push=PushSettings(max_age=AGES, call_max_age=AGES))
NO_DIRECTORY = Directory()

_VARYING = frozenset({"decided_at", "revision"})
"""What may differ when a run was interrupted: the wall clock, and how often a row was corrected."""
_INSIDE = frozenset({"kafka_offsets", "flow_state"})
"""Tables of the flow's own."""

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
    """The dataflow with a store, run as often as a test likes."""

    def __init__(
        self,
        place: Place | None = None,
        settings: Settings = SETTINGS,
        directory: Directory = NO_DIRECTORY,
    ) -> None:
        self.place = place or ListPlace()
        self.settings = settings
        self.directory = directory
        self.requests: Collected[Sequence[PushRequest]] = Collected()
        self.letters: Collected[DeadLetterBatch] = Collected()
        self.wrap: Callable[[RowSink], RowSink] = lambda sink: sink

    def run(
        self,
        found: Sequence[RecordBatch],
        *,
        per_epoch: int = 1,
        aborts: bool = False,
        recovery: RecoveryConfig | None = None,
    ) -> None:
        """Run on these batches, so many of them an epoch, in a process that has just started."""
        memory, sink = self.place.open()
        sinks = Sinks(self.wrap(sink), self.requests, self.letters, memory)
        source = Batches(found, per_epoch, aborts=aborts)
        flow = build(source, sinks, self.settings, self.directory)
        run_main(flow, epoch_interval=timedelta(0), recovery_config=recovery)

    @property
    def starts(self) -> dict[TopicPartition, int]:
        """Where the source of the next run begins."""
        memory, _ = self.place.open()
        return lowest([memory.marks(STORE), memory.marks(PRESENCE_MARK)])

    @property
    def tables(self) -> Tables:
        """All rows but clock and revisions, in an order of their own."""
        return {
            table.name: sorted(
                (_without(table, row) for row in self.place.rows(table)),
                key=repr,
            )
            for table in TABLES
            if table.name not in _INSIDE
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program would read."""
        return self.place.query(sql)


def _without(table: Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        value for name, value in zip(table.names, row, strict=True) if name not in _VARYING
    )


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
