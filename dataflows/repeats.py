"""Records of one partition in, their events out, without what a producer's retry sent twice."""

from collections.abc import Iterable, Sequence
from itertools import islice, takewhile

from schemas.decoding import Events, decode_all
from schemas.events import ChatMessage, Record, TopicPartition
from schemas.packed import PackedRows, rows_in

FOLD_HORIZON = 10 * 60 * 1000
"""Milliseconds of a partition's clock within which the same id is the same message."""


class PlainDecoder:
    """Decodes the records of a partition where the compiled library is not used.

    The rule for `native.decoding.PartitionDecoder`, which gives the same.
    """

    def __init__(
        self,
        source: TopicPartition,
        tolerance: int,
        horizon: int,
        ids: PackedRows,
    ) -> None:
        """`ids` are those seen lately, in offset order, with the event time of each."""
        self._source, self._tolerance, self._horizon = source, tolerance, horizon
        seen: dict[str, int] = {}
        self._clock = 0
        for name, event_time in rows_in(ids):
            self._clock = seen[name] = max(self._clock, event_time)
        # The key that is no text makes the dictionary keep the hashes beside the keys (CPython
        # 3.11 and later leave them out where all keys are text), so that looking up an id that is
        # not there touches none of the others.
        self._seen: dict[str | None, int] = {None: 0}
        self._seen.update(seen.items())
        self._pruned_at = self._clock

    def decode(self, records: Sequence[Record]) -> Events:
        """The events of records in offset order, and how new the newest of them is."""
        messages, user_events, letters = decode_all(records, self._source, self._tolerance)
        newest = max(
            max([event.event_time for event in messages], default=0),
            max([event.event_time for event in user_events], default=0),
        )
        return Events(self._without_repeats(messages), user_events, letters, newest)

    def _without_repeats(self, messages: Iterable[ChatMessage]) -> list[ChatMessage]:
        """The messages whose id was not seen lately; remembers them."""
        seen, clock = self._seen, self._clock
        known = len(seen)
        kept: list[ChatMessage] = []
        for message in messages:
            now = message.event_time
            if now <= clock:
                now = clock
            seen_at = seen.setdefault(message.message_id, now)
            if len(seen) != known:
                known += 1
            elif now - seen_at <= self._horizon:
                continue
            else:
                # Last again, because the ids stand in the order of their times.
                del seen[message.message_id]
                seen[message.message_id] = now
            clock = now
            kept.append(message)
        self._clock = clock
        if clock - self._pruned_at > self._horizon:
            self._prune(clock)
        return kept

    def _prune(self, clock: int) -> None:
        """Forget what is too old to matter; in place, because a copy would touch all the rest."""
        seen, oldest = self._seen, clock - self._horizon
        for name in list(takewhile(lambda name: seen[name] < oldest, islice(seen, 1, None))):
            del seen[name]
        self._pruned_at = clock
