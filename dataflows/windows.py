"""Tumbling windows of event time and what is counted in them; no engine, no clock."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.events import ChatMessage
from schemas.rows import Rows
from schemas.tables import MESSAGE_STATS
from sinks.epoch import WindowKey
from sinks.memory import WindowState

_Kind = tuple[str, int, str]
"""Event type, content type, group (empty for messages to a user)."""


class WindowRow(NamedTuple):
    """A row of `message_stats`, absolute: writing it twice changes nothing."""

    window_start: int
    window_end: int
    event_type: str
    content_type: int
    group_id: str
    messages: int
    senders: int
    bytes: int
    closed: bool
    revision: int = 0


class Count:
    """What one row adds up; mutable, because it changes with every message."""

    __slots__ = ("bytes", "changed", "messages", "senders")

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0
        self.senders: set[str] = set()
        self.changed = True


class Windows:
    """The open windows of one shard."""

    def __init__(self, length: int, closed_until: int | None) -> None:
        self._length = length
        self._closed_until = closed_until
        self._open: dict[int, dict[_Kind, Count]] = {}
        self.late = 0
        """Messages that came when their window was closed."""

    def restore(self, state: WindowState) -> None:
        """Go on with a row that was open at the last commit."""
        kind = (state.event_type, state.content_type, state.group_id)
        count = self._open.setdefault(state.window_start, {})[kind] = Count()
        count.messages, count.bytes = state.messages, state.bytes
        count.senders.update(state.senders)

    def add(self, messages: Iterable[ChatMessage], mark: int = 0) -> set[WindowKey]:
        """Count messages; returns the closed windows for which some of them are late.

        Those at offsets below `mark` are skipped: what they did is durable.
        """
        late: set[WindowKey] = set()
        length, window = self._length, None
        counts: dict[_Kind, Count] | None = None
        for message in messages:
            if message.kafka_offset < mark:
                continue
            created_at = message.created_at
            start = created_at - created_at % length
            if start != window:
                window, counts = start, self._counts(start)
            kind = (message.event_type, message.content_type, message.group_id or "")
            if counts is None:
                late.add(WindowKey(start, start + length, *kind))
                self.late += 1
                continue
            count = counts.get(kind)
            if count is None:
                count = counts[kind] = Count()
            count.messages += 1
            count.bytes += weight(message)
            count.changed = True
            if message.from_user is not None:
                count.senders.add(message.from_user)
        return late

    def _counts(self, start: int) -> dict[_Kind, Count] | None:
        """What is counted in the window; None when it is closed."""
        if self._closed_until is not None and start + self._length <= self._closed_until:
            return None
        return self._open.setdefault(start, {})

    def close(self, until: int) -> list[Rows]:
        """Close the windows that end at or before `until`; their rows, oldest first."""
        if self._closed_until is not None and until <= self._closed_until:
            return []
        ripe = sorted(start for start in self._open if start + self._length <= until)
        if ripe:
            self._closed_until = ripe[-1] + self._length
        return _rows(
            self._row(start, kind, count, closed=True)
            for start in ripe
            for kind, count in self._open.pop(start).items()
        )

    def changed(self) -> list[Rows]:
        """The rows of open windows that changed since the last call."""
        return _rows(self._changed())

    def _changed(self) -> Iterator[WindowRow]:
        for start, counts in self._open.items():
            for kind, count in counts.items():
                if count.changed:
                    count.changed = False
                    yield self._row(start, kind, count, closed=False)

    def _row(self, start: int, kind: _Kind, count: Count, *, closed: bool) -> WindowRow:
        return WindowRow(
            start,
            start + self._length,
            *kind,
            count.messages,
            len(count.senders),
            count.bytes,
            closed,
        )


def _rows(found: Iterable[WindowRow]) -> list[Rows]:
    rows = list(found)
    return [Rows.of(MESSAGE_STATS, rows)] if rows else []


def weight(message: ChatMessage) -> int:
    """Bytes of a message: its content in UTF-8, and the file it came with."""
    content = message.content
    size = len(content) if content.isascii() else len(content.encode(errors="replace"))
    return size + (message.file_size or 0)
