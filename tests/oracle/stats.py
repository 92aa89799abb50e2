"""The rows of `message_stats`: section 3 of the semantics."""

from collections.abc import Iterable

from tests.oracle.messages import MessageRow
from tests.oracle.values import Rules

StatsRow = tuple[int, int, str, int, str, int, int, int, bool]
"""window_start, window_end, event_type, content_type, group_id, messages, senders, bytes, closed"""


def stats_rows(messages: Iterable[MessageRow], newest_ms: int, rules: Rules) -> list[StatsRow]:
    """One row for each window, event type, content type and group; `newest_ms` of all events."""
    windows: dict[tuple[int, str, int, str], list[MessageRow]] = {}
    for row in messages:
        created_ms = row.event.created_ms
        start = created_ms - created_ms % rules.window_length
        key = start, row.event.event_type, row.content_type, row.group_id or ""
        windows.setdefault(key, []).append(row)
    return [
        (
            start,
            start + rules.window_length,
            event_type,
            content_type,
            group_id,
            len(rows),
            len({row.from_user for row in rows} - {None}),
            sum(len(row.content.encode()) + (row.file_size or 0) for row in rows),
            newest_ms - rules.stats_lateness >= start + rules.window_length,
        )
        for (start, event_type, content_type, group_id), rows in windows.items()
    ]
