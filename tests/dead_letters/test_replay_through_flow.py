"""Dead letters put back, and read by the flow: from its topics to its tables."""

from pathlib import Path

import pytest
from confluent_kafka import Producer

from config.kafka import KafkaSettings
from dead_letters.letter import REPLAYED_FROM
from schemas.events import DeadLetter
from tests.builders import instant
from tests.cli.running import chatflow
from tests.dead_letters.dead_topic import READABLE, UNREADABLE, put, put_back
from tests.expectation import TOPICS, unhurried_flow
from tests.flow_process import FlowSettings, run_flow
from tests.sinks.dead_letters import headers_of
from tests.stored import read
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker

CHAT, PARTITION = TOPICS[0], 1


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    return unhurried_flow(embedded, tmp_path / "flow").but(recovery=False)


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> KafkaSettings:
    return kafka_at(embedded.bootstrap_servers)


def produce(flow: FlowSettings, value: bytes) -> None:
    """Write the first record of a partition of chat messages."""
    producer = Producer({"bootstrap.servers": flow.bootstrap_servers, "log_level": 0})
    producer.produce(CHAT, value, b"bob", partition=PARTITION, timestamp=instant(0))
    assert producer.flush(10) == 0


def dlq(flow: FlowSettings, *arguments: str) -> list[str]:
    """The lines of the command, as an operator runs it."""
    done = chatflow("dlq", *arguments, cwd=flow.folder, environ=flow.variables())
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def run(flow: FlowSettings) -> None:
    finished = run_flow(flow)
    assert finished.status == 0, finished.words


def test_what_an_older_release_could_not_decode_is_replayed_and_stored_once(
    flow: FlowSettings, kafka: KafkaSettings
) -> None:
    produce(flow, READABLE)
    run(flow.with_environment(CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET="latest"))  # it went by
    put(kafka, DeadLetter(0, instant(0), "invalid_payload", "", b"bob", READABLE, ()))

    assert dlq(flow, "replay", "--yes")[-1] == "replayed 1 record"
    run(flow)
    assert dlq(flow, "replay", "--yes")[-1] == "nothing to replay"
    run(flow)

    found = "SELECT message_id, kafka_partition, count(*) FROM messages GROUP BY ALL"
    assert read(flow.store, found) == [("m1", PARTITION, 1)]
    _, again = put_back(kafka)
    assert (REPLAYED_FROM, f"{CHAT}/{PARTITION}/0".encode()) in headers_of(again)
    assert "1 of them replayed" in " ".join(dlq(flow, "list"))
    assert "replayed     yes" in dlq(flow, "show", CHAT, str(PARTITION), "0")


def test_what_still_cannot_be_decoded_comes_back_and_is_not_replayed_for_ever(
    flow: FlowSettings,
) -> None:
    flow = flow.with_environment(CHAT_DEAD_LETTERS__MAX_RATIO="1")
    produce(flow, UNREADABLE)
    run(flow)

    assert dlq(flow, "replay", "--yes")[-1] == "nothing to replay"
    assert dlq(flow, "replay", "--yes", "--force")[-1] == "replayed 1 record"
    run(flow)
    lines = dlq(flow, "replay", "--yes", "--force")

    assert lines[-1] == "nothing to replay"
    assert any("came back after a replay" in line for line in lines)
    assert any("already replayed" in line for line in lines)
    found = "SELECT kafka_offset, reason FROM dead_letters ORDER BY 1"
    assert read(flow.store, found) == [(0, "invalid_json"), (1, "invalid_json")]
