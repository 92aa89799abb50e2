"""What a running flow has stored, in figures: one short look into its DuckDB file at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from schemas.events import TopicPartition
from schemas.tables import FLOW_STATE, KAFKA_OFFSETS, TABLES
from sinks.lease import StoreError, StoreLockedError, open_for_reading
from sinks.memory import STORE

COUNTED = tuple(table.name for table in TABLES if table not in (KAFKA_OFFSETS, FLOW_STATE))
"""The tables whose rows are counted."""

_COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in COUNTED)
_ONLINE = "SELECT count(*) FROM presence WHERE status = 'online'"
_DECISIONS = """
SELECT decision, reason, count(*) FROM push_decisions GROUP BY ALL ORDER BY 1, 3 DESC, 2
"""
_DEAD_LETTERS = "SELECT reason, count(*) FROM dead_letters GROUP BY ALL ORDER BY 2 DESC, 1"
_MARKS = """
SELECT kafka_topic, kafka_partition, max(next_offset) FILTER (sink = $store), min(next_offset)
FROM kafka_offsets GROUP BY ALL
"""
_WINDOW = """
SELECT epoch_ms(window_start), epoch_ms(window_end), sum(messages)::BIGINT
FROM message_stats WHERE closed GROUP BY ALL ORDER BY 1 DESC LIMIT 1
"""
_GROUPS = """
SELECT group_id, sum(messages)::BIGINT FROM message_stats
WHERE closed AND group_id <> '' AND epoch_ms(window_start) = $start
GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT 3
"""
_PATIENCE = 0.3
"""Seconds to wait for the flow's own transaction; the next look comes soon."""


@dataclass(frozen=True)
class ClosedWindow:
    """A window of `message_stats`; instants are milliseconds since 1970 UTC."""

    start: int
    end: int
    messages: int
    groups: Sequence[tuple[str, int]]
    """The busiest ones and their messages, busiest first."""


@dataclass(frozen=True)
class Figures:
    """What the file held at one instant."""

    rows: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    """By table."""
    online: int = 0
    decisions: Sequence[tuple[str, str, int]] = ()
    """Decision, reason, how often."""
    dead_letters: Sequence[tuple[str, int]] = ()
    """Reason, how often; most frequent first."""
    stored: Mapping[TopicPartition, int] = field(default_factory=dict)
    """The offset up to which records are rows."""
    settled: Mapping[TopicPartition, int] = field(default_factory=dict)
    """The offset up to which presence and pushes are decided too."""
    window: ClosedWindow | None = None

    @property
    def all_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


class FiguresReader:
    """Looks into the file when it has changed; else what it held before still holds."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._seen_at = 0
        self._figures = Figures()

    def read(self) -> Figures:
        """The newest figures that can be had without standing in the flow's way.

        Raises:
            StoreError: The file was readable before, and is not any more.
        """
        try:
            changed_at = self._database.stat().st_mtime_ns
        except FileNotFoundError:
            changed_at = 0
        if changed_at == self._seen_at:
            return self._figures
        try:
            self._figures = read_figures(self._database, _PATIENCE)
            self._seen_at = changed_at
        except StoreLockedError:
            pass  # the flow is writing
        except (StoreError, duckdb.CatalogException):
            if self._seen_at:
                raise  # else the flow is just making the file
        return self._figures


def read_figures(database: Path, patience: float = 30.0) -> Figures:
    """Open the file, count, and close it.

    Raises:
        StoreLockedError: Another program held the file for `patience` seconds.
        StoreError: There is no such file, or it is no DuckDB database.
    """
    with open_for_reading(database, patience) as connection:
        marks = connection.execute(_MARKS, {"store": STORE}).fetchall()
        return Figures(
            rows=dict(zip(COUNTED, _row(connection, _COUNTS), strict=True)),
            online=_row(connection, _ONLINE)[0],
            decisions=connection.execute(_DECISIONS).fetchall(),
            dead_letters=connection.execute(_DEAD_LETTERS).fetchall(),
            stored={TopicPartition(*source): offset or 0 for *source, offset, _ in marks},
            settled={TopicPartition(*source): offset for *source, _, offset in marks},
            window=_closed_window(connection),
        )


def _closed_window(connection: duckdb.DuckDBPyConnection) -> ClosedWindow | None:
    newest = connection.execute(_WINDOW).fetchone()
    if newest is None:
        return None
    start, end, messages = newest
    groups = connection.execute(_GROUPS, {"start": start}).fetchall()
    return ClosedWindow(start, end, messages, groups)


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    found: tuple[int, ...] | None = connection.execute(query).fetchone()
    assert found is not None, "a count is always a row"
    return found
