"""Times far from the clock, in every form of the wire: every table equals the oracle."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.expectation import Expectation, check_run, unhurried_flow
from tests.faults.keyed_records import KeyedRecord, produce
from tests.flow_process import FlowSettings
from traffic.embedded import EmbeddedBroker

_ERAS = {"1970": 1_000, "2025": 1_756_700_000_000, "2099": 4_070_908_800_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PEOPLE = ("ann", "bob", "cid", "dan")


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    return unhurried_flow(embedded, tmp_path)


def check_records(flow: FlowSettings, records: list[KeyedRecord]) -> Expectation:
    """Run it on these, and compare all that it leaves with the oracle."""
    produce(flow.bootstrap_servers, records)
    return check_run(flow)


def forms_of(at_ms: int) -> list[object]:
    """What a server could write for this instant; the last two are exact to the second."""
    moment = _EPOCH + timedelta(milliseconds=at_ms)
    zone = timedelta(hours=8)
    whole = at_ms // 1000
    return [
        moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        (moment + zone).strftime("%Y-%m-%dT%H:%M:%S.%f+08:00"),
        f"{whole}.{at_ms % 1000:03d}",
        at_ms / 1000,
        f" {whole} ",
        *([at_ms, at_ms * 1000, str(at_ms * 10**6)] if at_ms >= 10**11 else []),
        str(whole),
        whole,
    ]


def event(random: Random, timestamp: object, who: str) -> tuple[str, bytes]:
    """A topic and an event for it."""
    fields: dict[str, Any] = {"timestamp": timestamp, "user_id": who}
    kind = random.random()
    if kind < 0.5:
        named = {"session_id": random.choice(("s1", "s2"))} if random.random() < 0.7 else {}
        fields |= {"event_type": random.choice(("user_online", "user_offline", "heartbeat"))}
        return "user-events", json.dumps({**fields, "metadata": named}).encode()
    to = random.choice(_PEOPLE)
    data = {"from": who, "to": to, "content": "hi", "contentType": 1}
    if kind < 0.8:
        fields |= {"event_type": "message", "message_data": data}
        return "chat-messages", json.dumps(fields).encode()
    fields |= {"event_type": "group_message", "message_data": {**data, "to": "crew"}}
    return "group-messages", json.dumps(fields).encode()


def hour_of(start_ms: int, seed: int) -> list[KeyedRecord]:
    """An hour in which everybody comes, speaks and goes, stamped in whatever form comes up."""
    random = Random(seed)
    found = []
    for at_ms in sorted(start_ms + random.randrange(3_600_000) for _ in range(400)):
        who = random.choice(_PEOPLE)
        topic, value = event(random, random.choice(forms_of(at_ms)), who)
        found.append(KeyedRecord(topic, _PEOPLE.index(who) % 3, value, at_ms, who.encode()))
    return found


@pytest.mark.parametrize("start_ms", _ERAS.values(), ids=_ERAS.keys())
def test_an_hour_of_any_year_equals_the_oracle_in_mixed_forms(
    flow: FlowSettings, start_ms: int
) -> None:
    expected = check_records(flow, hour_of(start_ms, seed=1))

    assert not expected.tables["dead_letters"]
    assert {row[4] for row in expected.tables["presence_changes"]} == {"online", "offline"}


def test_a_log_that_leaps_from_1970_to_2099_equals_the_oracle(flow: FlowSettings) -> None:
    records = [r for n, start_ms in enumerate(_ERAS.values()) for r in hour_of(start_ms, n)]

    expected = check_records(flow, records)

    closed = [row for row in expected.tables["message_stats"] if row[-1]]
    assert {row[0] // 10**12 for row in closed} == {0, 1, 4}


def test_stamps_of_1970_and_2099_among_those_of_today_equal_the_oracle(flow: FlowSettings) -> None:
    random = Random(3)
    records = []
    for record in hour_of(_ERAS["2025"], seed=4):
        records.append(record)
        if random.random() < 0.3:
            wrong = random.choice([*forms_of(_ERAS["1970"]), *forms_of(_ERAS["2099"])])
            topic, value = event(random, wrong, random.choice(_PEOPLE))
            records.append(record._replace(topic=topic, value=value))

    expected = check_records(
        flow.with_environment(CHAT_PRESENCE__ALLOWED_LATENESS="36500d"), records
    )

    assert {row[14] // 10**12 for row in expected.tables["messages"]} == {0, 1, 4}
