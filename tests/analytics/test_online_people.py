"""Who counts as online: before the span, over gaps, at its edges, with history that is gone."""

from datetime import timedelta
from typing import Any

import pytest

from tests.analytics.chat_rows import Row, change, person
from tests.analytics.databases import Database
from tests.analytics.scenarios import BERLIN, span

DAY = span(BERLIN, "2025-10-06", "2025-10-07")
START, END = DAY.start, DAY.end


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.fixture
def asked(database: Database) -> Any:
    """Ask about one day of people with these changes, oldest first."""

    def ask(name: str, *changes: Row, now: tuple[Row, ...] = ()) -> list[tuple[Any, ...]]:
        last = {row["user_id"]: row for row in changes}
        people = [person(row["user_id"], row["status"], row["at"]) for row in last.values()]
        database.hold({"presence_changes": list(changes), "presence": [*people, *now]})
        return database.ask(name, DAY).rows

    return ask


def per_hour(rows: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """The different (peak, lowest, mean) of the hours."""
    return {row[1:] for row in rows}


def test_who_came_before_the_span_is_online_in_every_hour_of_it(asked: Any) -> None:
    found = asked("concurrent_users", change("ann", "online", START - hours(900)))
    assert (len(found), per_hour(found)) == (24, {(1, 1, 1.0)})


def test_who_came_before_the_span_and_leaves_after_it_is_online_in_between(asked: Any) -> None:
    come, leave = change("ann", "online", START - hours(1)), change("ann", "offline", END)
    assert per_hour(asked("concurrent_users", come, leave)) == {(1, 1, 1.0)}


def test_who_comes_and_goes_after_the_span_is_not_in_it(asked: Any) -> None:
    come, leave = change("ann", "online", END), change("ann", "offline", END + hours(2))
    assert per_hour(asked("concurrent_users", come, leave)) == {(0, 0, 0.0)}
    assert per_hour(asked("concurrent_users", come)) == {(0, 0, 0.0)}


def test_who_is_online_since_before_the_oldest_kept_change_is_counted(asked: Any) -> None:
    found = asked("concurrent_users", now=(person("ann", "online", START - hours(9_000)),))
    assert per_hour(found) == {(1, 1, 1.0)}


def test_hours_without_a_change_have_the_number_of_the_one_before(asked: Any) -> None:
    found = asked(
        "concurrent_users",
        change("ann", "online", START + hours(2.5)),
        change("bob", "online", START + hours(2.75)),
        change("bob", "offline", START + hours(20)),
    )
    assert [row[1:] for row in found[1:4]] == [(0, 0, 0.0), (2, 0, 0.75), (2, 2, 2.0)]
    assert [row[1:] for row in found[19:21]] == [(2, 2, 2.0), (1, 1, 1.0)]


def test_who_is_replaced_in_the_same_second_makes_no_peak(asked: Any) -> None:
    at = START + hours(3.5)
    found = asked(
        "concurrent_users",
        change("ann", "online", START),
        change("bob", "online", at),
        change("ann", "offline", at),
    )
    assert per_hour(found) == {(1, 1, 1.0)}


def test_who_leaves_at_midnight_is_not_active_on_the_day_that_begins(asked: Any) -> None:
    come, leave = change("ann", "online", START - hours(3)), change("ann", "offline", START)
    found = asked("active_users", come, leave)
    assert [row[1:3] for row in found] == [("day", 0), ("7 days", 1), ("30 days", 1)]


def test_who_comes_and_goes_within_a_second_was_active(asked: Any) -> None:
    at = START + hours(3)
    found = asked("active_users", change("ann", "online", at), change("ann", "offline", at))
    assert [row[2] for row in found] == [1, 1, 1]


def test_a_period_of_days_ends_when_it_is_over(asked: Any) -> None:
    """29 days before the day is the first of the 30; the day before that is none of them."""
    for back, counted in ((29, 1), (30, 0)):
        at = START - timedelta(days=back)
        found = asked("active_users", change("ann", "online", at), change("ann", "offline", at))
        assert [row[2] for row in found] == [0, 0, counted]


def test_time_online_of_several_stretches_adds_up(asked: Any) -> None:
    found = asked(
        "time_online",
        change("ann", "online", START - hours(2)),
        change("ann", "offline", START + hours(1)),
        change("ann", "online", END - hours(0.5)),
    )
    assert found == [(DAY.day(START), 1, 90.0, 90.0, 90.0)]


def test_who_was_online_before_the_oldest_kept_change_is_nobody_new(database: Database) -> None:
    weeks = span(BERLIN, "2025-10-06", "2025-10-20")
    oldest, come_and_go = START - hours(500), START + hours(200)
    changes = [
        change("bob", "online", oldest),
        change("ann", "offline", come_and_go),
        change("ann", "online", come_and_go + hours(1)),
    ]
    people = [person("ann", "online", come_and_go), person("bob", "online", oldest)]
    database.hold({"presence_changes": changes, "presence": people})
    assert database.ask("retention", weeks).rows == []
