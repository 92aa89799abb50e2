"""Compares a store with the oracle's tables, and tells the difference without content."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.oracle.tables import COLUMNS, Row, Tables
from tests.stored import Database, read

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 3
_SPOKEN = {
    "kafka_topic", "kafka_partition", "kafka_offset", "event_type", "content_type", "status",
    "reason", "decision", "closed", "messages", "senders", "sessions", "window_start", "at",
    "since", "last_seen",
}  # fmt: skip
"""Columns whose values a difference may quote; all others may hold what people wrote."""


def stored_tables(database: Database) -> Tables:
    """The tables in the store, in the oracle's columns and units."""
    return {table: _rows(database, table, names) for table, names in COLUMNS.items()}


def differences(stored: Tables, expected: Tables) -> list[str]:
    """What is wrong with the store, a line for each finding; an empty list if all is well."""
    found: list[str] = []
    for table, columns in COLUMNS.items():
        missing = expected[table] - stored[table]
        surplus = stored[table] - expected[table]
        if missing or surplus:
            found.append(
                f"{table}: {stored[table].total()} rows, expected {expected[table].total()}; "
                f"{missing.total()} missing, {surplus.total()} too many"
            )
            found += _examples(columns.split(), missing, surplus)
    return found


def _rows(database: Database, table: str, columns: str) -> Counter[Row]:
    names = columns.split()
    quoted = ", ".join(f'"{name}"' for name in names)
    rows = read(database, f"SELECT {quoted} FROM {table}")
    found = [tuple(map(_plain, row)) for row in rows]
    return Counter(map(_same_json, found) if "headers" in names else found)


def _same_json(row: Row) -> Row:
    """A row of `dead_letters` with its headers spaced as the oracle's are."""
    at = COLUMNS["dead_letters"].split().index("headers")
    return *row[:at], json.dumps(json.loads(row[at])), *row[at + 1 :]


def _plain(value: Any) -> Any:  # Any: a column's value
    if not isinstance(value, datetime):
        return value
    since = value - _EPOCH
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    # A fraction shows that the store holds more than the milliseconds it is to hold.
    return microseconds // 1000 if microseconds % 1000 == 0 else microseconds / 1000


def _examples(columns: list[str], missing: Counter[Row], surplus: Counter[Row]) -> list[str]:
    lines: list[str] = []
    extra = sorted(surplus.elements(), key=repr)
    for row in sorted(missing.elements(), key=repr)[:_SHOWN]:
        near = max(extra, key=lambda other: _agreement(row, other), default=None)
        if near is None or _agreement(row, near) < len(columns) / 2:
            lines.append(f"  missing: {_quoted(columns, row)}")
        else:
            wrong = [c for c, a, b in zip(columns, row, near, strict=True) if a != b]
            lines.append(f"  differs in {', '.join(wrong)}: expected {_quoted(columns, row)}")
            lines.append(f"    stored {_quoted(columns, near)}")
    if not missing:
        lines += [f"  too many: {_quoted(columns, row)}" for row in extra[:_SHOWN]]
    return lines


def _agreement(one: Sequence[object], other: Sequence[object]) -> int:
    return sum(a == b for a, b in zip(one, other, strict=True))


def _quoted(columns: list[str], row: Row) -> str:
    pairs = zip(columns, row, strict=True)
    return " ".join(f"{name}={value}" for name, value in pairs if name in _SPOKEN)
