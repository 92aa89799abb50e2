"""What the queries about groups and conversations have to find, computed in plain Python."""

from datetime import date, timedelta

from tests.analytics.chat_rows import Row, Tables
from tests.analytics.expected_messages import Result, grouped, in_span, people, written
from tests.analytics.wall_clock import DAY, Span, percentile, ratio

_ORDER = ("created_at", "recorded_at", "kafka_topic", "kafka_partition", "kafka_offset")


def top_groups(tables: Tables, span: Span) -> Result:
    rows = [row for row in written(in_span(tables, span)) if row["group_id"]]
    found = grouped(rows, lambda row: row["group_id"])
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].encode()))
    return [
        (
            group_id,
            len(sent),
            len(sent) / len(rows),
            people(sent),
            ratio(sum(row["from_user"] is not None for row in sent), people(sent)),
            max(row["created_at"] for row in sent),
        )
        for group_id, sent in ranked[:50]
    ]


def group_sizes(tables: Tables, span: Span) -> Result:
    rows = [row for row in written(in_span(tables, span)) if row["group_id"]]
    groups = grouped(rows, lambda row: row["group_id"]).values()
    classes = {"0 or 1": 1, "2 to 5": 5, "6 to 20": 20, "21 to 100": 100}
    found: dict[str, list[int]] = {name: [] for name in (*classes, "more than 100")}
    for sent in groups:
        size = next((name for name, most in classes.items() if people(sent) <= most), None)
        found[size or "more than 100"].append(len(sent))
    return [
        (name, len(sizes), sum(sizes), ratio(sum(sizes), len(rows)))
        for name, sizes in found.items()
    ]


def conversations(tables: Tables, span: Span) -> Result:
    rows = written(in_span(tables, span))
    found = grouped(rows, lambda row: (span.day(row["created_at"]), row["group_id"] is not None))
    result: Result = []
    for day in span.days():
        for kind in ("direct", "group"):
            sent = found.get((day, kind == "group"), [])
            talks = len({row["conversation_id"] for row in sent})
            result.append((day, kind, talks, len(sent), people(sent), ratio(len(sent), talks)))
    return result


def response_time(tables: Tables, span: Span) -> Result:
    direct = [
        row
        for row in written(tables["messages"])
        if row["event_type"] == "message" and row["group_id"] is None
        if row["to_user"] not in (None, row["from_user"])
    ]
    turns: dict[date, list[float | None]] = {day: [] for day in span.days()}
    for talk in grouped(direct, lambda row: row["conversation_id"]).values():
        talk.sort(key=lambda row: [row[name] for name in _ORDER])
        for place, row in enumerate(talk):
            if span.has(row["created_at"]) and _opens(talk, place):
                turns[span.day(row["created_at"])].append(_answer(talk, place))
    result: Result = []
    for day, waits in turns.items():
        known = [wait for wait in waits if wait is not None]
        result.append((day, len(waits), len(known), percentile(known, 0.5), percentile(known, 0.9)))
    return result


def _opens(talk: list[Row], place: int) -> bool:
    if place == 0:
        return True
    before, row = talk[place - 1], talk[place]
    return bool(
        before["from_user"] != row["from_user"] or row["created_at"] - before["created_at"] >= DAY
    )


def _answer(talk: list[Row], place: int) -> float | None:
    """Seconds until the first message of the other one, if that comes within a day."""
    for later in talk[place + 1 :]:
        wait: timedelta = later["created_at"] - talk[place]["created_at"]
        if later["from_user"] != talk[place]["from_user"]:
            return wait.total_seconds() if wait < DAY else None
    return None
