"""Reads one partition in micro-batches, side by side with the others in event time."""

import logging
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import methodcaller
from typing import Any

from bytewax.inputs import StatefulSourcePartition
from confluent_kafka import KafkaError
from typing_extensions import override

from dataflows.alignment import Alignment
from dataflows.broker import PASSING
from dataflows.clients import client_of, ends_of
from dataflows.pace import Pace
from dataflows.positions import SourceError, refuse_gap
from dataflows.quiet import Quiet
from dataflows.reach import Reach
from schemas.events import Record, RecordBatch, TopicPartition

log = logging.getLogger(__name__)

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""An instant to come is waited for by the wall clock: for an hour if that goes back by one."""
_TICK = 1.0
"""Seconds between two signs that a partition is idle."""


@dataclass(frozen=True)
class ReaderRules:
    """How partitions are read."""

    batch_size: int
    idle_timeout: float
    """Seconds."""
    stop: Callable[[], bool]
    """Asked before each batch: whether to end here, to go on another time."""
    pace: Pace = field(default_factory=Pace)
    """Shared by the readers of a process."""


class PartitionReader(StatefulSourcePartition[RecordBatch, int]):
    """One partition: announces where it stands, then sends what it reads.

    What the engine's recovery store keeps of it is the next offset.
    """

    def __init__(
        self,
        properties: Mapping[str, Any],
        source: TopicPartition,
        start: int,
        end: int | None,
        alignment: Alignment,
        reach: Reach,
        rules: ReaderRules,
    ) -> None:
        """`end` is where a bounded read finishes; None reads on for ever."""
        self._source = source
        self._next = start
        self._end = end
        self._alignment = alignment
        self._reach = reach
        self._rules = rules
        self._held: Sequence[Record] = ()
        self._announced = False
        self.finished = False
        """Whether nothing more will be read from the partition."""
        self._at_end = False
        self._end_seen = 0
        self._quiet = Quiet(rules.idle_timeout)
        self._told_at = time.monotonic()
        self._is_idle = False
        alignment.expect(source)
        rules.pace.join()
        reach.watch(source)
        self._properties = properties
        self._client = client_of(properties, source, start)

    @override
    def next_batch(self) -> Sequence[RecordBatch]:
        found = self._look()
        if found:
            self._rules.pace.found()
        else:
            self._rules.pace.nothing()
        return found

    def _look(self) -> Sequence[RecordBatch]:
        if not self._announced:
            self._announced = True
            return [self._batch()]
        # What was read before a topic went is stored: a stop like any other, told of afterwards.
        if self.finished or self._rules.stop() or self._reach.failure is not None:
            self.finished = True
            self._alignment.release(self._source)
            raise StopIteration
        if not self._held:
            self._fetch()
        if self._held:
            return self._admitted()
        if self._at_end:
            self._next = max(self._next, self._end_seen)
        if self._end is not None and self._next >= self._end:
            self.finished = True
            self._alignment.release(self._source)
            return [self._batch(ended=True)]
        return self._idle()

    @override
    def next_awake(self) -> datetime | None:
        return AT_ONCE

    @override
    def snapshot(self) -> int:
        return self._next

    @override
    def close(self) -> None:
        self._reach.forget(self._source)
        self._rules.pace.leave()
        self._held = ()
        self._client.close()

    def _batch(
        self,
        records: Sequence[Record] = (),
        idle_for: int | None = None,
        *,
        ended: bool = False,
    ) -> RecordBatch:
        self._is_idle = idle_for is not None
        return RecordBatch(self._source, self._next, records, idle_for, ended)

    def _fetch(self) -> None:
        records, told, ends_last = self._client.fetch(self._rules.batch_size)
        for error, offset in told:
            self._on_error(error, offset)
        if records and self._end is not None and (records[-1].offset() or 0) >= self._end:
            records = records[: bisect_left(records, self._end, key=methodcaller("offset"))]
            self._next = self._next if records else self._end
        if records:
            last_told = told[-1][0].code() if ends_last else None
            self._at_end = last_told == KafkaError._PARTITION_EOF
        self._held = records

    def _admitted(self) -> Sequence[RecordBatch]:
        count = self._alignment.admit(self._source, self._held)
        if not count:
            return ()
        self._quiet.end(self._reach.standing(self._source))
        # Not even a part of nothing: it would keep what was fetched, and with that its client.
        records, self._held = self._held[:count], self._held[count:] or ()
        self._next = (records[-1].offset() or 0) + 1
        return [self._batch(records)]

    def _idle(self) -> Sequence[RecordBatch]:
        """Say that there is nothing to read, or that this is not known any more."""
        if self._at_end:
            self._alignment.release(self._source)
        standing = self._reach.standing(self._source)
        idle_for = self._quiet.idle_for(standing, self._next, at_end=self._at_end)
        if idle_for is None:
            return [self._batch()] if self._is_idle else ()
        now = time.monotonic()
        if self._is_idle and now - self._told_at < _TICK:
            return ()
        self._told_at = now
        self._alignment.release(self._source)
        return [self._batch(idle_for=idle_for)]

    def _on_error(self, error: KafkaError, offset: int) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end = True
            # The end lies beyond the last record where a transaction ended or was aborted.
            self._end_seen = offset
        elif error.code() in PASSING or error.retriable():
            place = {**self._source._asdict(), "offset": self._next}
            log.warning("%s [%d]: %s; reading on", *self._source, error.str(), extra=place)
        else:
            self._refuse_gap()
            raise SourceError(
                f"{self._source.topic} [{self._source.partition}] cannot be read from offset"
                f" {self._next}: {error.str()}"
            )

    def _refuse_gap(self) -> None:
        """Say in more words than the client's that what comes next is not there any more."""
        if found := ends_of(self._properties, self._source):
            refuse_gap(self._source, self._next, *found)
