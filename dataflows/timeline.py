"""Events of all partitions in the order of their time.

Order: event time, then record timestamp, then user events before messages, then topic, partition
and offset; the same whatever way the partitions were read. Events wait until the watermark says
that nothing older is expected; one that comes later still is handed out at once.

Signs of life (typing, reading) are handed out before all else of their instant and in no order:
they change nothing that another event of that instant depends on.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from dataflows.marks import lowest
from schemas.events import (
    ChatMessage,
    MessageBatch,
    TopicPartition,
    UserEvent,
    UserEventBatch,
)

Event = ChatMessage | UserEvent
EventBatch = MessageBatch | UserEventBatch
Placed = tuple[int, TopicPartition, Event]
"""Record timestamp, partition, event."""

SIGN, USER_EVENT, MESSAGE = range(3)
"""Ranks of what happens at one instant."""

SIGNS_OF_LIFE = frozenset({"user_typing", "typing", "message_read"})
"""User events that renew sessions and change nothing else."""
STEP = 1000
"""Milliseconds: the step of the wire's clock. What is handed out ends with a whole second."""
_event_time = attrgetter("event_time")
_recorded_at = itemgetter(0)


class Instant(NamedTuple):
    """Everything with one event time."""

    time: int
    signs: Sequence[UserEvent]
    events: Sequence[Placed]
    """In order."""


_Bucket = dict[tuple[int, TopicPartition], list[Event]]
"""Events of one instant by rank and partition, each list in the order of arrival."""


def ranked(batch: EventBatch) -> Iterator[tuple[int, Sequence[Event]]]:
    """The events of a batch by rank, each in offset order."""
    if isinstance(batch, MessageBatch):
        yield MESSAGE, batch.events
        return
    yield SIGN, [event for event in batch.events if event.event_type in SIGNS_OF_LIFE]
    yield USER_EVENT, [event for event in batch.events if event.event_type not in SIGNS_OF_LIFE]


class Timeline:
    """Events waiting for their turn."""

    def __init__(self, released_until: int | None) -> None:
        self.released_until = released_until
        """Everything before this instant has been handed out; a multiple of a second."""
        self.late = 0
        """Events that were handed out after what followed them."""
        self._buckets: dict[int, _Bucket] = {}

    def take(self, batch: EventBatch, mark: int) -> None:
        """Take the events of a batch; those below `mark` only if they were still waiting."""
        for rank, events in ranked(batch):
            self.add(batch.progress.source, rank, events, mark)

    def add(self, source: TopicPartition, rank: int, events: Sequence[Event], mark: int) -> None:
        """Take events of one partition and rank, in offset order.

        Those below `mark`, which an earlier execution has read, only if they were still waiting.
        """
        released = self.released_until
        if events and events[0].kafka_offset < mark and released is not None:
            events = [e for e in events if e.kafka_offset >= mark or e.event_time >= released]
        place = rank, source
        # Clocks on the wire count seconds: a batch is a few runs, and each is moved as a whole.
        for time, run in groupby(events, _event_time):
            self._buckets.setdefault(time, {}).setdefault(place, []).extend(run)

    def release(self, until: int | None, newest: int = 0) -> Iterator[Instant]:
        """Hand out the events of all whole seconds before `until`, an instant at a time, in order.

        None is the end: everything is handed out, and time goes beyond `newest`, which other shards
        may have seen. What is late, before `released_until`, never waits: a next execution takes it
        as handed out.
        """
        if until is None:
            end = max(newest, *self._buckets, -1) // STEP * STEP + STEP
        else:
            end = max(until, self.released_until or 0) // STEP * STEP
        for time in sorted(time for time in self._buckets if time < end):
            instant = _in_order(time, self._buckets.pop(time))
            if time < (self.released_until or 0):
                self.late += len(instant.signs) + len(instant.events)
            yield instant
        if end > 0 and (self.released_until is None or end > self.released_until):
            self.released_until = end

    def waiting_from(self) -> Mapping[TopicPartition, int]:
        """For each partition with waiting events, the offset of the first one."""
        return lowest(
            {source: events[0].kafka_offset}
            for bucket in self._buckets.values()
            for (_, source), events in bucket.items()
        )


def _in_order(time: int, bucket: _Bucket) -> Instant:
    signs: list[UserEvent] = []
    placed: list[Placed] = []
    for (rank, source), events in sorted(bucket.items(), key=itemgetter(0)):
        if rank == SIGN:
            signs += events  # type: ignore[arg-type]  # this rank is only given to user events
        else:
            placed += [(event.recorded_at, source, event) for event in events]
    # Stable: of one record timestamp, what comes first by rank, partition and offset stays first.
    placed.sort(key=_recorded_at)
    return Instant(time, signs, placed)
