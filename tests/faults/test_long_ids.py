"""Ids too long for the key of an index are dead letters; the longest others fit every key."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.expectation import TOPICS, check_run, unhurried_flow
from tests.faults.keyed_records import KeyedRecord, produce
from tests.faults.text_places import NOW, protobufs_with, records_with
from tests.flow_process import FlowSettings
from tests.long_ids import LONGEST, SIZES, id_of
from tests.stored import read
from traffic.embedded import EmbeddedBroker

_AROUND = len("a") + len("z")
"""What stands around the text in `text_places`."""
_USER, _MEMBER = id_of(LONGEST, 1), id_of(LONGEST, 2, wide=True)
_TEAM, _TYPE = id_of(LONGEST, 3), id_of(LONGEST, 4)


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def flow(request: pytest.FixtureRequest, embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    found = unhurried_flow(embedded, tmp_path)
    if request.param == "postgres":
        return found.but(postgres_url=request.getfixturevalue("postgres_url"))
    return found


def test_ids_of_any_length_at_any_place_stop_no_flow_and_equal_the_oracle(
    flow: FlowSettings,
) -> None:
    values: list[bytes] = []
    for number, size in enumerate(SIZES):
        for wide in (False, True):
            text = id_of(size - _AROUND, number, wide=wide).encode()
            values += [*records_with(text).values(), *protobufs_with(text).values()]
    produce(flow.bootstrap_servers, one_each_second(values))

    expected = check_run(flow)

    assert {row[3] for row in expected.tables["dead_letters"]} == {"id_too_long"}


def test_the_longest_ids_fit_together_into_every_key(flow: FlowSettings) -> None:
    produce(flow.bootstrap_servers, one_each_second(encounter()))

    check_run(flow)

    counted = read(flow.database, "SELECT event_type, group_id FROM message_stats")
    assert (_TYPE, _TEAM) in counted
    assert (_USER,) in read(flow.database, "SELECT user_id FROM presence")
    for table in ("push_decisions", "push_deliveries"):
        assert (_MEMBER,) in read(flow.database, f"SELECT user_id FROM {table}")
    members = "SELECT key FROM flow_state WHERE step = 'presence.members'"
    assert (f"{LONGEST}:{_TEAM}{_USER}",) in read(flow.database, members)


def encounter() -> list[bytes]:
    """Somebody comes online, joins a group, writes to it and leaves; each id is the longest."""
    joins = {"event_type": "group_join", "metadata": {"group_id": _TEAM}}
    says = {"from": _USER, "to": _TEAM, "content": "hi", "contentType": 1, "messageType": 2}
    events: list[dict[str, Any]] = [
        {"event_type": "user_online", "user_id": _USER, "metadata": {"session_id": id_of(LONGEST)}},
        {**joins, "user_id": _USER},
        {**joins, "user_id": _MEMBER},
        {"event_type": "group_message", "user_id": _USER, "message_data": says},
        {"event_type": _TYPE, "user_id": _USER, "message_data": says},
        {"event_type": "message", "message_data": {**says, "to": _MEMBER, "messageType": 1}},
        {"event_type": "user_offline", "user_id": _USER},
        {"event_type": "message", "message_data": {"from": _MEMBER, "to": _USER}},
    ]
    timed = [{**event, "timestamp": NOW + second} for second, event in enumerate(events)]
    return [json.dumps(event).encode() for event in timed]


def one_each_second(values: list[bytes]) -> list[KeyedRecord]:
    """In the order in which they are recorded; so that each is of an instant of its own."""
    return [
        KeyedRecord(TOPICS[0], 0, value, (NOW + number) * 1000)
        for number, value in enumerate(values)
    ]
