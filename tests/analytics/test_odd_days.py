"""Days of 23 and 25 hours, and hours that begin at half past: on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.analytics.chat_rows import change, message, person
from tests.analytics.databases import Database
from tests.analytics.scenarios import BERLIN, KOLKATA, NEW_YORK, Scenario, span
from tests.analytics.wall_clock import HOUR, Span

SPRING = span(BERLIN, "2026-03-29", "2026-03-30")
AUTUMN = span(BERLIN, "2025-10-26", "2025-10-27")
AZORES, LORD_HOWE = ZoneInfo("Atlantic/Azores"), ZoneInfo("Australia/Lord_Howe")
LENGTHS = pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(SPRING, 23, id="berlin-spring"),
        pytest.param(AUTUMN, 25, id="berlin-autumn"),
        pytest.param(span(NEW_YORK, "2026-03-08", "2026-03-09"), 23, id="new-york-spring"),
        pytest.param(span(NEW_YORK, "2025-11-02", "2025-11-03"), 25, id="new-york-autumn"),
        pytest.param(span(KOLKATA, "2026-03-29", "2026-03-30"), 24, id="kolkata"),
        pytest.param(span(AZORES, "2025-10-26", "2025-10-27"), 25, id="two-midnights"),
    ],
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ask(database: Database, name: str, scenario: Scenario) -> list[tuple[Any, ...]]:
    database.hold(scenario.tables)
    return database.ask(name, scenario.span).rows


def always_online(during: Span) -> Scenario:
    since = during.start - timedelta(days=3)
    rows = {
        "presence": [person("ann", "online", since)],
        "presence_changes": [change("ann", "online", since)],
    }
    return Scenario(rows, during)


def sent(during: Span, *instants: str) -> Scenario:
    return Scenario({"messages": [message(utc(text)) for text in instants]}, during)


@LENGTHS
def test_a_day_has_as_many_hours_as_it_has(database: Database, day: Span, hours: int) -> None:
    found = ask(database, "concurrent_users", always_online(day))
    assert found == [(day.start + HOUR * number, 1, 1, 1.0) for number in range(hours)]


@LENGTHS
def test_who_stays_online_all_day_is_online_for_every_minute_of_it(
    database: Database, day: Span, hours: int
) -> None:
    ((found, *rest),) = ask(database, "time_online", always_online(day))
    assert found == day.day(day.start)
    assert rest == [1, *[pytest.approx(hours * 60)] * 3]


def test_half_an_hour_of_daylight_saving_makes_a_day_half_an_hour_longer(
    database: Database,
) -> None:
    days = span(LORD_HOWE, "2026-04-04", "2026-04-07")
    found = ask(database, "time_online", always_online(days))
    assert [row[2] / 60 for row in found] == pytest.approx([24, 24.5, 24])


def test_the_hour_that_a_clock_shows_twice_is_two_hours(database: Database) -> None:
    scenario = sent(AUTUMN, "2025-10-26T00:30", "2025-10-26T01:30", "2025-10-26T01:31")
    found = ask(database, "messages_per_hour", scenario)
    assert [(hour, number) for hour, _, number, _ in found if number] == [
        (utc("2025-10-26T00:00"), 1),
        (utc("2025-10-26T01:00"), 2),
    ]
    assert len(found) == 25


def test_the_hour_that_a_clock_shows_twice_occurs_twice(database: Database) -> None:
    scenario = sent(AUTUMN, "2025-10-26T00:30", "2025-10-26T01:30", "2025-10-26T01:31")
    found = ask(database, "hour_of_day", scenario)
    assert found[6 * 24 + 2] == (7, "Sunday", 2, 3, 2, 1.5)


def test_the_hour_that_a_clock_leaves_out_does_not_occur(database: Database) -> None:
    found = ask(database, "hour_of_day", sent(SPRING, "2026-03-29T00:59", "2026-03-29T01:00"))
    assert found[6 * 24 + 1 : 6 * 24 + 4] == [
        (7, "Sunday", 1, 1, 1, 1.0),
        (7, "Sunday", 2, 0, 0, None),
        (7, "Sunday", 3, 1, 1, 1.0),
    ]


def test_an_answer_over_the_change_of_the_clock_took_the_time_that_passed(
    database: Database,
) -> None:
    question, answer = message(utc("2026-03-29T00:59")), utc("2026-03-29T01:01")
    answered = message(answer, from_user="bob", to_user="ann")
    found = ask(database, "response_time", Scenario({"messages": [question, answered]}, SPRING))
    assert found == [(SPRING.day(answer), 2, 1, 120.0, 120.0)]


def test_hours_and_days_of_kolkata_begin_at_half_past(database: Database) -> None:
    during = span(KOLKATA, "2026-03-28", "2026-03-30")
    scenario = sent(during, "2026-03-28T18:29:59", "2026-03-28T18:30:00")
    hours = ask(database, "messages_per_hour", scenario)
    days = ask(database, "conversations", scenario)
    assert [hour for hour, _, number, _ in hours if number] == [
        utc("2026-03-28T17:30"),
        utc("2026-03-28T18:30"),
    ]
    assert [(str(day), number) for day, _, _, number, *_ in days if number] == [
        ("2026-03-28", 1),
        ("2026-03-29", 1),
    ]
