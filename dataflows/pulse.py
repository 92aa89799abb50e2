"""How the words of a process reach the others: as items of the flow, beside everything else."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from dataflows.peers import Peers, Word
from dataflows.reader import AT_ONCE
from dataflows.roll_call import Present
from dataflows.workers import Workers

_BETWEEN = 0.005
"""Seconds between two words at least."""
_REST = 0.002
"""Seconds between two looks whether an epoch has ended everywhere."""


class PulseSource(FixedPartitionedSource[Present | Word, None]):
    """That this process is there, and its words; its part lasts as long as any process reads."""

    def __init__(self, workers: Workers, peers: Peers, start: str) -> None:
        self._part = part_of(workers.process)
        self._peers = peers
        self._present = Present(workers.process, start)

    @override
    def list_parts(self) -> list[str]:
        return [self._part]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Pulse":
        return _Pulse(self._peers, self._present)


class _Pulse(StatefulSourcePartition[Present | Word, None]):
    def __init__(self, peers: Peers, present: Present) -> None:
        self._peers = peers
        self._present: Present | None = present
        self._told: Sequence[Word] = ()
        self._told_at = -math.inf
        peers.connected()
        # Counts twice: in a process without partitions it would else rest while others send.
        peers.pace.join()
        peers.pace.join()

    @override
    def next_batch(self) -> Sequence[Present | Word]:
        self._peers.looks += 1
        self._peers.alive()
        present, self._present = self._present, None
        if present is not None:
            return [present]
        if self._peers.have_ended:
            raise StopIteration
        words, now = self._peers.words(), time.monotonic()
        if words == self._told or (now - self._told_at < _BETWEEN and not self._peers.have_ended):
            self._peers.pace.nothing()
            return ()
        self._told, self._told_at = words, now
        return words

    @override
    def next_awake(self) -> datetime:
        return AT_ONCE

    @override
    def snapshot(self) -> None:
        return None

    @override
    def close(self) -> None:
        self._peers.parted()
        self._peers.pace.leave()
        self._peers.pace.leave()


class Rest(StatefulBatchLogic[Present, None, None]):
    """Sleeps while this process waits for the others at the end of an epoch.

    Nothing is read then, and the engine would look again and again without a pause: a core for
    nothing, which the first process or the database may be in want of.
    """

    def __init__(self, peers: Peers, sleep: Callable[[float], None] = time.sleep) -> None:
        self._peers = peers
        self._sleep = sleep
        self._looks = -1

    @override
    def on_batch(self, values: list[Present]) -> tuple[Iterable[None], bool]:
        return (), StatefulBatchLogic.RETAIN

    @override
    def on_notify(self) -> tuple[Iterable[None], bool]:
        if self._peers.looks == self._looks:
            self._peers.alive()
            self._sleep(_REST)
        self._looks = self._peers.looks
        return (), StatefulBatchLogic.RETAIN

    @override
    def notify_at(self) -> datetime:
        return AT_ONCE

    @override
    def snapshot(self) -> None:
        return None


class PeerSink(FixedPartitionedSink[Word, None]):
    """Hands words to the process that they are for."""

    def __init__(self, workers: Workers, peers: Peers) -> None:
        self._part = part_of(workers.process)
        self._peers = peers

    @override
    def list_parts(self) -> list[str]:
        return [self._part]

    @override
    def part_fn(self, item_key: str) -> int:
        return int(item_key)

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Hearing":
        return _Hearing(self._peers)


class _Hearing(StatefulSinkPartition[Word, None]):
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    @override
    def write_batch(self, values: list[Word]) -> None:
        self._peers.hear(values)

    @override
    def snapshot(self) -> None:
        return None


def part_of(process: int) -> str:
    """The name of a process' part: the engine counts parts in the order of their names."""
    return f"{process:06d}"


def addressee(word: Word) -> str:
    """The key of a word: the number of the part of the process that it is for."""
    return str(word.to)
