"""Events of all partitions in the order of their time.

Order: event time, then record timestamp, then user events before messages, then topic, partition
and offset; the same whatever way the partitions were read. Events wait until the watermark says
that nothing older is expected; one that comes later still is handed out at once.
"""

from collections.abc import Iterator, Mapping, Sequence

from schemas.events import ChatMessage, TopicPartition, UserEvent

Placed = tuple[int, int, int, TopicPartition, int, ChatMessage | UserEvent]
"""Event time, record timestamp, 0 for user events and 1 for messages, partition, offset, event."""

_STEP = 1000
"""Milliseconds of a bucket: the step of the wire's clock, so a bucket is sorted only once."""


class Timeline:
    """Events waiting for their turn."""

    def __init__(self, released_until: int | None) -> None:
        self.released_until = released_until
        """Everything before this instant has been handed out; a multiple of a second."""
        self._buckets: dict[int, list[Placed]] = {}
        self._lowest: dict[int, dict[TopicPartition, int]] = {}

    def add(
        self,
        source: TopicPartition,
        rank: int,
        events: Sequence[ChatMessage] | Sequence[UserEvent],
        mark: int,
    ) -> None:
        """Take events of one partition; those below `mark` only if they were still waiting."""
        buckets, lowest = self._buckets, self._lowest
        released = self.released_until
        for event in events:
            time = event.event_time
            offset = event.kafka_offset
            if offset < mark and released is not None and time < released:
                continue
            step = time // _STEP
            bucket = buckets.get(step)
            if bucket is None:
                bucket = buckets[step] = []
                lowest[step] = {}
            bucket.append((time, event.recorded_at, rank, source, offset, event))
            first = lowest[step].get(source)
            if first is None or offset < first:
                lowest[step][source] = offset

    def release(self, until: int | None) -> Iterator[Placed]:
        """Hand out, in order, the events of all whole seconds before `until`; None is all."""
        last = None if until is None else until // _STEP
        for step in sorted(step for step in self._buckets if last is None or step < last):
            del self._lowest[step]
            yield from sorted(self._buckets.pop(step))
        if last is not None and (self.released_until is None or last * _STEP > self.released_until):
            self.released_until = last * _STEP

    def waiting_from(self) -> Mapping[TopicPartition, int]:
        """For each partition with waiting events, the offset of the first one."""
        found: dict[TopicPartition, int] = {}
        for offsets in self._lowest.values():
            for source, offset in offsets.items():
                found[source] = min(offset, found.get(source, offset))
        return found
