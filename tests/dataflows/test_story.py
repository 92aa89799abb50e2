"""The whole flow on short stories: join, talk, leave, get a push."""

import json

import pytest

from schemas.directory import Directory, UserEntry
from tests.builders import CHAT, GROUPS, USERS, instant, message, offline, online, user_event
from tests.flow_runs import Flow
from tests.places import Place
from tests.wire import batches, records

pytestmark = pytest.mark.usefixtures("each_join")

STORY = {
    USERS: records(
        [online("ann", 0), online("bob", 1), offline("bob", 20), online("cid", 41)],
    ),
    CHAT: records([message("ann", "bob", 5), message("ann", "bob", 40)]),
    GROUPS: records([message("bob", group="team", at=6), message("ann", group="team", at=41)]),
}
DECISIONS = """
SELECT kafka_topic, kafka_offset, user_id, decision, reason FROM push_decisions
ORDER BY 1, 2, 3, 4, 5
"""
CHANGES = """
SELECT user_id, status, reason, epoch_ms("at"), kafka_offset FROM presence_changes
ORDER BY 1, 2, 3, 4, 5
"""


@pytest.fixture
def flow(place: Place) -> Flow:
    return Flow(place)


def asked_to_push(flow: Flow) -> list[tuple[str, int]]:
    return sorted(
        (request.user_id, request.kafka_offset)
        for requests in flow.requests.items
        for request in requests
    )


def test_who_has_left_gets_a_push_for_what_is_said_later(flow: Flow) -> None:
    flow.run(batches(STORY))
    assert flow.query(DECISIONS) == [
        ("chat-messages", 1, "bob", "sent", "offline"),
        ("group-messages", 1, "bob", "sent", "offline"),
    ]
    assert asked_to_push(flow) == [("bob", 1), ("bob", 1)]


def test_who_comes_and_goes_is_told_once_each(flow: Flow) -> None:
    flow.run(batches(STORY))
    assert flow.query(CHANGES) == [
        ("ann", "online", "connected", instant(0), 0),
        ("bob", "offline", "disconnected", instant(20), 2),
        ("bob", "online", "connected", instant(1), 1),
        ("cid", "online", "connected", instant(41), 3),
    ]


def test_the_current_state_of_everybody_stands_in_presence(flow: Flow) -> None:
    flow.run(batches(STORY))
    assert flow.query(
        "SELECT user_id, status, sessions, epoch_ms(since), epoch_ms(last_seen)"
        " FROM presence ORDER BY 1"
    ) == [
        ("ann", "online", 1, instant(0), instant(41)),
        ("bob", "offline", 0, instant(20), instant(20)),
        ("cid", "online", 1, instant(41), instant(41)),
    ]


def test_what_is_said_within_the_grace_is_decided_at_its_end(flow: Flow) -> None:
    users = [online("bob", 0), offline("bob", 20), online("bob", 29), offline("bob", 40)]
    chat = [message("ann", "bob", 25), message("ann", "bob", 45), message("ann", "cid", 51)]
    flow.run(batches({USERS: records(users), CHAT: records(chat)}))
    assert flow.query("SELECT kafka_offset, user_id, reason FROM push_decisions ORDER BY 1, 2") == [
        (0, "bob", "online"),
        (1, "bob", "offline"),
        (2, "cid", "offline"),
    ]


def test_what_still_waits_at_the_end_of_a_bounded_read_has_no_row(flow: Flow) -> None:
    users = [online("bob", 0), offline("bob", 20)]
    flow.run(batches({USERS: records(users), CHAT: records([message("ann", "bob", 25)])}))
    assert flow.query(DECISIONS) == []


def test_the_directory_says_who_is_in_a_group_and_who_wants_a_push() -> None:
    directory = Directory(
        groups={"team": frozenset({"ann", "bob", "cid"})}, users={"cid": UserEntry(mute_all=True)}
    )
    flow = Flow(directory=directory)
    flow.run(batches({GROUPS: records([message("ann", group="team")])}))
    assert [row[2:] for row in flow.query(DECISIONS)] == [
        ("ann", "suppressed", "sender"),
        ("bob", "sent", "offline"),
        ("cid", "suppressed", "muted"),
    ]


def test_old_messages_are_not_pushed() -> None:
    flow = Flow()
    short = {"max_age": "10m", "call_max_age": "30s"}
    flow.settings = flow.settings.model_validate({"push": short})
    flow.run(batches({CHAT: records([message("ann", "bob")])}))
    assert [row[2:] for row in flow.query(DECISIONS)] == [("bob", "suppressed", "stale")]
    assert asked_to_push(flow) == []


def test_what_cannot_be_decoded_is_a_dead_letter_and_nothing_else(flow: Flow) -> None:
    flow.run(batches({CHAT: records([message(), b"\xff", message(at=1)])}))
    assert flow.query("SELECT kafka_offset, reason, payload, headers FROM dead_letters") == [
        (1, "invalid_json", b"\xff", '[["trace", "1"]]')
    ]
    letters = [letter.kafka_offset for found in flow.letters.items for letter in found.events]
    assert letters == [1]
    assert flow.query("SELECT count(*) FROM messages") == [(2,)]


def test_a_repeat_causes_nothing(flow: Flow) -> None:
    twice = [message(message_id="m"), message(message_id="m", at=1)]
    flow.run(batches({CHAT: records(twice)}))
    assert flow.query("SELECT sum(messages) FROM message_stats") == [(1,)]
    assert len(flow.query(DECISIONS)) == 1


HUGE: tuple[object, ...] = (10**30, -(10**30), 10**4000, 1e300, "9" * 5000, True, [], {}, "早\x00")
ONLINE = {"event_type": "user_online", "user_id": "a", "timestamp": 1_756_000_020}
SENT = {"event_type": "message", "timestamp": 1_756_000_020}
KILLERS: list[dict[str, object]] = [
    *({**ONLINE, "worker_id": each} for each in HUGE),
    *({**ONLINE, "timestamp": each} for each in HUGE),
    *({**ONLINE, "metadata": {"connection_time": each}} for each in HUGE),
    *({**SENT, "message_data": {"from": "a", "to": each}} for each in HUGE),
    *({**SENT, "message_data": {"to": "a", "contentType": each}} for each in HUGE),
]


def test_no_single_record_stops_the_flow(flow: Flow) -> None:
    values = [json.dumps(found).encode() for found in KILLERS]
    flow.run(batches({CHAT: records(values), USERS: records([online("b", 1)])}), per_epoch=3)
    counted = "SELECT (SELECT count(*) FROM {}) ".format
    tables = ("messages", "user_events", "dead_letters")
    assert sum(flow.query(counted(table))[0][0] for table in tables) == len(KILLERS) + 1


def test_users_who_join_and_leave_groups_are_members_meanwhile(flow: Flow) -> None:
    users = [user_event("group_join", "bob", 1, group="team")]
    users += [user_event("group_leave", "bob", 5, group="team")]
    said = [message("ann", group="team", at=at) for at in (0, 3, 8)]
    flow.run(batches({USERS: records(users), GROUPS: records(said)}))
    assert [row[1:3] for row in flow.query(DECISIONS) if row[2] == "bob"] == [(1, "bob")]
