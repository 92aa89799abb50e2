import math
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME

from schemas.message_pb2 import Message
from tests.traffic.golden import golden
from tests.traffic.reading import kafka_at, read_topic
from traffic.embedded import EmbeddedBroker
from traffic.envelope import Metadata
from traffic.producer import ChatProducer

ALICE = "8f14e45f-ceea-467f-a0e6-000000000001"
BOB = "8f14e45f-ceea-467f-a0e6-000000000002"
GROUP = "c9f0f895-fb98-4b91-89b0-0000000000aa"


@pytest.fixture
def producer(embedded: EmbeddedBroker) -> Iterator[ChatProducer]:
    with ChatProducer(kafka_at(embedded.bootstrap_servers)) as producer:
        yield producer


def sarama_partition(key: bytes, count: int) -> int:
    """The chat server's own rule: FNV-1a as a signed number, the remainder without its sign."""
    found = 0x811C9DC5
    for byte in key:
        found = (found ^ byte) * 0x01000193 % 2**32
    signed = found - 2**32 if found >= 2**31 else found
    return abs(int(math.fmod(signed, count)))


def test_direct_message_is_the_golden_record(
    embedded: EmbeddedBroker, producer: ChatProducer
) -> None:
    expected = golden("C", "chat-messages")
    producer.send_chat_message(BOB, expected.payload, at=expected.timestamp_ms + 123, worker_id=3)
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "chat-messages")
    assert record.value() == expected.value
    assert record.key() == BOB.encode()
    assert record.timestamp() == (TIMESTAMP_CREATE_TIME, expected.timestamp_ms + 123)
    assert record.headers() is None


@pytest.mark.parametrize(("key_by", "key"), [("group", GROUP), ("sender", ALICE)])
def test_group_message_is_the_golden_record_under_either_key(
    embedded: EmbeddedBroker, producer: ChatProducer, key_by: Literal["group", "sender"], key: str
) -> None:
    expected = golden("C", "group-messages")
    producer.send_group_message(
        GROUP, ALICE, expected.payload, at=expected.timestamp_ms, key_by=key_by
    )
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "group-messages")
    assert record.value() == expected.value
    assert record.key() == key.encode()


def test_group_message_is_keyed_by_the_group_by_default(
    embedded: EmbeddedBroker, producer: ChatProducer
) -> None:
    producer.send_group_message(GROUP, ALICE, b"\x12\x01a")
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "group-messages")
    assert record.key() == GROUP.encode()


def test_user_events_are_the_golden_records(
    embedded: EmbeddedBroker, producer: ChatProducer
) -> None:
    came, went = golden("C", "online"), golden("C", "offline")
    metadata: Metadata = {
        "worker_id": 3,
        "connection_time": 1756000002,
        "client_ip": "203.0.113.7:51034",
    }
    producer.send_user_event("user_online", BOB, metadata, at=came.timestamp_ms, worker_id=3)
    producer.send_user_event("user_offline", BOB, at=went.timestamp_ms, worker_id=3)
    producer.flush()
    records = read_topic(embedded.bootstrap_servers, "user-events")
    assert [record.value() for record in records] == [came.value, went.value]
    assert {record.key() for record in records} == {BOB.encode()}


def test_message_object_and_its_bytes_are_the_same_record(
    embedded: EmbeddedBroker, producer: ChatProducer
) -> None:
    expected = golden("C", "chat-messages")
    message = Message.FromString(expected.payload)
    producer.send_chat_message(BOB, message, at=expected.timestamp_ms, worker_id=3)
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "chat-messages")
    assert record.value() == expected.value


def test_aware_datetime_of_any_zone_is_its_instant(
    embedded: EmbeddedBroker, producer: ChatProducer
) -> None:
    at = datetime(2025, 9, 1, 8, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=8)))
    producer.send_user_event("user_online", BOB, at=at)
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "user-events")
    assert record.timestamp()[1] == 1756684800250
    assert b'"timestamp":1756684800,' in (record.value() or b"")


def test_naive_datetime_is_refused(producer: ChatProducer) -> None:
    naive = datetime.now(UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        producer.send_user_event("user_online", BOB, at=naive)


def test_event_without_an_instant_happens_now(
    embedded: EmbeddedBroker, producer: ChatProducer
) -> None:
    before = time.time_ns() // 1_000_000
    producer.send_user_event("user_online", BOB)
    after = time.time_ns() // 1_000_000
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "user-events")
    assert before <= record.timestamp()[1] <= after
    written = {b'"timestamp":%d,' % (at // 1000) for at in (before, after)}
    assert any(timestamp in (record.value() or b"") for timestamp in written)


@pytest.mark.parametrize(
    ("key", "partition"),
    [
        (ALICE, 0),
        (BOB, 0),
        ("8f14e45f-ceea-467f-a0e6-000000000003", 2),
        ("user-uuid", 0),
        ("group-uuid", 1),
        ("issu6y0", 2),
    ],
    ids=["alice", "bob", "third user", "a user", "a group", "hash with no positive counterpart"],
)
def test_key_goes_to_the_partition_the_chat_server_chooses(
    embedded: EmbeddedBroker, producer: ChatProducer, key: str, partition: int
) -> None:
    producer.send_user_event("user_online", key)
    producer.flush()
    (record,) = read_topic(embedded.bootstrap_servers, "user-events")
    assert record.partition() == partition


@pytest.mark.parametrize("partitions", [1, 3, 7, 12])
def test_many_keys_go_where_the_chat_servers_client_sends_them(
    embedded: EmbeddedBroker, producer: ChatProducer, partitions: int
) -> None:
    embedded.create_topic("keys", partitions=partitions)
    numbers = random.Random(partitions)
    for _ in range(2_000):
        producer.send("keys", numbers.randbytes(numbers.randrange(1, 40)), b"", 0)
    producer.flush()
    records = read_topic(embedded.bootstrap_servers, "keys")
    assert len(records) == 2_000
    for record in records:
        assert record.partition() == sarama_partition(record.key() or b"", partitions)
