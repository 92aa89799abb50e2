"""What brokers say of topics and groups: a real Kafka, and the embedded one that says nothing."""

import uuid

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient

from config.kafka import KafkaSettings, client_properties
from inspection.administration import facts_of
from sinks.contact import BrokerError, connect
from sinks.topics import await_topics
from tests.dead_letters.dead_topic import own_topics
from tests.kafka_server import KafkaServer
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def settings(kafka: KafkaServer) -> KafkaSettings:
    found = own_topics(kafka.bootstrap_servers)
    chat, *others = found.topics.names
    kafka.create_topics(chat, config={"cleanup.policy": "compact", "retention.ms": "5000"})
    kafka.create_topics(*others, f"{chat}-foreign", partitions=2)
    await_topics(AdminClient(client_properties(found)), found, found.topics.names)
    return found


def test_settings_of_topics_are_known(settings: KafkaSettings) -> None:
    chat, users, _ = settings.topics.names
    facts = facts_of(settings, connect(settings), settings.topics.names)
    assert facts.configs is not None
    assert facts.configs[chat]["cleanup.policy"] == "compact"
    assert facts.configs[chat]["retention.ms"] == "5000"
    assert (facts.partitions[chat], facts.partitions[users]) == (3, 2)


def test_groups_that_read_the_topics_are_known_and_no_others(settings: KafkaSettings) -> None:
    chat, users, _ = settings.topics.names
    ours, theirs, foreign = (f"{name}-{uuid.uuid4().hex[:6]}" for name in ("ours", "theirs", "far"))
    settings = settings.model_copy(
        update={"consumer": settings.consumer.model_copy(update={"group_id": ours})}
    )
    members = [member(settings, ours, chat), member(settings, theirs, users)]
    members.append(member(settings, foreign, f"{chat}-foreign"))
    try:
        facts = facts_of(settings, connect(settings), settings.topics.names)
    finally:
        for each in members:
            each.close()
    assert facts.readers is not None
    assert [(reader.group_id, len(reader.members)) for reader in facts.readers] == [
        (ours, 1),
        (theirs, 1),
    ]
    assert foreign not in {reader.group_id for reader in facts.readers}


def test_a_broker_that_is_not_there_is_told_in_words() -> None:
    with pytest.raises(BrokerError, match=r"no Kafka broker answers at 127\.0\.0\.1:1 "):
        connect(kafka_at("127.0.0.1:1"), patience=0.3)


def test_the_embedded_broker_says_nothing_and_is_not_waited_for(embedded: EmbeddedBroker) -> None:
    kafka = kafka_at(embedded.bootstrap_servers)
    facts = facts_of(kafka, connect(kafka), kafka.topics.names)
    assert (facts.configs, facts.readers) == (None, None)
    assert set(facts.partitions) >= set(kafka.topics.names)


def member(settings: KafkaSettings, group: str, topic: str) -> Consumer:
    """An active member of a group that has got its partitions."""
    consumer = Consumer({"bootstrap.servers": settings.brokers[0], "group.id": group})
    consumer.subscribe([topic])
    while not consumer.assignment():
        consumer.poll(0.1)
    return consumer
