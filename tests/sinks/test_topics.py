import uuid

import pytest
from confluent_kafka.admin import AdminClient

from config.errors import ChatflowError
from config.kafka import KafkaSettings
from sinks.topics import TopicReport, create_topics, topic_names
from tests.kafka_server import KafkaServer
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker
from traffic.records import RecordProducer


def own_topics(bootstrap_servers: str) -> KafkaSettings:
    """Topics that no other test has."""
    mark = uuid.uuid4().hex[:8]
    kinds = ("chat_messages", "user_events", "group_messages")
    return kafka_at(bootstrap_servers, topics={kind: f"{kind}-{mark}" for kind in kinds})


def test_missing_topics_are_created_with_their_dead_letter_topics(kafka: KafkaServer) -> None:
    settings = own_topics(kafka.bootstrap_servers)
    report = create_topics(settings, dead_letter_suffix=".dlq", partitions=4)
    topics = settings.topics
    assert set(report.created) == {
        name + suffix
        for name in (topics.chat_messages, topics.user_events, topics.group_messages)
        for suffix in ("", ".dlq")
    }
    found = AdminClient({"bootstrap.servers": kafka.bootstrap_servers}).list_topics(timeout=10)
    assert {len(found.topics[name].partitions) for name in report.created} == {4}


def test_second_time_changes_nothing_and_says_what_differs(kafka: KafkaServer) -> None:
    settings = own_topics(kafka.bootstrap_servers)
    kafka.create_topics(settings.topics.user_events, partitions=2)
    first = create_topics(settings, dead_letter_suffix=".dlq")
    second = create_topics(settings, dead_letter_suffix=".dlq")
    names = topic_names(settings, ".dlq")
    different = {settings.topics.user_events: 2}
    assert set(first.created) == set(names) - different.keys()
    assert first.different == different
    assert second == TopicReport(created=(), existing=names, different=different)


def test_created_topics_take_records_of_ten_mebibytes(kafka: KafkaServer) -> None:
    settings = own_topics(kafka.bootstrap_servers)
    for name in create_topics(settings, dead_letter_suffix=".dlq").created:
        with RecordProducer(settings) as producer:
            producer.send(name, None, bytes(10 * 1024 * 1024), 0)


def test_refused_topics_are_named_with_the_brokers_reason(kafka: KafkaServer) -> None:
    settings = own_topics(kafka.bootstrap_servers)
    with pytest.raises(ChatflowError, match=f"{settings.topics.chat_messages}: .*[Rr]eplication"):
        create_topics(settings, dead_letter_suffix=".dlq", replication_factor=3)


def test_broker_that_cannot_create_topics_is_an_error_in_words(embedded: EmbeddedBroker) -> None:
    with pytest.raises(ChatflowError, match=r"created no topic .*chat-messages\.dlq: "):
        create_topics(kafka_at(embedded.bootstrap_servers), dead_letter_suffix=".dlq", patience=0.5)


def test_existing_topics_need_no_creation(embedded: EmbeddedBroker) -> None:
    for name in ("chat-messages", "user-events", "group-messages"):
        embedded.create_topic(f"{name}.dlq", partitions=1)
    report = create_topics(kafka_at(embedded.bootstrap_servers), dead_letter_suffix=".dlq")
    assert report.created == ()
    assert len(report.existing) == 6
    assert set(report.different.values()) == {1}


def test_unreachable_broker_is_named() -> None:
    with pytest.raises(ChatflowError, match=r"no Kafka broker answers at 127\.0\.0\.1:1 "):
        create_topics(kafka_at("127.0.0.1:1"), dead_letter_suffix=".dlq", patience=0.3)
