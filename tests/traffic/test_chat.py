import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from schemas.events import ChatMessage
from tests.traffic.plans import decoded, plan
from traffic.plan import SimulatedRecord, TopicKind
from traffic.simulator import simulate

Envelope = dict[str, Any]  # Any: JSON


@cache
def records() -> list[SimulatedRecord]:
    return list(simulate(plan(rate=200.0, seconds=300.0)))


def envelopes(*event_types: str) -> Iterator[tuple[SimulatedRecord, Envelope]]:
    for record in records():
        envelope = json.loads(record.value or b"")
        if envelope["event_type"] in event_types:
            yield record, envelope


@cache
def messages() -> list[ChatMessage]:
    return [event for event in map(decoded, records()) if isinstance(event, ChatMessage)]


@pytest.mark.parametrize("topic", list(TopicKind))
def test_each_topic_gets_about_a_third(topic: TopicKind) -> None:
    part = sum(record.topic == topic for record in records()) / len(records())
    assert part == pytest.approx(1 / 3, abs=0.05)


def test_records_are_as_long_as_those_of_a_real_chat() -> None:
    average = sum(len(record.value or b"") for record in records()) / len(records())
    assert average == pytest.approx(370, abs=30)


def test_content_is_mostly_text_and_some_of_everything_else() -> None:
    types = Counter(message.content_type for message in messages())
    assert set(types) == set(range(1, 10))
    assert types[1] / types.total() > 0.8


def test_files_carry_a_few_bytes() -> None:
    files = [message for message in messages() if message.content_type in (2, 3, 4, 5)]
    assert all(0 < (message.file_size or 0) < 1000 for message in files)


def test_signals_are_json_and_have_no_id_of_their_own() -> None:
    signals = [message for message in messages() if message.content_type in (6, 7)]
    steps = Counter(json.loads(signal.content)["type"] for signal in signals)
    assert steps.most_common(1)[0][0] == "ice-candidate"
    assert steps["call-invite"] > 0
    assert not any(signal.message_id.startswith("msg_") for signal in signals)


def test_most_messages_have_an_id_that_no_other_has() -> None:
    named = [m.message_id for m in messages() if m.message_id.startswith("msg_")]
    assert len(set(named)) == len(named)
    assert len(named) / len(messages()) > 0.8


def test_every_generation_of_server_writes() -> None:
    written = [envelope for _, envelope in envelopes("message")]
    objects = sum(isinstance(envelope["message_data"], dict) for envelope in written)
    without_worker = sum("worker_id" not in envelope for envelope in written)
    assert 0 < objects < without_worker < len(written) / 2


def test_direct_messages_are_keyed_by_the_user_they_name() -> None:
    assert all(r.key == e["user_id"].encode() for r, e in envelopes("message"))


def test_group_messages_name_their_group_and_are_keyed_by_sender_or_group() -> None:
    keyed_by_group = 0
    for record, envelope in envelopes("group_message"):
        group = envelope["metadata"]["group_id"]
        assert record.key.decode() in (group, envelope["user_id"])
        assert envelope.get("worker_id", 0) == 0
        keyed_by_group += record.key.decode() == group
    assert keyed_by_group > 0


def test_groups_have_members_who_stay_and_some_are_more_popular() -> None:
    senders = defaultdict(set)
    for message in messages():
        if message.group_id:
            senders[message.group_id].add(message.from_user)
    sizes = Counter(message.group_id for message in messages() if message.group_id)
    assert len(sizes) == plan().groups
    assert all(1 <= len(members) <= 50 for members in senders.values())
    assert sizes.most_common()[0][1] > 1.5 * sizes.most_common()[-1][1]


def test_nobody_writes_to_themselves() -> None:
    assert not [message for message in messages() if message.from_user == message.to_user]


def test_some_messages_go_to_people_who_are_away() -> None:
    live: Counter[str] = Counter()
    away = 0
    for _, envelope in envelopes("user_online", "user_offline", "message"):
        user = envelope["user_id"]
        if envelope["event_type"] == "message":
            away += live[user] == 0
        else:
            live[user] += 1 if envelope["event_type"] == "user_online" else -1
    assert away > 100


def sessions() -> dict[str, list[tuple[int, str]]]:
    """By user, the instants at which they came and went."""
    found = defaultdict(list)
    for record, envelope in envelopes("user_online", "user_offline"):
        found[envelope["user_id"]].append((record.recorded_at, envelope["event_type"]))
    return found


def test_arrivals_name_address_time_and_worker() -> None:
    for _, envelope in envelopes("user_online"):
        metadata = envelope["metadata"]
        assert metadata["client_ip"].rpartition(":")[2].isdigit()
        assert metadata["connection_time"] == envelope["timestamp"]
        assert metadata.get("worker_id") == envelope.get("worker_id")


def test_departures_name_the_connection_or_only_the_worker() -> None:
    came = {
        (e["user_id"], e["metadata"]["client_ip"], e["metadata"]["connection_time"])
        for _, e in envelopes("user_online")
    }
    bare = 0
    for _, envelope in envelopes("user_offline"):
        metadata = envelope.get("metadata")
        if metadata is None:
            assert envelope["worker_id"] in range(20)
            bare += 1
        else:
            named = envelope["user_id"], metadata["client_ip"], metadata["disconnect_time"]
            assert named in came
    assert bare > 0


def test_some_return_within_ten_seconds() -> None:
    # So many people that hardly anybody comes back by chance.
    went: dict[bytes, int] = {}
    departures = returns = 0
    for record in simulate(plan(users=5000, seconds=400.0)):
        if b'"user_offline"' in (record.value or b""):
            went[record.key] = record.recorded_at
            departures += 1
        elif b'"user_online"' in (record.value or b""):
            returns += record.recorded_at - went.pop(record.key, -10_000) < 10_000
    assert returns / departures == pytest.approx(0.25, abs=0.08)


def test_some_use_two_devices_in_turn() -> None:
    used: defaultdict[str, list[str]] = defaultdict(list)
    for _, envelope in envelopes("user_typing"):
        addresses = used[envelope["user_id"]]
        address = envelope["metadata"]["client_ip"]
        if address not in addresses[-1:]:
            addresses.append(address)
    assert sum(len(set(turns)) < len(turns) for turns in used.values()) > 10


def test_some_vanish_without_an_event() -> None:
    most = max(
        sum(1 if kind == "user_online" else -1 for _, kind in events)
        for events in sessions().values()
    )
    # Nobody has more than two devices: a third one replaces one that went unnoticed.
    assert most > 2


def test_people_type_where_they_are_connected() -> None:
    connected = set()
    for _, envelope in envelopes("user_online", "user_typing"):
        device = envelope["user_id"], envelope["metadata"]["client_ip"]
        if envelope["event_type"] == "user_online":
            connected.add(device)
        assert device in connected


def test_two_people_are_enough() -> None:
    assert {record.topic for record in simulate(plan(users=2, groups=1))} == set(TopicKind)
