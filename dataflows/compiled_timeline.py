"""Events of all partitions in the order of their time, kept in C: rows of batches held on to."""

from array import array
from collections.abc import Mapping, Sequence
from ctypes import addressof

from typing_extensions import override

from dataflows.timeline import STEP, EventBatch, Timeline
from native.append import append_messages, append_user_events
from native.columns import Batch, MessageColumns, UserEventColumns
from native.join import Join
from schemas.events import ChatMessage, MessageBatch, TopicPartition, UserEvent

_FROM_THE_BEGINNING = -(2**63)
_NOTHING = 2**63 - 1
_AT_ONCE = 1024
"""Batches that are let go with one call."""


class CompiledTimeline(Timeline):
    """Events waiting for their turn; they are looked at in C, so nothing is handed out here."""

    def __init__(self, join: Join, released_until: int | None) -> None:
        super().__init__(released_until)
        self._join = join
        self._kept: dict[int, MessageColumns | UserEventColumns] = {}

    @override
    def take(self, batch: EventBatch, mark: int) -> None:
        if not batch.events:
            return
        number = self._join.number(batch.progress.source)
        released = self.released_until
        if released is None:
            mark, released = _FROM_THE_BEGINNING, 0
        columns: MessageColumns | UserEventColumns
        if isinstance(batch, MessageBatch):
            columns, take = _messages(batch.events), self._join.messages
        else:
            columns, take = _user_events(batch.events), self._join.user_events
        slot = take(addressof(columns.struct), number, mark, released)
        if slot >= 0:
            self._kept[slot] = columns

    def begin(self, until: int | None, newest: int = 0) -> tuple[int, int]:
        """Up to which whole second events are to be looked at now, and how many there are.

        The rules are those of `release`, and `end` is to be called after it.
        """
        if until is None:
            end = max(newest, self._join.last(), -1) // STEP * STEP + STEP
        else:
            end = max(until, self.released_until or 0) // STEP * STEP
        self.late += self._join.before(min(end, self.released_until or 0))
        return end, self._join.before(end)

    def end(self, end: int) -> None:
        """Everything before this whole second was looked at."""
        if end > 0 and (self.released_until is None or end > self.released_until):
            self.released_until = end
        slots = array("I", bytes(4 * _AT_ONCE))
        done = _AT_ONCE
        while done == _AT_ONCE:
            done = self._join.done(slots.buffer_info()[0], _AT_ONCE)
            for slot in slots[:done]:
                del self._kept[slot]

    @override
    def waiting_from(self) -> Mapping[TopicPartition, int]:
        sources = self._join.sources
        offsets = array("q", bytes(8 * len(sources)))
        self._join.waiting(offsets.buffer_info()[0])
        pairs = zip(sources, offsets, strict=True)
        return {source: offset for source, offset in pairs if offset != _NOTHING}


def _messages(events: Sequence[ChatMessage]) -> MessageColumns:
    if isinstance(events, MessageColumns):
        return events
    batch = Batch()
    append_messages(batch, events)
    return MessageColumns(batch)


def _user_events(events: Sequence[UserEvent]) -> UserEventColumns:
    if isinstance(events, UserEventColumns):
        return events
    batch = Batch()
    append_user_events(batch, events)
    return UserEventColumns(batch)
