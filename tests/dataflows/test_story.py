"""The whole flow on short stories: join, talk, leave, get a push."""

from pathlib import Path

import pytest

from tests.builders import CHAT, GROUPS, USERS, instant, message, offline, online
from tests.flow_runs import Flow
from tests.places import DuckDBPlace
from tests.wire import batches, records


@pytest.fixture
def flow(tmp_path: Path) -> Flow:
    return Flow(DuckDBPlace(tmp_path / "chat.duckdb"))


STORY = {
    USERS: records([online("ann", 0), online("bob", 1), offline("bob", 20), online("cid", 41)]),
    CHAT: records([message("ann", "bob", 5), message("ann", "bob", 40)]),
    GROUPS: records([message("bob", group="team", at=6), message("ann", group="team", at=41)]),
}


def test_who_has_left_gets_a_push_for_what_is_said_later(flow: Flow) -> None:
    flow.run(batches(STORY))
    decisions = flow.query(
        "SELECT kafka_topic, kafka_offset, user_id, decision, reason FROM push_decisions"
    )
    assert sorted(decisions) == [
        ("chat-messages", 1, "bob", "sent", "offline"),
        ("group-messages", 1, "bob", "sent", "offline"),
    ]
    assert sorted(request.user_id for found in flow.requests.items for request in found) == [
        "bob",
        "bob",
    ]


def test_who_comes_and_goes_is_told_once_each(flow: Flow) -> None:
    flow.run(batches(STORY))
    changes = flow.query(
        'SELECT user_id, status, reason, epoch_ms("at"), kafka_offset FROM presence_changes'
    )
    assert sorted(changes) == [
        ("ann", "online", "connected", instant(0), 0),
        ("bob", "offline", "disconnected", instant(20), 2),
        ("bob", "online", "connected", instant(1), 1),
        ("cid", "online", "connected", instant(41), 3),
    ]
