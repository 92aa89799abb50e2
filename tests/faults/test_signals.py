"""Signals under load: the first drains, the second stops at once, and neither costs a row."""

import signal
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from sinks.lease import open_for_reading
from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat
from tests.faults.lock_between_commits import reader
from tests.flow_process import FlowProcess
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, 41, 1500)


@pytest.fixture
def flow(chat: GrowingChat, tmp_path: Path) -> FaultyFlow:
    return chat.flow(tmp_path).endless()


def committed(chat: GrowingChat, flow: FaultyFlow) -> dict[tuple[str, int], int]:
    """The offsets of the flow's group; a partition without one begins at 0."""
    consumer = Consumer({"bootstrap.servers": flow.bootstrap_servers, "group.id": flow.group_id})
    places = [TopicPartition(topic, number) for topic in chat.topics for number in range(3)]
    found = {(p.topic, p.partition): max(0, p.offset) for p in consumer.committed(places, 20)}
    consumer.close()
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_under_load_drains_and_the_group_is_told_how_far(
    chat: GrowingChat, flow: FaultyFlow, number: signal.Signals
) -> None:
    for _ in range(2):
        before = stored_messages(flow.store)
        with FlowProcess(flow) as running:
            assert running.until_stored(before + 1) > before
            running.send_signal(number)
            status, words = running.wait()
        assert status == 0, words
        offsets = committed(chat, flow)
        assert offsets == stored_offsets(flow)
    assert stored_messages(flow.store) < chat.expected().messages

    chat.check(flow)

    assert committed(chat, flow) == dict(chat.expected().end_offsets())


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_a_second_interrupt_stops_at_once_and_the_next_start_goes_on_exactly(
    chat: GrowingChat, flow: FaultyFlow, first: signal.Signals
) -> None:
    with FlowProcess(flow) as running:
        running.until_stored(1)
        with reader(flow.store):
            chat.grow(100)
            time.sleep(0.3)
            running.send_signal(first)
            time.sleep(0.3)
            running.send_signal(signal.SIGINT)
            status, words = running.wait()
    assert status == 130, words
    assert "stopped at once" in words

    chat.check(flow)


def stored_offsets(flow: FaultyFlow) -> dict[tuple[str, int], int]:
    """How far the database says that the flow has come."""
    with open_for_reading(flow.store) as database:
        rows = database.execute(
            "SELECT kafka_topic, kafka_partition, next_offset FROM kafka_offsets"
            " WHERE sink = 'store'"
        ).fetchall()
    return {(topic, partition): offset for topic, partition, offset in rows}


def test_a_process_that_native_code_aborts_says_where_it_was_and_the_next_start_goes_on_exactly(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    with FlowProcess(flow) as running:
        running.until_stored(1)
        running.send_signal(signal.SIGABRT)
        status, words = running.wait()

    assert status == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in words
    assert "bytewax" in words
    chat.check(flow)
