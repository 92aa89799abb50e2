"""What the queries about messages have to find, computed in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from tests.analytics.chat_rows import Row, Tables
from tests.analytics.wall_clock import Span, percentile, ratio

Result = list[tuple[Any, ...]]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CONTENTS = ("text", "file", "image", "audio", "video", "voice call", "video call")


def in_span(tables: Tables, span: Span) -> list[Row]:
    return [row for row in tables["messages"] if span.has(row["created_at"])]


def written(rows: Iterable[Row]) -> list[Row]:
    """What people call messages: no signalling, nothing that another event brought along."""
    return [
        row
        for row in rows
        if row["event_type"] in {"message", "group_message"} and row["content_type"] not in {6, 7}
    ]


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def people(rows: Iterable[Row]) -> int:
    return len({row["from_user"] for row in rows} - {None})


def content_name(number: int) -> str:
    return CONTENTS[number - 1] if 1 <= number <= len(CONTENTS) else "other"


def messages_per_hour(tables: Tables, span: Span) -> Result:
    rows = in_span(tables, span)
    found = grouped(rows, lambda row: (span.hour(row["created_at"]), row["event_type"]))
    kinds = sorted({row["event_type"] for row in rows})
    return [
        (hour, kind, len(found.get((hour, kind), [])), people(found.get((hour, kind), [])))
        for hour in span.hours()
        for kind in kinds
    ]


def content_types(tables: Tables, span: Span) -> Result:
    rows = in_span(tables, span)
    found = grouped(rows, lambda row: (span.day(row["created_at"]), row["content_type"]))
    return [
        (day, kind, content_name(kind), len(sent := found.get((day, kind), [])), people(sent))
        for day in span.days()
        for kind in sorted({row["content_type"] for row in rows})
    ]


def media_bytes(tables: Tables, span: Span) -> Result:
    rows = [row for row in in_span(tables, span) if row["file_size"] is not None]
    found = grouped(rows, lambda row: (span.day(row["created_at"]), row["content_type"]))
    return [
        (day, kind, content_name(kind), len(sizes), sum(sizes), percentile(sizes, 0.5), max(sizes))
        for (day, kind), files in sorted(found.items())
        if (sizes := [row["file_size"] for row in files])
    ]


def top_senders(tables: Tables, span: Span) -> Result:
    rows = written(in_span(tables, span))
    found = grouped((row for row in rows if row["from_user"]), lambda row: row["from_user"])
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].encode()))
    return [
        (
            user_id,
            len(sent),
            len(sent) / len(rows),
            sum(row["group_id"] is None for row in sent),
            sum(row["group_id"] is not None for row in sent),
            len({row["conversation_id"] for row in sent}),
            sum(row["file_size"] or 0 for row in sent),
        )
        for user_id, sent in ranked[:50]
    ]


def hour_of_day(tables: Tables, span: Span) -> Result:
    walls = [span.wall(row["created_at"]) for row in written(in_span(tables, span))]
    sent = Counter((wall.weekday(), wall.hour) for wall in walls)
    shown = Counter((span.wall(hour).weekday(), span.wall(hour).hour) for hour in span.hours())
    return [
        (
            day + 1,
            WEEKDAYS[day],
            hour,
            sent[day, hour],
            shown[day, hour],
            ratio(sent[day, hour], shown[day, hour]),
        )
        for day in range(7)
        for hour in range(24)
    ]


def delivery_delay(tables: Tables, span: Span) -> Result:
    found = grouped(in_span(tables, span), lambda row: span.hour(row["created_at"]))
    result: Result = []
    for hour, rows in sorted(found.items()):
        delays = [(row["recorded_at"] - row["created_at"]).total_seconds() for row in rows]
        ahead = [-delay for delay in delays if delay < 0]
        percentiles = [percentile(delays, share) for share in (0.5, 0.95, 0.99)]
        result.append((hour, len(rows), *percentiles, len(ahead), max(ahead, default=0)))
    return result
