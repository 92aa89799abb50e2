"""Records with whatever keys, headers and times a test wants, written and read back as they are."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from tests.expectation import Expectation
from tests.oracle.tables import expected_tables
from tests.oracle.values import RawRecord, Rules

LARGEST = 16 * 1024 * 1024
_PATIENCE = 20.0

Properties = Mapping[str, str | int | bool]


class KeyedRecord(NamedTuple):
    """A record to be produced at this place; time and headers are Kafka's own."""

    topic: str
    partition: int
    value: bytes | None
    recorded_ms: int
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def producer(bootstrap_servers: str, properties: Properties | None = None) -> Producer:
    """A producer that takes records up to the topics' limit."""
    usual: dict[str, str | int | bool] = {
        "bootstrap.servers": bootstrap_servers,
        "log_level": 0,
        "linger.ms": 5,
        "message.max.bytes": LARGEST,
    }
    return Producer({**usual, **(properties or {})})


def produce(
    bootstrap_servers: str, records: Iterable[KeyedRecord], properties: Properties | None = None
) -> None:
    """Write them, in their order."""
    using = producer(bootstrap_servers, properties)
    send(using, records)
    assert using.flush(_PATIENCE) == 0, "records are still waiting to be sent"


def send(using: Producer, records: Iterable[KeyedRecord]) -> None:
    """Hand them to a producer, in their order."""
    for record in records:
        using.produce(
            record.topic,
            value=record.value,
            key=record.key,
            partition=record.partition,
            timestamp=record.recorded_ms,
            headers=list(record.headers),
        )
        using.poll(0)


def expectation(records: list[RawRecord], rules: Rules) -> Expectation:
    """What these records, read by other means than the oracle's own, are to become."""
    return Expectation(records, rules, expected_tables(records, rules))


def read_committed(bootstrap_servers: str, topics: Iterable[str]) -> list[RawRecord]:
    """All records that are not part of an open or an aborted transaction.

    Offsets have gaps then, so each partition is read until the broker says that it ends.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 10,
            "log_level": 0,
        }
    )
    reading = {
        (topic, number)
        for topic in topics
        for number in consumer.list_topics(topic, timeout=_PATIENCE).topics[topic].partitions
    }
    consumer.assign([TopicPartition(topic, number, 0) for topic, number in reading])
    found: list[RawRecord] = []
    while reading:
        batch = consumer.consume(1000, timeout=0.2)
        ends = [m for m in batch if _is_end(m)]
        reading -= {(str(m.topic()), m.partition() or 0) for m in ends}
        found += [_raw(message) for message in batch if not _is_end(message)]
    consumer.close()
    return sorted(found, key=lambda record: record.coordinates)


def _is_end(message: Message) -> bool:
    error = message.error()
    assert error is None or error.code() == KafkaError._PARTITION_EOF, error
    return error is not None


def _raw(message: Message) -> RawRecord:
    return RawRecord(
        str(message.topic()),
        message.partition() or 0,
        message.offset() or 0,
        message.key(),
        message.value(),
        (),
        message.timestamp()[1],
    )
