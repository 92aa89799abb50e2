"""What a user reads when the flow cannot go on: one sentence, and a status for the supervisor."""

import os
from pathlib import Path

import duckdb
import pytest

from config.kafka import KafkaSettings
from sinks.topics import topic_names
from tests.flow_process import FlowSettings, run_flow
from traffic.embedded import EmbeddedBroker
from traffic.producer import ChatProducer


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    """A flow on a broker that holds a user event; the engine is asked to be talkative."""
    kafka = KafkaSettings(brokers=[embedded.bootstrap_servers])
    for topic in topic_names(kafka, ".dlq")[3:]:
        embedded.create_topic(topic)
    with ChatProducer(kafka) as producer:
        producer.send_user_event("user_online", "ann", {"client_ip": "203.0.113.7:5"})
    settings = FlowSettings(embedded.bootstrap_servers, tmp_path, "words")
    return settings.with_environment(RUST_BACKTRACE="1")


def say(settings: FlowSettings) -> tuple[int, str]:
    """Exit status and the only line that was written."""
    status, words = run_flow(settings)
    (line,) = words.strip().splitlines()
    return status, line


def test_too_many_dead_letters_stop_the_flow_in_one_sentence(flow: FlowSettings) -> None:
    kafka = KafkaSettings(brokers=[flow.bootstrap_servers])
    with ChatProducer(kafka) as producer:
        producer.send("user-events", b"ann", b"a secret", 1_790_000_000_000)
    limits = {"CHAT_DEAD_LETTERS__MAX_RATIO": "0.1", "CHAT_DEAD_LETTERS__WINDOW": "1"}
    status, line = say(flow.with_environment(**limits))
    assert status == 1
    assert line.startswith("chatflow: ")
    assert "could not be decoded" in line
    assert "secret" not in line


def test_a_position_beyond_the_end_of_the_topic_stops_the_flow_in_one_sentence(
    flow: FlowSettings,
) -> None:
    assert run_flow(flow).status == 0
    with duckdb.connect(str(flow.store)) as database:
        database.execute("UPDATE kafka_offsets SET next_offset = next_offset + 10")
    status, line = say(flow)
    assert status == 1
    assert "deleted and created again" in line


def test_a_database_that_was_removed_stops_the_flow_in_one_sentence(flow: FlowSettings) -> None:
    assert run_flow(flow).status == 0
    os.remove(flow.store)
    status, line = say(flow)
    assert status == 1
    assert "removed or replaced" in line


def test_a_misspelt_setting_stops_the_flow_with_the_right_one(flow: FlowSettings) -> None:
    status, line = say(flow.with_environment(CHAT_STATS__WINDOW_LENGHT="5"))
    assert status == 2
    assert "CHAT_STATS__WINDOW_LENGTH" in line
