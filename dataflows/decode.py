"""Bytes in; messages, user events and dead letters out, in partition order.

What a producer's retry sent twice is folded here: the same message id in the same partition
within `FOLD_HORIZON` is one message.
"""

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice, takewhile

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from config.errors import ChatflowError
from config.settings import Settings
from schemas.decoding import decode_all
from schemas.events import (
    Batch,
    ChatMessage,
    DeadLetter,
    DeadLetterBatch,
    MessageBatch,
    Progress,
    RecordBatch,
    TopicPartition,
    UserEvent,
    UserEventBatch,
)
from sinks.memory import Memory

FOLD_HORIZON = 10 * 60 * 1000
"""Milliseconds of a partition's clock within which the same id is the same message."""


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


class _Partition:
    """What decoding one partition needs to remember."""

    def __init__(self, event_time: int | None, seen: dict[str, int]) -> None:
        self.event_time = event_time
        self.clock = max(seen.values(), default=0)
        # The key that is no text makes the dictionary keep the hashes beside the keys (CPython
        # 3.11 and later leave them out where all keys are text), so that looking up an id that is
        # not there touches none of the others: 0.18 us instead of 0.28, with a million ids.
        self._seen: dict[str | None, int] = {None: 0}
        self._seen.update(seen.items())
        self._pruned_at = self.clock

    def advance(self, events: Iterable[ChatMessage | UserEvent]) -> None:
        """Take note of how new these events are."""
        newest = max([event.event_time for event in events], default=0)
        if newest > (self.event_time or 0):
            self.event_time = newest

    def without_repeats(self, messages: Iterable[ChatMessage]) -> list[ChatMessage]:
        """The messages whose id was not seen lately; remembers them."""
        seen, clock = self._seen, self.clock
        known = len(seen)
        kept: list[ChatMessage] = []
        for message in messages:
            now = message.event_time
            if now <= clock:
                now = clock
            seen_at = seen.setdefault(message.message_id, now)
            if len(seen) != known:
                known += 1
            elif now - seen_at <= FOLD_HORIZON:
                continue
            else:
                # Last again, because the ids stand in the order of their times.
                del seen[message.message_id]
                seen[message.message_id] = now
            clock = now
            kept.append(message)
        self.clock = clock
        if clock - self._pruned_at > FOLD_HORIZON:
            self._prune(clock)
        return kept

    def _prune(self, clock: int) -> None:
        """Forget what is too old to matter; in place, because a copy would touch all the rest."""
        seen, oldest = self._seen, clock - FOLD_HORIZON
        for name in list(takewhile(lambda name: seen[name] < oldest, islice(seen, 1, None))):
            del seen[name]
        self._pruned_at = clock


class Decoder:
    """Decodes batches; holds for each partition its newest event time and the ids seen lately."""

    def __init__(self, memory: Memory, tolerance: int, limit: DeadLetterLimit) -> None:
        self._memory = memory
        self._tolerance = tolerance
        self._limit = limit
        self._partitions: dict[TopicPartition, _Partition] = {}

    def __call__(self, batches: list[RecordBatch]) -> Iterable[Batch]:
        """Three batches for each one, in its order, so that progress reaches every branch."""
        for batch in batches:
            yield from self._decode(batch)

    def _decode(self, batch: RecordBatch) -> tuple[Batch, ...]:
        source = batch.source
        partition = self._partitions.get(source) or self._recall(batch)
        messages, user_events, letters = decode_all(batch.records, source, self._tolerance)
        partition.advance(messages)
        partition.advance(user_events)
        self._limit.count(source, len(batch.records), letters)
        progress = Progress(
            source, batch.next_offset, partition.event_time, batch.idle_for, batch.ended
        )
        return (
            MessageBatch(progress, partition.without_repeats(messages)),
            UserEventBatch(progress, user_events),
            DeadLetterBatch(progress, letters),
        )

    def _recall(self, batch: RecordBatch) -> _Partition:
        """A partition read for the first time: what of it is stored below this batch."""
        first = batch.records[0].offset() if batch.records else None
        below = batch.next_offset if first is None else first
        ids = self._memory.message_ids(batch.source, below, FOLD_HORIZON)
        return self._partitions.setdefault(batch.source, _Partition(None, dict(ids)))


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
