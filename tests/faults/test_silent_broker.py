"""One of several brokers is silent: what the others say is known all the same."""

import time
from collections.abc import Iterator

import pytest

from config.kafka import ConsumerSettings, KafkaSettings
from dataflows.broker import Brokers
from schemas.events import TopicPartition
from tests.faults.several_brokers import SeveralBrokers, several_brokers

TOPIC = "chat-messages"
SOURCES = [TopicPartition(TOPIC, number) for number in range(3)]
_PATIENCE = 2.0
_MOVED = 60.0


@pytest.fixture
def brokers() -> Iterator[SeveralBrokers]:
    """Three, each the leader of one partition."""
    with several_brokers(3) as found:
        found.create_topic(TOPIC, 3)
        for partition in range(3):
            found.lead(TOPIC, partition, partition + 1)
        yield found


def asking(brokers: SeveralBrokers) -> Brokers:
    consumer = ConsumerSettings(group_id="asks")
    return Brokers(KafkaSettings(brokers=brokers.addresses, consumer=consumer))


def test_where_other_partitions_end_is_told_while_one_broker_is_silent(
    brokers: SeveralBrokers,
) -> None:
    asked = asking(brokers)
    assert list(asked.look(SOURCES, _PATIENCE).ends) == SOURCES

    brokers.silence(2)

    assert list(asked.look(SOURCES, _PATIENCE).ends) == [SOURCES[0], SOURCES[2]]


def test_where_a_partition_ends_is_told_again_when_another_broker_leads_it(
    brokers: SeveralBrokers,
) -> None:
    asked = asking(brokers)
    asked.look(SOURCES, _PATIENCE)
    brokers.silence(2)
    asked.look(SOURCES, _PATIENCE)

    brokers.lead(TOPIC, 1, 3)

    deadline = time.monotonic() + _MOVED
    while list(asked.look(SOURCES, _PATIENCE).ends) != SOURCES:
        assert time.monotonic() < deadline, "the new leader was not found"
