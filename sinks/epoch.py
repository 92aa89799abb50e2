"""What one epoch writes, gathered before and while its transaction runs."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import msgspec

from schemas.columns import Numbers
from schemas.events import Progress, TopicPartition
from schemas.rows import Rows, Table, Type
from schemas.tables import KAFKA_OFFSETS


class WindowKey(msgspec.Struct, frozen=True):
    """Names one row of `message_stats`. Instants are milliseconds since 1970 UTC."""

    window_start: int
    window_end: int
    event_type: str
    content_type: int
    group_id: str


WINDOW = Table(
    "windows",
    (
        ("window_start", Type.INSTANT),
        ("window_end", Type.INSTANT),
        ("event_type", Type.TEXT),
        ("content_type", Type.INTEGER),
        ("group_id", Type.TEXT),
    ),
)
"""Not a table of the store: the columns in which windows to count anew are handed to it."""


class Revisions(msgspec.Struct, frozen=True):
    """Closed windows that a late message belongs to: the store counts them anew."""

    windows: tuple[WindowKey, ...]
    messages: int = 0
    """How many messages were late; the store counts for itself."""


StoreItem = Rows | Revisions | Progress
"""What the store takes: rows, windows to count anew, and how far a partition has come."""


class Epoch:
    """Rows to merge, windows to revise and marks to move when the epoch commits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merges: dict[Table, list[Rows]] = {}
        self._marks: dict[TopicPartition, int] = {}
        self._revisions: set[WindowKey] = set()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (self._merges or self._marks or self._revisions)

    def merge(self, rows: Rows) -> None:
        """Take rows of a table with a key, of different keys; thread-safe."""
        with self._lock:
            self._merges.setdefault(rows.table, []).append(rows)

    def revise(self, revisions: Revisions) -> None:
        """Count these windows anew when everything else is written."""
        self._revisions.update(revisions.windows)

    def advance(self, progress: Progress) -> None:
        """Move the mark of a partition."""
        self._marks[progress.source] = progress.next_offset

    def take(self, sink: str) -> tuple[list[Rows], set[WindowKey], Mapping[TopicPartition, int]]:
        """Hand over everything gathered, the marks of `sink` among the rows, and begin anew.

        Of rows with the same key the last one is left; a table may have its rows in several parts.
        """
        marks, self._marks = self._marks, {}
        if marks:
            self.merge(mark_rows(sink, marks.items()))
        revisions, self._revisions = self._revisions, set()
        with self._lock:
            merges, self._merges = self._merges, {}
        kept = [rows for found in merges.values() for rows in _last_of_each_key(found)]
        return kept, revisions, marks


def _last_of_each_key(found: list[Rows]) -> list[Rows]:
    if _have_different_keys(found):
        # Windows that close and those that are open, mostly: as many rows as there are groups,
        # in columns of which no row need ever be made.
        return found
    table = found[0].table
    key_of = itemgetter(*(table.names.index(name) for name in table.key))
    kept = {key_of(row): row for rows in found for row in zip(*rows.columns, strict=True)}
    return [Rows.of(table, list(kept.values()))]


def _have_different_keys(found: list[Rows]) -> bool:
    """Whether no two of them share as much as the first part of a key."""
    if len(found) == 1:
        return True
    seen: set[object] = set()
    for rows in found:
        first = set(rows.columns[rows.table.names.index(rows.table.key[0])])
        if not seen.isdisjoint(first):
            return False
        seen |= first
    return True


def mark_rows(sink: str, marks: Iterable[tuple[TopicPartition, int]]) -> Rows:
    """High-water marks as rows of `kafka_offsets`."""
    return Rows.of(KAFKA_OFFSETS, [(sink, *source, offset) for source, offset in marks])


def windows(keys: Iterable[WindowKey]) -> Rows:
    """The windows to count anew, as rows."""
    return Rows.of(WINDOW, [tuple(getattr(key, name) for name in WINDOW.names) for key in keys])


def above_mark(rows: Rows, marks: Mapping[TopicPartition, int]) -> Rows | None:
    """Drop the rows that an earlier execution has written already; None when all are."""
    if rows.progress is None:
        return rows
    mark = marks.get(rows.progress.source, -1)
    if rows.progress.next_offset <= mark:
        return None
    offsets = rows.columns[_offset_column(rows.table)]
    if not offsets:
        return None
    if (offsets.first if isinstance(offsets, Numbers) else offsets[0]) >= mark:
        return rows
    first = next((place for place, offset in enumerate(offsets) if offset >= mark), None)
    if first is None:
        return None
    kept: Sequence[Sequence[object]] = [column[first:] for column in rows.columns]
    return Rows(rows.table, kept, rows.progress)


def _offset_column(table: Table) -> int:
    return table.names.index("kafka_offset")
