"""Sinks that fail at a chosen moment, as a process that is killed there would."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from bytewax.errors import BytewaxRuntimeError
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

# The engine writes a backtrace of its own for each crash, which takes it longer than a run.
os.environ["RUST_BACKTRACE"] = "0"

X = TypeVar("X")
S = TypeVar("S")


class CrashError(Exception):
    """What a test makes happen."""


@contextmanager
def crash() -> Iterator[None]:
    """Expect the run inside to end by a `CrashError`, wherever the engine wraps it."""
    with pytest.raises((CrashError, BytewaxRuntimeError)) as caught:
        yield
    assert CrashError in (type(caught.value), type(caught.value.__cause__))


class CrashingSink(FixedPartitionedSink[X, S]):
    """Another sink, until its call number `number` of one of its methods.

    `moment` is `write` (nothing of the call is done), `before` the epoch is committed, or `after`
    it, when the engine does not know yet.
    """

    def __init__(self, sink: FixedPartitionedSink[X, S], moment: str, number: int) -> None:
        self.inner = sink
        self._moment = moment
        self._number = number

    @override
    def list_parts(self) -> list[str]:
        return self.inner.list_parts()

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: S | None
    ) -> StatefulSinkPartition[X, S]:
        return _Crashing(self, self.inner.build_part(step_id, for_part, resume_state))

    def reach(self, moment: str) -> None:
        """Crash if this is the moment."""
        if moment == self._moment:
            self._number -= 1
            if self._number == 0:
                raise CrashError


class _Crashing(StatefulSinkPartition[X, S]):
    def __init__(self, sink: CrashingSink[X, S], part: StatefulSinkPartition[X, S]) -> None:
        self._sink = sink
        self._part = part

    @override
    def write_batch(self, values: list[X]) -> None:
        self._sink.reach("write")
        self._part.write_batch(values)

    @override
    def snapshot(self) -> S:
        self._sink.reach("before")
        state = self._part.snapshot()
        self._sink.reach("after")
        return state

    @override
    def close(self) -> None:
        self._part.close()
