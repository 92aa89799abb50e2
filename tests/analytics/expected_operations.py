"""What the queries about pushes, dead letters and windows have to find, in plain Python."""

from datetime import datetime
from typing import Any

from tests.analytics.chat_rows import Row, Tables
from tests.analytics.expected_messages import Result, grouped
from tests.analytics.wall_clock import Span, percentile, ratio


def _push(row: Row) -> tuple[Any, ...]:
    return row["kafka_topic"], row["kafka_partition"], row["kafka_offset"], row["user_id"]


def _decided(tables: Tables, span: Span) -> list[Row]:
    return [row for row in tables["push_decisions"] if span.has(row["decided_at"])]


def push_funnel(tables: Tables, span: Span) -> Result:
    candidates = _decided(tables, span)
    outcomes = {_push(row): row["outcome"] for row in tables["push_deliveries"]}
    fates = [outcomes.get(_push(row)) for row in candidates if row["decision"] == "sent"]
    delivered, pending = fates.count("delivered"), fates.count(None)
    stages = {
        "candidates": len(candidates),
        "sent": len(fates),
        "delivered": delivered,
        "failed": len(fates) - delivered - pending,
        "pending": pending,
    }
    return [(stage, number, ratio(number, len(candidates))) for stage, number in stages.items()]


def push_suppressions(tables: Tables, span: Span) -> Result:
    days = grouped(_decided(tables, span), lambda row: span.day(row["decided_at"]))
    return [
        (day, reason, len(found), len(found) / len(days[day]))
        for day in sorted(days)
        for reason, found in sorted(grouped(days[day], lambda row: row["reason"]).items())
        if found[0]["decision"] == "suppressed"
    ]


def push_latency(tables: Tables, span: Span) -> Result:
    deliveries = {_push(row): row for row in tables["push_deliveries"]}
    waits: dict[datetime, list[tuple[float, int]]] = {}
    for row in _decided(tables, span):
        delivery = deliveries.get(_push(row))
        if delivery and delivery["outcome"] == "delivered":
            wait = (delivery["at"] - row["decided_at"]).total_seconds()
            waits.setdefault(span.hour(row["decided_at"]), []).append((wait, delivery["attempts"]))
    return [
        (
            hour,
            len(found),
            sum(attempts > 1 for _, attempts in found),
            percentile([wait for wait, _ in found], 0.5),
            percentile([wait for wait, _ in found], 0.95),
            max(wait for wait, _ in found),
        )
        for hour, found in sorted(waits.items())
    ]


def dead_letters(tables: Tables, span: Span) -> Result:
    rows = [row for row in tables["dead_letters"] if span.has(row["at"])]
    found = grouped(rows, lambda row: (span.day(row["at"]), row["kafka_topic"], row["reason"]))
    return [
        (*key, len(letters), len({row["kafka_partition"] for row in letters}))
        for key, letters in sorted(found.items())
    ]


def busiest_windows(tables: Tables, span: Span) -> Result:
    rows = [row for row in tables["message_stats"] if span.has(row["window_start"])]
    windows = grouped(rows, lambda row: (row["window_start"], row["window_end"]))
    found: Result = []
    for (start, end), counted in windows.items():
        messages = sum(row["messages"] for row in counted)
        groups = {row["group_id"] for row in counted} - {""}
        size = sum(row["bytes"] for row in counted)
        rate = messages / (end - start).total_seconds()
        found.append((start, end, messages, rate, size, len(groups)))
    return sorted(found, key=lambda row: (-row[3], row[0], row[1]))[:20]


def late_windows(tables: Tables, span: Span) -> Result:
    rows = [row for row in tables["message_stats"] if span.has(row["window_start"])]
    days = grouped(
        (row for row in rows if row["closed"]), lambda row: span.day(row["window_start"])
    )
    return [
        (day, len(found), revised, revised / len(found), max(row["revision"] for row in found))
        for day, found in sorted(days.items())
        if (revised := sum(row["revision"] > 0 for row in found)) >= 0
    ]
