"""The whole flow when events come late, or from the future."""

import pytest

from schemas.events import ChatMessage
from tests.builders import CHAT, USERS, instant, message, online
from tests.flow_runs import Flow
from tests.places import Place
from tests.wire import batches, records

pytestmark = pytest.mark.usefixtures("each_join")

STATS = "SELECT epoch_ms(window_start), messages, closed, revision FROM message_stats ORDER BY 1"
CHANGES = "SELECT user_id, status FROM presence_changes ORDER BY 1, 2"


@pytest.fixture
def flow(place: Place) -> Flow:
    return Flow(place)


def said(*at: float) -> list[ChatMessage]:
    return [message("ann", "bob", each) for each in at]


def test_the_end_of_the_input_closes_no_open_window(flow: Flow) -> None:
    flow.run(batches({CHAT: records(said(0, 30, 61, 150))}))
    assert flow.query(STATS) == [
        (instant(0), 2, True, 0),
        (instant(60), 1, True, 0),
        (instant(120), 1, False, 0),
    ]


def test_a_message_for_a_closed_window_revises_its_row(flow: Flow) -> None:
    late = message("cid", "bob", 5, recorded_at=155)
    flow.run(batches({CHAT: [*records(said(0, 30, 61, 150)), *records([late], 4)]}, size=1))
    assert flow.query(STATS)[0] == (instant(0), 3, True, 1)


def test_a_late_message_revises_a_window_that_an_earlier_execution_closed(flow: Flow) -> None:
    before = records(said(0, 30, 61, 150))
    flow.run(batches({CHAT: before}))
    late = records([message("cid", "bob", 5, recorded_at=155), *said(156)], 4)
    flow.run(batches({CHAT: [*before, *late]}, starts=flow.starts))
    assert flow.query(STATS) == [
        (instant(0), 3, True, 1),
        (instant(60), 1, True, 0),
        (instant(120), 2, False, 0),
    ]


def test_a_stamp_from_2099_closes_no_window_before_its_time(flow: Flow) -> None:
    future = message("ann", "bob", 2_350_000_000, recorded_at=20)
    flow.run(batches({CHAT: records([message(at=0), future, message(at=21)])}))
    assert [row[1:3] for row in flow.query(STATS)] == [(2, False), (1, False)]


def test_a_stamp_from_2099_expires_no_session(flow: Flow) -> None:
    future = message("ann", "cid", 2_350_000_000, recorded_at=20)
    logs = {USERS: records([online("bob", 0)]), CHAT: records([future, message(at=21)])}
    flow.run(batches(logs))
    assert flow.query(CHANGES) == [("bob", "online")]
