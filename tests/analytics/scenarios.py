"""What the queries are tried on: rows, and the span that is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.analytics.chat_rows import Tables, change, message, nothing, person
from tests.analytics.random_chat import chat
from tests.analytics.wall_clock import Span

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")


class Scenario(NamedTuple):
    """Rows, and a span that begins and ends in the midst of them."""

    tables: Tables
    span: Span


def span(zone: ZoneInfo, start: str, end: str) -> Span:
    """From and to, as the clock of the zone shows them."""
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end))
    return Span(begins.astimezone(UTC), ends.astimezone(UTC), zone)


def _rows_at(at: datetime, user_id: str, offset: int) -> Tables:
    """A row of everything, at one instant."""
    sent = message(at, kafka_offset=offset, from_user=user_id, file_size=7, content_type=2)
    place = {name: sent[name] for name in ("kafka_topic", "kafka_partition", "kafka_offset")}
    push = {**place, "message_id": "m", "user_id": user_id, "provider": "log"}
    window = {"window_start": at, "window_end": at + timedelta(minutes=1), "group_id": ""}
    kind = {"event_type": "message", "content_type": 1, "closed": True, "revision": 0}
    letter = {**place, "reason": "empty_value", "detail": "", "headers": "[]"}
    return {
        "messages": [sent],
        "message_stats": [{**window, **kind, "messages": 1, "senders": 1, "bytes": 7}],
        "presence": [person(user_id, "online", at)],
        "presence_changes": [change(user_id, "online", at)],
        "push_decisions": [{**push, "decision": "sent", "reason": "offline", "decided_at": at}],
        "push_deliveries": [
            {**push, "outcome": "delivered", "detail": "", "attempts": 1, "at": at}
        ],
        "dead_letters": [{**letter, "at": at}],
    }


def _at_both_ends(span: Span) -> Tables:
    """A row of everything at the first instant, which counts, and at the end, which does not."""
    first, last = _rows_at(span.start, "ann", 0), _rows_at(span.end, "bea", 1)
    return {name: [*first[name], *last[name]] for name in first}


_AUTUMN, _WINTER = datetime(2025, 9, 1, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)


def _crowd(at: datetime) -> Tables:
    """More people and groups than a ranking has places, in groups of every size."""
    halls = {"hall": 130, "lobby": 25, "stairs": 6, "bench": 1}
    rows = [
        message(
            at + timedelta(seconds=number),
            kafka_offset=offset,
            event_type="group_message",
            **{"from_user": f"guest-{number}", "to_user": None},
            **{"group_id": group, "conversation_id": group},
        )
        for number in range(130)
        for offset, group in enumerate([f"room-{number % 60}", *halls], start=10 * number)
        if number < halls.get(group, 130)
    ]
    unsigned = {"group_id": "echo", "from_user": None, "conversation_id": "echo"}
    return nothing() | {"messages": [*rows, message(at, kafka_offset=9_999, **unsigned)]}


_LATE_ON_A_DAY = datetime(2025, 10, 8, 21, 59, 59, tzinfo=UTC)
_SHORT = span(BERLIN, "2025-10-06", "2025-10-13")

_SCENARIOS: dict[str, Callable[[], Scenario]] = {
    "no_rows": lambda: Scenario(nothing(), _SHORT),
    "one_row": lambda: Scenario(_rows_at(_LATE_ON_A_DAY, "ann", 0), _SHORT),
    "rows_at_both_ends": lambda: Scenario(_at_both_ends(_SHORT), _SHORT),
    "a_crowd": lambda: Scenario(_crowd(_LATE_ON_A_DAY), _SHORT),
    "berlin_over_the_end_of_summer_time": lambda: Scenario(
        chat(1, _AUTUMN, 90), span(BERLIN, "2025-10-06", "2025-11-10")
    ),
    "new_york_from_no_full_hour_over_the_start_of_summer_time": lambda: Scenario(
        chat(2, _WINTER, 90), span(NEW_YORK, "2026-02-18T13:17:05", "2026-03-25T07:30")
    ),
    "kolkata_half_an_hour_off": lambda: Scenario(
        chat(3, _AUTUMN, 90), span(KOLKATA, "2025-10-06", "2025-11-10")
    ),
}
SCENARIOS = tuple(_SCENARIOS)


@cache
def scenario(name: str) -> Scenario:
    """The scenario of a name, made once."""
    return _SCENARIOS[name]()
