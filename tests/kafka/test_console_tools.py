"""The commands that the chat server's operators know, as they write them, against a real Kafka."""

import re
import shlex
import uuid
from subprocess import CompletedProcess

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.kafka_server import KafkaServer

GROUP = "chat-consumer-group"


def run(kafka: KafkaServer, command: str) -> CompletedProcess[str]:
    """Run a command written for a broker at localhost:9092."""
    name, *args = shlex.split(command.replace("localhost:9092", kafka.bootstrap_servers))
    return kafka.tool(name, *args)


def produce(kafka: KafkaServer, topic: str, values: list[str]) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    for value in values:
        producer.produce(topic, value, partition=0)
    assert producer.flush(10) == 0


@pytest.fixture
def topic(kafka: KafkaServer) -> str:
    name = f"chat-messages-{uuid.uuid4().hex[:8]}"
    kafka.create_topics(name)
    return name


def test_created_topic_is_listed(kafka: KafkaServer) -> None:
    name = f"user-events-{uuid.uuid4().hex[:8]}"
    created = run(
        kafka,
        f"kafka-topics --create --topic {name} --bootstrap-server localhost:9092"
        " --partitions 3 --replication-factor 1",
    )
    listed = run(kafka, "kafka-topics --list --bootstrap-server localhost:9092")
    assert created.returncode == 0, created.stderr
    assert name in listed.stdout.splitlines()


def test_described_topic_has_its_partitions(kafka: KafkaServer, topic: str) -> None:
    described = run(
        kafka, f"kafka-topics --describe --topic {topic} --bootstrap-server localhost:9092"
    )
    assert "PartitionCount: 3" in described.stdout
    assert described.stdout.count("Leader: 1") == 3


def test_console_consumer_shows_records_from_the_beginning(kafka: KafkaServer, topic: str) -> None:
    produce(kafka, topic, ["first", "second"])
    shown = run(
        kafka,
        f"kafka-console-consumer --bootstrap-server localhost:9092 --topic {topic}"
        " --from-beginning --max-messages 2 --timeout-ms 20000",
    )
    assert shown.stdout.splitlines() == ["first", "second"]


def test_described_group_shows_its_offset_and_lag(kafka: KafkaServer, topic: str) -> None:
    produce(kafka, topic, ["a", "b", "c"])
    committer = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": GROUP})
    committer.commit(offsets=[TopicPartition(topic, 0, 2)], asynchronous=False)
    committer.close()
    described = run(
        kafka, f"kafka-consumer-groups --bootstrap-server localhost:9092 --describe --group {GROUP}"
    )
    assert re.search(rf"^{GROUP}\s+{topic}\s+0\s+2\s+3\s+1\s", described.stdout, re.MULTILINE)


def test_records_survive_a_restart_of_the_broker(kafka: KafkaServer, topic: str) -> None:
    produce(kafka, topic, ["kept"])
    kafka.restart()
    shown = run(
        kafka,
        f"kafka-console-consumer --bootstrap-server localhost:9092 --topic {topic}"
        " --from-beginning --max-messages 1 --timeout-ms 20000",
    )
    assert shown.stdout.splitlines() == ["kept"]


def test_records_keep_times_far_from_the_clock(kafka: KafkaServer, topic: str) -> None:
    years_back, years_ahead = 1_000_000_000_000, 4_000_000_000_000
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    for at in (years_back, years_ahead):
        producer.produce(topic, b"x", partition=0, timestamp=at)
    assert producer.flush(10) == 0
    reader = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": "unused"})
    reader.assign([TopicPartition(topic, 0, 0)])
    times = [record.timestamp()[1] for record in reader.consume(2, timeout=20)]
    reader.close()
    assert times == [years_back, years_ahead]
