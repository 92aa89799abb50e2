"""Events of all partitions in the order of their time.

Order: event time, then record timestamp, then user events before messages, then topic, partition
and offset; the same whatever way the partitions were read. Events wait until the watermark says
that nothing older is expected; one that comes later still is handed out at once.
"""

from collections.abc import Iterator, Mapping, Sequence

from schemas.events import ChatMessage, TopicPartition, UserEvent

Placed = tuple[float, TopicPartition, int, ChatMessage | UserEvent]
"""Place within a second, partition, offset, event."""

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
        """Take events of one partition, in offset order.

        Those below `mark`, which an earlier execution has read, only if they were still waiting.
        """
        step, bucket = -1, list[Placed]()
        for event in events:
            time, offset = event.event_time, event.kafka_offset
            if offset < mark and self.released_until is not None and time < self.released_until:
                continue
            if time // _STEP != step:
                step = time // _STEP
                bucket = self._buckets.setdefault(step, [])
                lowest = self._lowest.setdefault(step, {})
                lowest[source] = min(offset, lowest.get(source, offset))
            # One number orders nearly everything; as a float, which lists compare fastest, it is
            # exact: 10 bits of the second, 42 of the record timestamp, one of the rank.
            place = float(((time - step * _STEP) << 43) | (event.recorded_at << 1) | rank)
            bucket.append((place, source, offset, event))

    def release(
        self, until: int | None
    ) -> Iterator[tuple[TopicPartition, ChatMessage | UserEvent]]:
        """Hand out, in order, the events of all whole seconds before `until`; None is all."""
        last = None if until is None else until // _STEP
        steps = sorted(step for step in self._buckets if last is None or step < last)
        if last is None and steps:
            last = steps[-1] + 1
        for step in steps:
            del self._lowest[step]
            bucket = self._buckets.pop(step)
            bucket.sort()
            for _, source, _, event in bucket:
                yield source, event
        if last is not None and (self.released_until is None or last * _STEP > self.released_until):
            self.released_until = last * _STEP

    def waiting_from(self) -> Mapping[TopicPartition, int]:
        """For each partition with waiting events, the offset of the first one."""
        found: dict[TopicPartition, int] = {}
        for offsets in self._lowest.values():
            for source, offset in offsets.items():
                found[source] = min(offset, found.get(source, offset))
        return found
