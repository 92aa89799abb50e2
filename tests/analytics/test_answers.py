"""What a turn is, and what answers it: on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from tests.analytics.chat_rows import Row, message
from tests.analytics.databases import Database
from tests.analytics.scenarios import BERLIN, span

DAY = span(BERLIN, "2025-10-06", "2025-10-07")
DATE = DAY.day(DAY.start)


@pytest.fixture
def asked(database: Database) -> Any:
    """Ask how long answers took on one day."""

    def ask(*messages: Row) -> list[tuple[Any, ...]]:
        rows = [row | {"kafka_offset": offset} for offset, row in enumerate(messages)]
        database.hold({"messages": rows})
        return database.ask("response_time", DAY).rows

    return ask


def ann(minutes: float, **fields: Any) -> Row:
    return message(DAY.start + timedelta(minutes=minutes), **fields)


def bob(minutes: float, **fields: Any) -> Row:
    return ann(minutes, **{"from_user": "bob", "to_user": "ann", **fields})


def test_the_wait_begins_with_the_first_message_of_a_turn(asked: Any) -> None:
    assert asked(ann(1), ann(2), ann(5), bob(6)) == [(DATE, 2, 1, 300.0, 300.0)]


def test_an_answer_is_a_turn_of_its_own(asked: Any) -> None:
    assert asked(ann(1), bob(2), ann(4), bob(4.5)) == [(DATE, 4, 3, 60.0, pytest.approx(108.0))]


def test_only_what_comes_in_less_than_a_day_answers(asked: Any) -> None:
    assert asked(ann(1), bob(1440)) == [(DATE, 1, 1, 86_340.0, 86_340.0)]
    assert asked(ann(1), bob(1441)) == [(DATE, 1, 0, None, None)]


def test_a_turn_that_began_the_day_before_goes_on(asked: Any) -> None:
    assert asked(ann(-5), ann(5), bob(6)) == [(DATE, 1, 0, None, None)]


def test_after_a_day_of_silence_a_turn_begins_anew(asked: Any) -> None:
    assert asked(ann(-1435), ann(5), bob(6)) == [(DATE, 2, 1, 60.0, 60.0)]


def test_calls_and_what_other_events_bring_along_answer_nothing(asked: Any) -> None:
    call = bob(2, content_type=6)
    receipt = bob(3, event_type="message_read")
    in_a_group = bob(4, group_id="team", to_user=None)
    assert asked(ann(1), call, receipt, in_a_group, bob(11)) == [(DATE, 2, 1, 600.0, 600.0)]


def test_within_one_second_the_record_timestamps_say_who_was_first(asked: Any) -> None:
    asking = ann(1, recorded_at=DAY.start + timedelta(seconds=61))
    answering = bob(1, recorded_at=DAY.start + timedelta(seconds=62))
    assert asked(answering, asking) == [(DATE, 2, 1, 0.0, 0.0)]
