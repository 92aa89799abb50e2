"""Events of all partitions in the order of their time.

Order: event time, then record timestamp, then user events before messages, then topic, partition
and offset; the same whatever way the partitions were read. Events wait until the watermark says
that nothing older is expected; one that comes later still is handed out at once.
"""

from collections.abc import Iterator, Mapping, Sequence

from dataflows.marks import lowest
from schemas.events import ChatMessage, TopicPartition, UserEvent

Event = ChatMessage | UserEvent
Placed = tuple[float, TopicPartition, int, Event]
"""Place within a second, partition, offset, event."""

_STEP = 1000
"""Milliseconds of a bucket: the step of the wire's clock, so a bucket is sorted only once."""
_MILLISECOND = 8.5e12
"""Weight of a millisecond in a place: more than twice any record timestamp until the year 2100."""


class Timeline:
    """Events waiting for their turn."""

    def __init__(self, released_until: int | None) -> None:
        self.released_until = released_until
        """Everything before this instant has been handed out; a multiple of a second."""
        self._buckets: dict[int, dict[tuple[TopicPartition, int], list[Event]]] = {}
        self._lowest: dict[int, dict[TopicPartition, int]] = {}

    def add(self, source: TopicPartition, rank: int, events: Sequence[Event], mark: int) -> None:
        """Take events of one partition, in offset order.

        Those below `mark`, which an earlier execution has read, only if they were still waiting.
        """
        released = self.released_until
        if events and events[0].kafka_offset < mark and released is not None:
            events = [e for e in events if e.kafka_offset >= mark or e.event_time >= released]
        current = None
        bucket: list[Event] = []
        for event in events:
            step = event.event_time // _STEP
            if step != current:
                current = step
                bucket = self._buckets.setdefault(step, {}).setdefault((source, rank), [])
                first = self._lowest.setdefault(step, {})
                offset = event.kafka_offset
                first[source] = min(offset, first.get(source, offset))
            bucket.append(event)

    def release(self, until: int | None) -> Iterator[list[Placed]]:
        """Hand out the events of all whole seconds before `until`, a second at a time, in order.

        None is the end: everything is handed out. What is late, before `released_until`, never
        waits: a next execution takes it as handed out.
        """
        last = None if until is None else max(until, self.released_until or 0) // _STEP
        steps = sorted(step for step in self._buckets if last is None or step < last)
        if last is None and steps:
            last = steps[-1] + 1
        for step in steps:
            del self._lowest[step]
            yield _in_order(step * _STEP, self._buckets.pop(step))
        if last is not None and (self.released_until is None or last * _STEP > self.released_until):
            self.released_until = last * _STEP

    def waiting_from(self) -> Mapping[TopicPartition, int]:
        """For each partition with waiting events, the offset of the first one."""
        return lowest(self._lowest.values())


def _in_order(
    start: int, bucket: Mapping[tuple[TopicPartition, int], Sequence[Event]]
) -> list[Placed]:
    """Sort by one number: floats are compared faster than tuples.

    The number is exact: milliseconds since `start`, record timestamp and rank need 53 bits.
    """
    placed: list[Placed] = []
    for (source, rank), events in bucket.items():
        placed += [
            (
                (event.event_time - start) * _MILLISECOND + event.recorded_at * 2.0 + rank,
                source,
                event.kafka_offset,
                event,
            )
            for event in events
        ]
    placed.sort()
    return placed
