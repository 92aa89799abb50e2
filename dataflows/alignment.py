"""Partitions read side by side in event time.

A replay reads each partition as fast as it comes, and one fetch spans much event time: without
alignment a message would be joined with a presence from minutes before or after. So none runs more
than `max_skew` ahead of the slowest one that still has records, and twice as much where another
process reads that one: what is known of it is older, and steps that are too small cost more.
"""

import math
import time
from collections.abc import Callable, Sequence

import msgspec

from schemas.envelope import instant
from schemas.events import Record, TopicPartition
from schemas.reasons import UndecodableError

Peek = Callable[[Record], int | None]


class _Stamp(msgspec.Struct):
    timestamp: int | float | str | None = None


_read_stamp = msgspec.json.Decoder(_Stamp).decode


def event_time(record: Record) -> int | None:
    """Event time of a record without decoding the rest of it; None where it cannot be told.

    Never beyond the record's own timestamp, so that a stamp from the future holds nobody up.
    """
    value = record.value()
    if not value:
        return None
    try:
        created_at = instant(_read_stamp(value).timestamp)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UndecodableError):
        return None
    recorded_at = record.timestamp()[1]
    return min(created_at, recorded_at) if created_at else recorded_at


class Alignment:
    """Where the partitions of this process stand; shared by their readers."""

    def __init__(
        self, max_skew: int, peek: Peek = event_time, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is the wall clock in seconds; it paces only, and decides nothing else."""
        self._max_skew = max_skew
        self._peek = peek
        self._now = now
        self._heads: dict[TopicPartition, float] = {}
        self._others: dict[int, float] = {}
        self._told = -math.inf
        self.is_held: Callable[[], bool] = lambda: False
        """Asked before anything is admitted: whether all partitions have to wait."""

    def news(self) -> float:
        """Where the slowest partition of this process stands, or stood half of `max_skew` ago.

        Infinite where nobody waits for it.
        """
        slowest = self._slowest()
        if not 0 <= slowest - self._told < self._max_skew / 2:
            self._told = slowest
        return self._told

    def hear(self, process: int, slowest: float) -> None:
        """Take note of where the slowest partition of another process stands."""
        self._others[process] = slowest

    def expect(self, source: TopicPartition) -> None:
        """A partition whose first record is not known: the others wait for it."""
        self._heads[source] = -math.inf

    def release(self, source: TopicPartition) -> None:
        """A partition with nothing to read now: nobody waits for it."""
        self._heads[source] = math.inf

    def admit(self, source: TopicPartition, records: Sequence[Record]) -> int:
        """How many of these, the next ones of their partition, may go on now.

        The slowest partition always gets at least one through, whatever gaps event time has.
        """
        head = self._peek(records[0])
        if head is not None:
            # A record stamped ahead of the clock would wait for the others until that time comes.
            self._heads[source] = min(head, self._now() * 1000)
        elif self._heads[source] == math.inf:
            # Back from idleness with a record that cannot be read: its time is not known.
            self._heads[source] = -math.inf
        if self.is_held():
            return 0
        limit = self._slowest() + self._max_skew
        if self._others:
            limit = min(limit, min(self._others.values()) + 2 * self._max_skew)
        if self._heads[source] > limit:
            return 0
        if self._within(records[-1], limit):
            return len(records)
        return self._first_beyond(records, limit)

    def _slowest(self) -> float:
        return min(self._heads.values(), default=math.inf)

    def _first_beyond(self, records: Sequence[Record], limit: float) -> int:
        """Bisect: records of a partition are nearly in the order of their event time."""
        low, high = 1, len(records)
        while low < high:
            middle = (low + high) // 2
            if self._within(records[middle], limit):
                low = middle + 1
            else:
                high = middle
        return low

    def _within(self, record: Record, limit: float) -> bool:
        found = self._peek(record)
        return found is None or found <= limit
