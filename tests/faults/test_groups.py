"""Others in the flow's consumer group: it is told of them, and they never end or change it."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.faults.own_topics import OwnTopics, until_said
from tests.flow_process import FlowProcess, run_flow
from tests.kafka_server import KafkaServer

_PATIENCE = 60.0


@pytest.fixture
def own(kafka: KafkaServer, tmp_path: Path) -> OwnTopics:
    """Topics that are there, with a chat in them."""
    own = OwnTopics(kafka, tmp_path)
    own.create()
    own.tell(own.story(0))
    return own


@contextmanager
def member(own: OwnTopics) -> Iterator[Consumer]:
    """Somebody who consumes with the flow's group, and has been given partitions."""
    consumer = Consumer(
        {
            "bootstrap.servers": own.kafka.bootstrap_servers,
            "group.id": own.flow.group_id,
            "client.id": "the-chat-server",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    consumer.subscribe(list(own.topics))
    while not consumer.assignment():
        consumer.poll(0.1)
    try:
        yield consumer
    finally:
        consumer.close()


def committed(own: OwnTopics) -> dict[tuple[str, int], int]:
    """What was committed to the group, by topic and partition."""
    reader = Consumer(
        {"bootstrap.servers": own.kafka.bootstrap_servers, "group.id": own.flow.group_id}
    )
    places = [TopicPartition(topic, number) for topic in own.topics for number in range(3)]
    found = reader.committed(places, timeout=20)
    reader.close()
    return {(place.topic, place.partition): place.offset for place in found if place.offset >= 0}


def test_a_flow_that_reads_only_stores_all_beside_active_members_and_commits_nothing(
    own: OwnTopics,
) -> None:
    reading = own.flow.with_environment(CHAT_SOURCE__ACTIVE_GROUP="read_only")

    with member(own) as other:
        finished = run_flow(reading)
        assert len(other.assignment()) == 9

    assert finished.status == 0, finished.words
    assert "no offsets are committed to the group" in finished.words
    assert "the-chat-server" in finished.words
    own.tell(own.story(1))
    own.check(flow=reading)
    assert committed(own) == {}


def test_a_member_that_joins_a_running_flow_is_told_of_and_the_offsets_follow_when_it_leaves(
    own: OwnTopics,
) -> None:
    with FlowProcess(own.live) as flow:
        flow.until_stored(own.expected().messages)
        with member(own):
            own.tell(own.story(1))
            expected = own.expected()
            flow.until_stored(expected.messages)
            until_said(flow, own.live, "were not committed: somebody else consumes with it")
            assert committed(own) != expected.end_offsets()
        deadline = time.monotonic() + _PATIENCE
        while committed(own) != expected.end_offsets():
            assert time.monotonic() < deadline, "the offsets do not follow"
            time.sleep(0.2)
        flow.send_signal(signal.SIGTERM)
        assert flow.wait().status == 0

    own.check(expected)
