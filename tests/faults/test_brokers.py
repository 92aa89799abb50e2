"""Brokers that are not there, go and come back: every table equals the oracle, or words."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.expectation import Expectation, unhurried_rules
from tests.faults.keyed_records import KeyedRecord
from tests.faults.own_topics import OwnTopics, assert_told, until_said
from tests.flow_process import FlowProcess, FlowSettings, run_flow
from tests.kafka_server import KafkaServer

_OUTAGE = 60.0 if os.environ.get("CHATFLOW_SOAK") else 8.0
"""Seconds without brokers, at least."""
_TIMEOUT = 8
"""Seconds without a sign of life after which a session ends: less than an outage."""
_LIVE = {
    "CHAT_SOURCE__IDLE_TIMEOUT": "1s",
    "CHAT_PRESENCE__SESSION_TIMEOUT": f"{_TIMEOUT}s",
    "CHAT_PRESENCE__OFFLINE_GRACE": "1s",
    "CHAT_STATS__ALLOWED_LATENESS": "1h",
}
"""Settings with which quiet seconds have consequences."""
_RULES = {"session_timeout": _TIMEOUT * 1000, "offline_grace": 1000, "stats_lateness": 3_600_000}


@pytest.fixture(scope="module")
def server(kafka: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker that may be stopped; that of the other tests says whether one can run at all."""
    with KafkaServer(tmp_path_factory.mktemp("stopped")) as server:
        yield server


@pytest.fixture
def own(server: KafkaServer, tmp_path: Path) -> OwnTopics:
    own = OwnTopics(server, tmp_path, partitions=1)
    own.create()
    return own


def heartbeat(own: OwnTopics, at: float, user_id: str = "ann") -> KeyedRecord:
    """A sign of life of somebody, who comes online if not there."""
    event = {"event_type": "heartbeat", "user_id": user_id, "timestamp": at * 1000}
    event["metadata"] = {"session_id": "s1"}
    value = json.dumps(event).encode()
    return KeyedRecord(own.names["user-events"], 0, value, round(at * 1000), b"ann")


def message(own: OwnTopics, at: float, to: str = "ann") -> KeyedRecord:
    data = {"from": "bob", "to": to, "content": "hi", "contentType": 1}
    event = {"event_type": "message", "user_id": to, "timestamp": at * 1000, "message_data": data}
    topic = own.names["chat-messages"]
    return KeyedRecord(topic, 0, json.dumps(event).encode(), round(at * 1000), b"ann")


def test_a_server_that_never_answers_ends_the_start_in_words_with_its_address(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        finished = run_flow(FlowSettings(address, tmp_path, "nobody"))

    assert_told(finished, f"no Kafka broker answers at {address}")


def test_a_broker_restarted_in_the_middle_of_a_run_costs_no_row_and_repeats_none(
    own: OwnTopics,
) -> None:
    parts = [[r._replace(partition=0) for r in own.story(part)] for part in range(2)]
    own.tell(parts[0])
    live = own.live.with_environment(CHAT_SOURCE__MAX_SKEW="1h")
    with FlowProcess(live) as flow:
        flow.until_stored(1)
        own.kafka.restart()
        own.tell(parts[1])
        expected = own.expected()
        flow.until_stored(expected.messages)
        flow.send_signal(signal.SIGTERM)
        finished = flow.wait()

    assert finished.status == 0, finished.words
    own.check(expected)


def test_time_without_brokers_ends_no_session_of_those_whose_heartbeats_come_later(
    own: OwnTopics,
) -> None:
    live = own.live.with_environment(**_LIVE)
    began = time.time()
    own.tell([heartbeat(own, began), message(own, began, to="cid")])
    with FlowProcess(live) as flow:
        flow.until_stored(1)
        own.kafka.stop()
        until_said(flow, live, "no time passes until the brokers are back")
        time.sleep(_OUTAGE)
        own.kafka.start()
        signs = range(0, round(time.time() - began) + 1, _TIMEOUT // 2)
        own.tell([heartbeat(own, began + late) for late in signs])
        own.tell([message(own, time.time())])
        flow.until_stored(2)
        flow.send_signal(signal.SIGTERM)
        assert flow.wait().status == 0

    expected = Expectation.of(own.kafka.bootstrap_servers, own.topics, unhurried_rules(**_RULES))
    assert [row[4] for row in expected.tables["presence_changes"]] == ["online"]
    own.check(expected, own.flow.with_environment(**_LIVE))
