"""What the queries about who is online and active have to find, computed in plain Python."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from tests.analytics.chat_rows import Tables
from tests.analytics.expected_messages import Result
from tests.analytics.wall_clock import DAY, HOUR, Span, monday, percentile

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


class Stretch(NamedTuple):
    """Somebody is online in [begin, end), or came and went at one instant."""

    user_id: str
    begin: datetime
    end: datetime


def stretches(tables: Tables) -> list[Stretch]:
    """All of history from its first change on, where a change is one from the status before."""
    changes: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in tables["presence_changes"]:
        changes[row["user_id"]].append((row["at"], row["status"]))
    return [stretch for user_id, found in changes.items() for stretch in _of(user_id, found)]


def _of(user_id: str, changes: list[tuple[datetime, str]]) -> Iterator[Stretch]:
    waiting, begin = sorted(changes), None
    while waiting:
        wanted = "offline" if begin else "online"
        # Of several changes at one instant, the one that changes something comes first.
        at = waiting[0][0]
        waiting.remove((at, wanted))
        if begin:
            yield Stretch(user_id, begin, at)
        begin = None if begin else at
    if begin:
        yield Stretch(user_id, begin, _NEVER)


def _active_days(tables: Tables, span: Span) -> tuple[dict[date, set[str]], dict[date, set[str]]]:
    """By day, who was online or sent something; and who sent something."""
    active: dict[date, set[str]] = defaultdict(set)
    senders: dict[date, set[str]] = defaultdict(set)
    for user_id, begin, end in stretches(tables):
        if begin < span.end:
            last = max(begin, min(end, span.end) - _MOMENT)
            day = span.day(begin)
            while day <= span.day(last):
                active[day].add(user_id)
                day += DAY
    for row in tables["messages"]:
        if row["created_at"] < span.end and row["from_user"]:
            active[span.day(row["created_at"])].add(row["from_user"])
            senders[span.day(row["created_at"])].add(row["from_user"])
    return active, senders


def active_users(tables: Tables, span: Span) -> Result:
    active, senders = _active_days(tables, span)
    return [
        (
            day,
            period,
            *(
                len(set().union(*(who.get(day - DAY * back, ()) for back in range(length))))
                for who in (active, senders)
            ),
        )
        for day in span.days()
        for period, length in (("day", 1), ("7 days", 7), ("30 days", 30))
    ]


def retention(tables: Tables, span: Span) -> Result:
    weeks: dict[date, set[str]] = defaultdict(set)
    for day, who in _active_days(tables, span)[0].items():
        weeks[monday(day)] |= who
    first: dict[str, date] = {}
    for week in sorted(weeks):
        for user_id in weeks[week]:
            first.setdefault(user_id, week)
    whole = [week for week in _whole_weeks(span) if week in set(first.values())]
    result: Result = []
    for cohort in whole:
        new = {user_id for user_id, week in first.items() if week == cohort}
        for week in _whole_weeks(span):
            if week >= cohort:
                back = len(new & weeks[week])
                result.append((cohort, (week - cohort).days // 7, len(new), back, back / len(new)))
    return result


def _whole_weeks(span: Span) -> list[date]:
    """The Mondays of the weeks of which the span has every moment."""
    mondays = sorted({monday(day) for day in span.days()})
    first, last = span.wall(span.start), span.wall(span.end)
    begins = [datetime(day.year, day.month, day.day, tzinfo=span.zone) for day in mondays]
    return [at.date() for at in begins if first <= at and at + DAY * 7 <= last]


def concurrent_users(tables: Tables, span: Span) -> Result:
    known = stretches(tables)
    result: Result = []
    for hour in span.hours():
        begin, end = max(hour, span.start), min(hour + HOUR, span.end)
        within = [each for each in known if each.begin < end and each.end > begin]
        instants = {instant for each in within for instant in each[1:] if begin < instant < end}
        cuts = sorted({begin, end, *instants})
        counts = [
            (
                sum(each.begin <= since < each.end for each in within),
                (until - since) / (end - begin),
            )
            for since, until in pairwise(cuts)
        ]
        users = [number for number, _ in counts]
        mean = sum(number * length for number, length in counts)
        result.append((hour, max(users), min(users), mean))
    return result


def time_online(tables: Tables, span: Span) -> Result:
    minutes: dict[date, dict[str, float]] = {day: defaultdict(float) for day in span.days()}
    hours = span.hours()
    for user_id, come, go in stretches(tables):
        for hour in hours[max(bisect_right(hours, come) - 1, 0) : bisect_left(hours, go)]:
            begin, end = max(hour, span.start, come), min(hour + HOUR, span.end, go)
            if begin < end:
                minutes[span.day(hour)][user_id] += (end - begin) / timedelta(minutes=1)
    result: Result = []
    for day, found in minutes.items():
        values = list(found.values())
        mean = sum(values) / len(values) if values else None
        result.append((day, len(values), mean, percentile(values, 0.5), percentile(values, 0.9)))
    return result
