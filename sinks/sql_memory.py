"""What a database remembers of earlier executions, whatever its dialect."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from schemas.events import ChatMessage, TopicPartition
from schemas.packed import PackedRows, packed_rows
from schemas.push import PendingPush
from sinks.memory import WindowState

_YEAR_ONE = -62_135_596_800_000
"""Milliseconds: no message is older."""


class Questions(NamedTuple):
    """The queries of one dialect, with named arguments; instants in and out are milliseconds."""

    marks: str
    closed_until: str
    open_windows: str
    message_ids: str
    states: str
    active_users: str
    pending_pushes: str


def newest_message_ids(
    event_time: str, instant: Callable[[str], str], argument: Callable[[str], str]
) -> str:
    """`Questions.message_ids` in a dialect; see `Memory.message_ids`.

    The clock is at least the last message's event time, and nothing created earlier has moved it:
    so of what is stored in order of time only the newest part is read. A millisecond more, because
    fractions of one, which only others than the flow write, are rounded.

    Args:
        event_time: Of a message, in milliseconds.
        instant: Makes one, as columns have it, of milliseconds.
        argument: How one of this name stands in a statement.
    """
    horizon = argument("horizon")
    partition = f"""kafka_topic = {argument("topic")} AND kafka_partition = {argument("partition")}
        AND kafka_offset < {argument("below")}"""
    return f"""
WITH last AS (
    SELECT {event_time} AS event_time FROM messages
    WHERE {partition} ORDER BY kafka_offset DESC LIMIT 1
), clock AS (
    SELECT max({event_time}) AS event_time FROM messages
    WHERE {partition} AND created_at >= {instant("(SELECT event_time - 1 FROM last)")}
), oldest AS (
    SELECT min(kafka_offset) AS kafka_offset FROM messages
    WHERE {partition}
        AND created_at >= {instant(f"(SELECT event_time - {horizon} - 1 FROM clock)")}
        AND {event_time} >= (SELECT event_time - {horizon} FROM clock)
)
SELECT message_id, {event_time} AS event_time FROM messages
WHERE {partition} AND kafka_offset >= (SELECT kafka_offset FROM oldest)
ORDER BY kafka_offset
"""


class SqlMemory(ABC):
    """Reads at start."""

    def __init__(self, questions: Questions, tolerance: int) -> None:
        """`tolerance`: milliseconds by which an event may be stamped later than its record."""
        self._questions = questions
        self._tolerance = tolerance
        self.is_new = False
        """Whether nothing was ever committed."""

    @abstractmethod
    def _answer(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        """All rows of a query."""

    def _packed(self, statement: str, arguments: Mapping[str, object]) -> PackedRows:
        """All rows of a query for a text and for bytes or an integer, none of them missing."""
        return packed_rows(self._answer(statement, arguments))

    def marks(self, sink: str) -> Mapping[TopicPartition, int]:
        """See `Memory.marks`."""
        return {
            TopicPartition(topic, partition): offset
            for topic, partition, offset in self._rows(self._questions.marks, sink=sink)
        }

    def closed_until(self) -> int | None:
        """See `Memory.closed_until`."""
        found = self._rows(self._questions.closed_until)
        return found[0][0] if found else None

    def open_windows(self, length: int, closed_until: int | None) -> Iterable[WindowState]:
        """See `Memory.open_windows`."""
        end = _YEAR_ONE if closed_until is None else closed_until
        found = self._rows(self._questions.open_windows, length=length, closed_until=end)
        for start, event_type, content_type, group_id, messages, size, senders in found:
            yield WindowState(
                start, event_type, content_type, group_id, messages, size, tuple(senders or ())
            )

    def message_ids(self, source: TopicPartition, below: int, horizon: int) -> PackedRows:
        """See `Memory.message_ids`."""
        return self._packed_rows(
            self._questions.message_ids,
            **source._asdict(),
            below=below,
            horizon=horizon,
            tolerance=self._tolerance,
        )

    def states(self, step: str) -> Iterable[tuple[str, bytes]]:
        """See `Memory.states`."""
        return self._rows(self._questions.states, step=step)

    def active_users(self) -> Iterable[tuple[str, int]]:
        """See `Memory.active_users`."""
        return self._rows(self._questions.active_users)

    def packed_states(self, step: str) -> PackedRows:
        """See `Memory.packed_states`."""
        return self._packed_rows(self._questions.states, step=step)

    def packed_active_users(self) -> PackedRows:
        """See `Memory.packed_active_users`."""
        return self._packed_rows(self._questions.active_users)

    def pending_pushes(self) -> Iterable[PendingPush]:
        """See `Memory.pending_pushes`."""
        found = self._rows(self._questions.pending_pushes, tolerance=self._tolerance)
        for topic, partition, user_id, decided_at, *message in found:
            yield PendingPush(
                TopicPartition(topic, partition), ChatMessage(*message), user_id, decided_at
            )

    def _rows(self, statement: str, **arguments: object) -> list[Any]:
        return [] if self.is_new else self._answer(statement, arguments)

    def _packed_rows(self, statement: str, **arguments: object) -> PackedRows:
        return () if self.is_new else self._packed(statement, arguments)
