"""Before anything is committed, every process says from which start of the first one it goes on."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from config.errors import ChatflowError
from dataflows.workers import Workers
from sinks.epoch import StoreItem

X = TypeVar("X")


class ClusterError(ChatflowError):
    """The processes of the flow do not fit each other, or one of them has ended."""


class Present(msgspec.Struct, frozen=True):
    """A process is there."""

    process: int
    start: str
    """What the first process left in the store when it began, as this process found it."""


class First(FixedPartitionedSink[X, Any]):
    """A sink with its parts in the first process only."""

    def __init__(self, sink: FixedPartitionedSink[X, Any], workers: Workers) -> None:
        self._sink = sink
        self._workers = workers

    @override
    def list_parts(self) -> list[str]:
        return self._sink.list_parts() if self._workers.is_first else []

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: Any
    ) -> StatefulSinkPartition[X, Any]:
        return self._sink.build_part(step_id, for_part, resume_state)


class RollCall(FixedPartitionedSink[Any, Any]):
    """The store, which takes rows when all processes have come from one start.

    A process that began from what an earlier first process had committed would send rows that are
    stored already, or leave out some that are not.

    Raises:
        ClusterError: A process began from another start, or one is missing.
    """

    def __init__(
        self,
        sink: FixedPartitionedSink[StoreItem, Any],
        workers: Workers,
        start: str,
        on_failure: Callable[[ChatflowError], None],
    ) -> None:
        self._sink = First(sink, workers)
        self._workers = workers
        self._start = start
        self._on_failure = on_failure

    @override
    def list_parts(self) -> list[str]:
        return self._sink.list_parts()

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: Any) -> "_Called":
        part = self._sink.build_part(step_id, for_part, resume_state)
        missing = set(range(self._workers.processes))
        return _Called(part, missing, self._start, self._on_failure)


class _Called(StatefulSinkPartition[Any, Any]):
    def __init__(
        self,
        part: StatefulSinkPartition[StoreItem, Any],
        missing: set[int],
        start: str,
        on_failure: Callable[[ChatflowError], None],
    ) -> None:
        self._part = part
        self._missing = missing
        self._start = start
        self._on_failure = on_failure

    @override
    def write_batch(self, values: list[StoreItem | Present]) -> None:
        items: list[StoreItem] = []
        for value in values:
            if isinstance(value, Present):
                self._check(value)
            else:
                items.append(value)
        self._part.write_batch(items)

    @override
    def snapshot(self) -> Any:
        if self._missing:
            # Said in the first epoch by whoever is there, so whoever has not is of another flow.
            self._fail(f"process {min(self._missing)} takes no part in this flow")
        return self._part.snapshot()

    @override
    def close(self) -> None:
        self._part.close()

    def _check(self, present: Present) -> None:
        if present.start != self._start:
            self._fail(f"process {present.process} goes on from another start of the flow")
        self._missing.discard(present.process)

    def _fail(self, finding: str) -> None:
        error = ClusterError(
            f"{finding}; nothing was written. Start all processes again, each with the same -a"
            " and the same settings"
        )
        self._on_failure(error)
        raise error
