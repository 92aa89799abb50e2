"""What is sent to a partition, and what a client hands out of it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from config.kafka import consumer_properties
from dataflows.clients import Client, Fetch
from schemas.events import Record, TopicPartition
from tests.builders import CHAT
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker

PATIENCE = 20.0
_HEADERS: list[tuple[str, str | bytes | None]] = [("trace", b"\x00\xff"), ("empty", b"")]
SENT: list[dict[str, Any]] = [
    {"value": b'{"a":1}', "key": b"user-1", "timestamp": 1_700_000_000_123},
    {"value": "gr\u00fc\u00df dich".encode(), "headers": [*_HEADERS, ("none", None)]},
    {"value": None, "key": b"", "timestamp": 1},
    {"value": b"", "key": "\u00fc".encode()},
    {"value": b"x" * 100_000, "headers": [("twice", b"1"), ("twice", b"2")]},
]

Make = Callable[..., Client]


def properties(broker: EmbeddedBroker) -> dict[str, Any]:
    """Those of the flow's consumers."""
    return {**consumer_properties(kafka_at(broker.bootstrap_servers)), "log_level": 0}


def publish(broker: EmbeddedBroker, *records: dict[str, Any], to: TopicPartition = CHAT) -> None:
    """Append these to a partition."""
    producer = Producer(
        {"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 0, "log_level": 0}
    )
    for each in records:
        producer.produce(to.topic, partition=to.partition, **each)
    assert not producer.flush(PATIENCE)


def reading(client: Client, most: int = 1000) -> Iterator[Fetch]:
    """What it hands out, but for nothing; gives up after a while."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = client.fetch(most)
        if found.records or found.told:
            yield found
        else:
            time.sleep(0.005)
    pytest.fail("nothing comes any more")


def read(client: Client, wanted: int, most: int = 1000) -> list[Record]:
    """That many records, in their order."""
    records: list[Record] = []
    for found in reading(client, most):
        records += found.records
        if len(records) >= wanted:
            break
    return records


def parts(record: Record) -> tuple[object, ...]:
    """All that a record says."""
    value, key, headers = record.value(), record.key(), record.headers()
    return value, key, headers, record.offset(), record.timestamp()
