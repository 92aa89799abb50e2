"""What the flow says to and asks of the brokers besides records."""

import pytest
from confluent_kafka import Consumer, KafkaError
from confluent_kafka import TopicPartition as Position

from config.kafka import KafkaSettings, consumer_properties
from dataflows.broker import BrokerError, Brokers
from dataflows.complaints import Complaints
from dataflows.group import GroupOffsets, refuse_active_group
from schemas.events import TopicPartition
from tests.builders import CHAT, USERS
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> KafkaSettings:
    return kafka_at(embedded.bootstrap_servers, consumer={"group_id": "watched"})


def committed(kafka: KafkaSettings) -> dict[TopicPartition, int]:
    """What a tool that shows lag would see; negative where nothing was committed."""
    consumer = Consumer({"bootstrap.servers": kafka.brokers[0], "group.id": "watched"})
    found = consumer.committed([Position(*source) for source in (CHAT, USERS)], timeout=10)
    consumer.close()
    return {TopicPartition(place.topic, place.partition): place.offset for place in found}


def test_what_is_durable_is_the_committed_offset_of_the_group(kafka: KafkaSettings) -> None:
    offsets = GroupOffsets(consumer_properties(kafka))
    offsets.publish({CHAT: 7, USERS: 0})
    offsets.publish({CHAT: 9})
    offsets.close()
    assert committed(kafka) == {CHAT: 9, USERS: 0}


def test_nothing_durable_is_nothing_to_commit(kafka: KafkaSettings) -> None:
    offsets = GroupOffsets(consumer_properties(kafka))
    offsets.publish({})
    offsets.close()
    assert max(committed(kafka).values()) < 0


def test_a_group_that_cannot_be_described_is_taken_as_free(kafka: KafkaSettings) -> None:
    refuse_active_group(kafka)


def test_partitions_stand_in_the_order_of_the_topics(kafka: KafkaSettings) -> None:
    found = Brokers(kafka).partitions(["user-events", "chat-messages"])
    assert [source.topic for source in found] == ["user-events"] * 3 + ["chat-messages"] * 3
    assert [source.partition for source in found] == [0, 1, 2, 0, 1, 2]


def test_a_topic_nobody_created_is_an_error_that_names_it(kafka: KafkaSettings) -> None:
    with pytest.raises(BrokerError, match="no topic nowhere"):
        Brokers(kafka).partitions(["chat-messages", "nowhere"])


def test_brokers_in_trouble_are_told_of_once_and_again_when_it_lasts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = iter([0.0, 1.0, 29.9, 30.0, 31.0])
    complaints = Complaints(lambda: next(clock))
    for _ in range(5):
        complaints(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    assert len(caplog.records) == 2
