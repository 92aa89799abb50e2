"""Bytes in; messages, user events and dead letters out, in partition order.

What a producer's retry sent twice is folded here: the same message id in the same partition
within `FOLD_HORIZON` is one message.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from config.errors import ChatflowError
from config.settings import Settings
from dataflows.repeats import FOLD_HORIZON, PlainDecoder
from native.decoding import PartitionDecoder
from native.library import library
from schemas.decoding import Events
from schemas.events import (
    Batch,
    DeadLetter,
    DeadLetterBatch,
    MessageBatch,
    Progress,
    Record,
    RecordBatch,
    TopicPartition,
    UserEventBatch,
)
from sinks.memory import Memory


class DeadLetterLimitError(ChatflowError):
    """Too much of what arrives cannot be decoded: that is an outage, not bad data."""


class DeadLetterLimit:
    """Stops the flow when dead letters are more than `max_ratio` of the last `window` records."""

    def __init__(self, max_ratio: float, window: int) -> None:
        self._max_ratio = max_ratio
        self._window = window
        self._recent: deque[tuple[int, int]] = deque()
        self._records = 0
        self._dead = 0

    def count(self, source: TopicPartition, records: int, letters: list[DeadLetter]) -> None:
        """Count one batch.

        Raises:
            DeadLetterLimitError: The limit is passed; names the last dead letter.
        """
        if not records:
            return
        self._recent.append((records, len(letters)))
        self._records += records
        self._dead += len(letters)
        while self._records - self._recent[0][0] >= self._window:
            records, dead = self._recent.popleft()
            self._records -= records
            self._dead -= dead
        if letters and self._records >= self._window:
            ratio = self._dead / self._records
            if ratio > self._max_ratio:
                last = letters[-1]
                raise DeadLetterLimitError(
                    f"{ratio:.0%} of the last {self._records} records could not be decoded, more"
                    f" than dead_letters.max_ratio allows ({self._max_ratio:.0%}); for example"
                    f" {source.topic} [{source.partition}] offset {last.kafka_offset}:"
                    f" {last.reason}, {last.detail}. Nothing of them was stored: find out what"
                    " the producer sends, or raise the limit to let them pass as dead letters"
                )


class _OfPartition(Protocol):
    """What decodes the records of one partition, and knows which ids it saw lately."""

    def decode(self, records: Sequence[Record]) -> Events:
        """Their events; repeats are left out."""


class Decoder:
    """Decodes batches; holds for each partition its newest event time and the ids seen lately."""

    def __init__(
        self, memory: Memory, tolerance: int, limit: DeadLetterLimit, *, compiled: bool = True
    ) -> None:
        """`compiled` says whether to use the compiled library, where it was built."""
        self._memory = memory
        self._tolerance = tolerance
        self._limit = limit
        self._make = PartitionDecoder if compiled and library() else PlainDecoder
        self._partitions: dict[TopicPartition, _OfPartition] = {}
        self._newest: dict[TopicPartition, int] = {}

    def __call__(self, batches: list[RecordBatch]) -> Iterable[Batch]:
        """Three batches for each one, in its order, so that progress reaches every branch."""
        for batch in batches:
            yield from self._decode(batch)

    def _decode(self, batch: RecordBatch) -> tuple[Batch, ...]:
        source = batch.source
        partition = self._partitions.get(source) or self._recall(batch)
        messages, user_events, letters, newest = partition.decode(batch.records)
        if newest > self._newest.get(source, 0):
            self._newest[source] = newest
        self._limit.count(source, len(batch.records), letters)
        event_time = self._newest.get(source)
        progress = Progress(source, batch.next_offset, event_time, batch.idle_for, batch.ended)
        return (
            MessageBatch(progress, messages),
            UserEventBatch(progress, user_events),
            DeadLetterBatch(progress, letters),
        )

    def _recall(self, batch: RecordBatch) -> _OfPartition:
        """A partition read for the first time: what of it is stored below this batch."""
        first = batch.records[0].offset() if batch.records else None
        below = batch.next_offset if first is None else first
        ids = self._memory.message_ids(batch.source, below, FOLD_HORIZON)
        made = self._make(batch.source, self._tolerance, FOLD_HORIZON, ids)
        return self._partitions.setdefault(batch.source, made)


@operator
def decode(
    step_id: str, up: Stream[RecordBatch], *, memory: Memory, settings: Settings
) -> Stream[Batch]:
    """Decode each batch into its messages, its user events and its dead letters.

    Each batch becomes three, in partition order, even when one of them is empty. Repeats of a
    message are left out. Nothing is raised for bad data but `DeadLetterLimitError`.
    """
    limit = DeadLetterLimit(settings.dead_letters.max_ratio, settings.dead_letters.window)
    tolerance = settings.source.future_tolerance // timedelta(milliseconds=1)
    return op.flat_map_batch("records", up, Decoder(memory, tolerance, limit))
