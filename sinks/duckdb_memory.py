"""What a DuckDB file remembers of earlier executions."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from schemas.events import ChatMessage, TopicPartition
from schemas.push import PendingPush
from sinks import duckdb_sql as sql
from sinks.duckdb_words import in_words
from sinks.duckdb_writer import DuckDBWriter
from sinks.lease import open_for_writing
from sinks.memory import WindowState


class DuckDBMemory:
    """Reads at start, each time with the file opened for one query only.

    A process opens a file once: while a writer is at work, the queries are the writer's.
    """

    def __init__(self, path: Path, lock_timeout: float, tolerance: int) -> None:
        self.path = path
        self.lock_timeout = lock_timeout
        self.writer: DuckDBWriter | None = None
        self._tolerance = tolerance
        self.is_new = False
        """Whether nothing was ever committed: then no question needs the file."""

    def marks(self, sink: str) -> Mapping[TopicPartition, int]:
        """See `Memory.marks`."""
        return {
            TopicPartition(topic, partition): offset
            for topic, partition, offset in self._rows(sql.MARKS, [sink])
        }

    def closed_until(self) -> int | None:
        """See `Memory.closed_until`."""
        found = self._rows(sql.CLOSED_UNTIL)
        return found[0][0] if found else None

    def open_windows(self, length: int, closed_until: int | None) -> Iterable[WindowState]:
        """See `Memory.open_windows`."""
        arguments = {
            "length": length,
            "closed_until": -(2**53) if closed_until is None else closed_until,
        }
        for start, event_type, content_type, group_id, messages, size, senders in self._rows(
            sql.OPEN_WINDOWS, arguments
        ):
            yield WindowState(
                start, event_type, content_type, group_id, messages, size, tuple(senders or ())
            )

    def message_ids(
        self, source: TopicPartition, below: int, horizon: int
    ) -> Iterable[tuple[str, int]]:
        """See `Memory.message_ids`."""
        arguments = {
            **source._asdict(),
            "below": below,
            "horizon": horizon,
            "tolerance": self._tolerance,
        }
        return self._rows(sql.MESSAGE_IDS, arguments)

    def states(self, step: str) -> Iterable[tuple[str, bytes]]:
        """See `Memory.states`."""
        return self._rows(sql.STATES, [step])

    def active_users(self) -> Iterable[tuple[str, int]]:
        """See `Memory.active_users`."""
        return self._rows(sql.ACTIVE_USERS)

    def pending_pushes(self) -> Iterable[PendingPush]:
        """See `Memory.pending_pushes`."""
        for topic, partition, user_id, decided_at, *message in self._rows(
            sql.PENDING_PUSHES, {"tolerance": self._tolerance}
        ):
            yield PendingPush(
                TopicPartition(topic, partition), ChatMessage(*message), user_id, decided_at
            )

    def _rows(self, statement: str, arguments: object = None) -> list[Any]:
        if self.is_new:
            return []
        if self.writer is not None:
            return self.writer.query(statement, arguments)
        connection = open_for_writing(self.path, self.lock_timeout, create=False)
        with contextlib.closing(connection), in_words("read", self.path):
            return connection.execute(statement, arguments).fetchall()
