"""How the flow begins on a real Kafka, and what it refuses, in words."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from confluent_kafka import Consumer

from config.kafka import KafkaSettings
from schemas.message_pb2 import Message
from tests.flow_process import Finished, FlowSettings, run_flow
from tests.kafka_server import KafkaServer
from tests.stored import stored_messages
from traffic.producer import ChatProducer

_MARKER = b"these are the bytes of a file "
_TEN_MIB = 10 * 1024 * 1024
_FILE_BYTES = 7_860_000
"""In base64, inside an envelope: a little less than 10 MiB, the chat server's limit."""


@pytest.fixture
def kafka_settings(kafka: KafkaServer) -> KafkaSettings:
    """Topics that only one test uses, as `chatflow topics create` makes them."""
    names = {
        kind: f"{kind.replace('_', '-')}-{uuid.uuid4().hex[:8]}"
        for kind in ("chat_messages", "user_events", "group_messages")
    }
    all_names = [*names.values(), *(name + ".dlq" for name in names.values())]
    kafka.create_topics(*all_names, config={"max.message.bytes": str(16 * 1024 * 1024)})
    return KafkaSettings.model_validate({"brokers": [kafka.bootstrap_servers], "topics": names})


@pytest.fixture
def flow(kafka_settings: KafkaSettings, tmp_path: Path) -> FlowSettings:
    topics = kafka_settings.topics
    variables = {
        "CHAT_KAFKA__TOPICS__CHAT_MESSAGES": topics.chat_messages,
        "CHAT_KAFKA__TOPICS__USER_EVENTS": topics.user_events,
        "CHAT_KAFKA__TOPICS__GROUP_MESSAGES": topics.group_messages,
    }
    (broker,) = kafka_settings.brokers
    return FlowSettings(broker, tmp_path, f"group-{uuid.uuid4().hex[:8]}", variables)


def test_earliest_begins_with_what_is_there_on_the_first_start_only(
    kafka_settings: KafkaSettings, flow: FlowSettings
) -> None:
    earliest, latest = starting_at(flow, "earliest"), starting_at(flow, "latest")

    send_messages(kafka_settings, 30)
    first = stored_after(earliest)
    send_messages(kafka_settings, 20)
    second = stored_after(latest)

    assert (first, second) == (30, 50)


def test_latest_begins_behind_what_is_there_on_the_first_start_only(
    kafka_settings: KafkaSettings, flow: FlowSettings
) -> None:
    earliest, latest = starting_at(flow, "earliest"), starting_at(flow, "latest")

    send_messages(kafka_settings, 30)
    first = stored_after(latest)
    send_messages(kafka_settings, 20)
    second = stored_after(latest)
    third = stored_after(earliest)

    assert (first, second, third) == (0, 20, 20)


def test_largest_record_passes_and_its_file_is_not_stored(
    kafka_settings: KafkaSettings, flow: FlowSettings
) -> None:
    file = (_MARKER * (_FILE_BYTES // len(_MARKER) + 1))[:_FILE_BYTES]
    limit = {"properties": {"message.max.bytes": _TEN_MIB}}
    roomy = KafkaSettings.model_validate({**kafka_settings.model_dump(), **limit})
    message = Message(from_user="alice", to="bob", content="film.mp4", contentType=5, file=file)
    with ChatProducer(roomy) as producer:
        producer.send_chat_message("bob", message)

    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    assert stored_files(flow.store) == [("film.mp4", _FILE_BYTES)]
    assert _MARKER not in flow.store.read_bytes()
    assert flow.store.stat().st_size < _FILE_BYTES


def test_group_with_an_active_member_is_refused_by_the_members_name(flow: FlowSettings) -> None:
    with active_member(flow, "the-chat-server"):
        finished = run_flow(flow)

    assert finished.status == 2, finished.words
    assert_words(finished, flow.group_id, "the-chat-server")


def test_missing_topic_is_told_in_words(flow: FlowSettings) -> None:
    finished = run_flow(flow.with_environment(CHAT_KAFKA__TOPICS__USER_EVENTS="no-such-topic"))

    assert finished.status == 1, finished.words
    assert_words(finished, "no-such-topic")


def test_missing_broker_is_told_in_words(tmp_path: Path) -> None:
    finished = run_flow(FlowSettings("127.0.0.1:9", tmp_path, "nobody"))

    assert finished.status == 1, finished.words
    assert_words(finished, "127.0.0.1:9")


def starting_at(flow: FlowSettings, place: str) -> FlowSettings:
    return flow.with_environment(CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET=place)


def send_messages(kafka: KafkaSettings, count: int) -> None:
    """Messages from as many users, so that every partition gets some."""
    with ChatProducer(kafka) as producer:
        for number in range(count):
            message = Message(from_user=f"from-{number}", to="bob", content="hi", contentType=1)
            producer.send_chat_message(f"user-{number}", message)


def stored_after(flow: FlowSettings) -> int:
    finished = run_flow(flow)
    assert finished.status == 0, finished.words
    return stored_messages(flow.store)


def stored_files(store: Path) -> list[tuple[str, int]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute("SELECT file_name, file_size FROM messages").fetchall()


@contextmanager
def active_member(flow: FlowSettings, client_id: str) -> Iterator[None]:
    """Somebody else in the flow's group, as the chat server is in its own."""
    consumer = Consumer(
        {
            "bootstrap.servers": flow.bootstrap_servers,
            "group.id": flow.group_id,
            "client.id": client_id,
        }
    )
    consumer.subscribe([flow.environment["CHAT_KAFKA__TOPICS__CHAT_MESSAGES"]])
    try:
        while not consumer.assignment():
            consumer.poll(0.1)
        yield
    finally:
        consumer.close()


def assert_words(finished: Finished, *names: str) -> None:
    """One plain message that names what it is about."""
    assert "Traceback" not in finished.words, finished.words
    for name in names:
        assert name in finished.words, finished.words
