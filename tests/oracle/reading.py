"""Reads topics from beginning to end with a consumer that knows nothing of the flow."""

from collections.abc import Iterable
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from tests.oracle.values import RawRecord

_PATIENCE = 20.0


def read_records(bootstrap_servers: str, topics: Iterable[str]) -> list[RawRecord]:
    """All records that the topics hold, partition by partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "oracle",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
            "fetch.message.max.bytes": 16 * 1024 * 1024,
            "log_level": 0,
        }
    )
    places = [place for topic in topics for place in _partitions(consumer, topic)]
    bounds = [consumer.get_watermark_offsets(place, timeout=_PATIENCE) for place in places]
    missing = sum(high - low for low, high in bounds)
    consumer.assign(places)
    found: list[RawRecord] = []
    while len(found) < missing:
        batch = consumer.consume(min(10_000, missing - len(found)), timeout=_PATIENCE)
        assert batch, f"{missing} records are there, only {len(found)} arrived"
        found += map(_raw, batch)
    consumer.close()
    return sorted(found, key=lambda record: record.coordinates)


def _partitions(consumer: Consumer, topic: str) -> list[TopicPartition]:
    numbers = consumer.list_topics(topic, timeout=_PATIENCE).topics[topic].partitions
    return [TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers]


def _raw(message: Message) -> RawRecord:
    assert message.error() is None, message.error()
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    headers = tuple(_headers(message))
    _, timestamp_ms = message.timestamp()
    return RawRecord(
        topic, partition, offset, message.key(), message.value(), headers, timestamp_ms
    )


def _headers(message: Message) -> list[tuple[str, bytes | None]]:
    # The client's types allow for other forms, which are for sending only.
    return cast("list[tuple[str, bytes | None]]", message.headers() or [])
