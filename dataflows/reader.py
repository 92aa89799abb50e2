"""Reads one partition in micro-batches, side by side with the others in event time."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bytewax.inputs import StatefulSourcePartition
from confluent_kafka import Consumer, KafkaError, Message
from confluent_kafka import TopicPartition as Position
from typing_extensions import override

from config.errors import ChatflowError
from dataflows.alignment import Alignment
from schemas.events import RecordBatch, TopicPartition

log = logging.getLogger(__name__)

_PAUSE = timedelta(milliseconds=5)
"""Until the next look at a partition that had nothing; a spinning loop would cost a core."""
_TURN = timedelta(milliseconds=1)
"""The same for one that waits for others, or whose next records are on their way."""
_TICK = 1.0
"""Seconds between two signs that a partition is idle."""
_STALLED = 60.0
"""Seconds after which a partition that yields nothing, though it is not at its end, is idle."""
_PASSING = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_PARTITION,
    }
)
"""Client errors that go away by themselves; the client keeps trying."""


class SourceError(ChatflowError):
    """A partition cannot be read on."""


@dataclass(frozen=True)
class ReaderRules:
    """How partitions are read."""

    batch_size: int
    idle_timeout: float
    """Seconds."""
    stop: Callable[[], bool]
    """Asked before each batch: whether to end here, to go on another time."""


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
        rules: ReaderRules,
    ) -> None:
        """`end` is where a bounded read finishes; None reads on for ever."""
        self._source = source
        self._next = start
        self._end = end
        self._alignment = alignment
        self._rules = rules
        self._held: Sequence[Message] = ()
        self._announced = False
        self.finished = False
        """Whether nothing more will be read from the partition."""
        self._at_end = False
        self._end_seen = 0
        self._quiet_since = self._told_at = time.monotonic()
        self._waits = False
        alignment.expect(source)
        self._consumer = Consumer(dict(properties))
        self._consumer.assign([Position(*source, start)])

    @override
    def next_batch(self) -> Sequence[RecordBatch]:
        if not self._announced:
            self._announced = True
            return [self._batch()]
        if self.finished or self._rules.stop():
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
        if not self._waits:
            return None
        return datetime.now(UTC) + (_PAUSE if self._at_end else _TURN)

    @override
    def snapshot(self) -> int:
        return self._next

    @override
    def close(self) -> None:
        self._consumer.close()

    def _batch(
        self,
        records: Sequence[Message] = (),
        idle_for: int | None = None,
        *,
        ended: bool = False,
    ) -> RecordBatch:
        self._waits = not records
        return RecordBatch(self._source, self._next, records, idle_for, ended)

    def _fetch(self) -> None:
        found = self._consumer.consume(self._rules.batch_size, 0)
        records = [message for message in found if message.error() is None]
        if len(records) < len(found):
            for message in found:
                if (error := message.error()) is not None:
                    self._on_error(error, message)
        if records and self._end is not None and (records[-1].offset() or 0) >= self._end:
            records = [record for record in records if (record.offset() or 0) < self._end]
            self._next = self._next if records else self._end
        if records:
            self._quiet_since = time.monotonic()
            last = found[-1].error()
            self._at_end = last is not None and last.code() == KafkaError._PARTITION_EOF
        self._held = records

    def _admitted(self) -> Sequence[RecordBatch]:
        count = self._alignment.admit(self._source, self._held)
        if not count:
            self._waits = True
            return ()
        self._quiet_since = time.monotonic()
        records, self._held = self._held[:count], self._held[count:]
        self._next = (records[-1].offset() or 0) + 1
        return [self._batch(records)]

    def _idle(self) -> Sequence[RecordBatch]:
        self._waits = True
        if self._at_end:
            self._alignment.release(self._source)
        now = time.monotonic()
        quiet = now - self._quiet_since
        patience = self._rules.idle_timeout if self._at_end else _STALLED
        if quiet < patience or now - self._told_at < _TICK:
            return ()
        self._told_at = now
        self._alignment.release(self._source)
        return [self._batch(idle_for=int((quiet - patience) * 1000))]

    def _on_error(self, error: KafkaError, message: Message) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end = True
            # The end lies beyond the last record where a transaction ended or was aborted.
            self._end_seen = message.offset() or 0
        elif error.code() in _PASSING or error.retriable():
            log.warning("%s [%d]: %s; reading on", *self._source, error.str())
        else:
            raise SourceError(
                f"{self._source.topic} [{self._source.partition}] cannot be read from offset"
                f" {self._next}: {error.str()}"
            )
