import logging
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Message, Producer
from confluent_kafka.admin import AdminClient

from config.errors import ConfigurationError
from config.kafka import (
    KafkaSettings,
    Properties,
    client_properties,
    consumer_properties,
    producer_properties,
)
from config.librdkafka import CONSUMER_ONLY, PRODUCER_ONLY, refuse_unusable_properties

FOR_ALL_CLIENTS: Properties = {
    "client.id": "chatflow",
    "fetch.min.bytes": 10,
    "isolation.level": "read_uncommitted",
    "compression.type": "lz4",
    "request.timeout.ms": 1000,
}


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    """Address of librdkafka's own broker, whose topics have four partitions."""
    host = Producer({"test.mock.num.brokers": 1})
    (member,) = host.list_topics(timeout=10).brokers.values()
    yield f"{member.host}:{member.port}"
    host.flush()


def fnv1a_partition(key: bytes, partitions: int) -> int:
    """What the chat server's client computes: the absolute value of a signed 32-bit FNV-1a."""
    value = 0x811C9DC5
    for byte in key:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return min(value, 2**32 - value) % partitions


def partition_of(producer: Producer, key: bytes) -> int | None:
    delivered: list[Message] = []
    producer.produce("t", b"", key=key, on_delivery=lambda _, message: delivered.append(message))
    producer.flush(10)
    return delivered[0].partition()


def test_keys_land_where_the_chat_server_puts_them(broker: str) -> None:
    assert fnv1a_partition(b"user-uuid", 3) == 0
    assert fnv1a_partition(b"group-uuid", 3) == 1
    producer = Producer(producer_properties(KafkaSettings(brokers=[broker])))
    keys = [b"user-uuid", b"group-uuid", b"a", b"b", b"c", b"d", b"e"]
    landed = [partition_of(producer, key) for key in keys]
    assert landed == [fnv1a_partition(key, 4) for key in keys]


def test_producer_settings_reach_librdkafka_in_its_words() -> None:
    properties = producer_properties(KafkaSettings(brokers=["a:1", "b:2"]))
    assert properties == {
        "bootstrap.servers": "a:1,b:2",
        "acks": "all",
        "retries": 3,
        "batch.size": 16384,
        "linger.ms": 1,
        "queue.buffering.max.kbytes": 32768,
        "message.max.bytes": 16777216,
        "partitioner": "fnv1a_random",
    }


def test_consumer_neither_commits_nor_chooses_a_start() -> None:
    properties = consumer_properties(KafkaSettings())
    assert properties["group.id"] == "chat-consumer-group"
    assert properties["enable.auto.commit"] is False
    assert properties["enable.auto.offset.store"] is False
    assert properties["auto.offset.reset"] == "error"


def test_properties_win_over_what_the_flow_sets() -> None:
    kafka = KafkaSettings(
        properties={"queued.max.messages.kbytes": 99, "message.max.bytes": 5000, "partitioner": "x"}
    )
    assert consumer_properties(kafka)["queued.max.messages.kbytes"] == 99
    assert producer_properties(kafka)["message.max.bytes"] == 5000
    assert producer_properties(kafka)["partitioner"] == "x"


@pytest.mark.parametrize(
    ("properties", "least"),
    [
        ({}, 65_536),
        ({"fetch.message.max.bytes": 32_768}, 1),
        ({"max.partition.fetch.bytes": 32_768}, 1),
        ({"fetch.wait.max.ms": 5000}, 1),
        ({"fetch.wait.max.ms": 5000, "fetch.min.bytes": 7}, 7),
    ],
)
def test_a_fetch_waits_for_much_only_where_much_may_come_soon(
    properties: Properties, least: int
) -> None:
    found = consumer_properties(KafkaSettings(properties=properties))
    assert found["fetch.min.bytes"] == least
    if not properties:
        assert int(found["fetch.min.bytes"]) <= int(found["fetch.message.max.bytes"])


def test_no_client_is_warned_about_properties_of_another(caplog: pytest.LogCaptureFixture) -> None:
    kafka = KafkaSettings(brokers=["127.0.0.1:1"], properties=FOR_ALL_CLIENTS)
    logger = logging.getLogger("librdkafka-under-test")
    consumer = Consumer(consumer_properties(kafka), logger=logger)
    producer = Producer(producer_properties(kafka), logger=logger)
    admin = AdminClient(client_properties(kafka), logger=logger)
    for client in (consumer, producer, admin):
        client.poll(0.1)
    consumer.close()
    assert "CONFWARN" not in caplog.text
    assert "FAIL" in caplog.text  # the log is heard: nobody listens on that port


def test_every_client_gets_the_properties_that_concern_it() -> None:
    kafka = KafkaSettings(properties=FOR_ALL_CLIENTS)
    for build, foreign in (
        (client_properties, CONSUMER_ONLY | PRODUCER_ONLY),
        (consumer_properties, PRODUCER_ONLY),
        (producer_properties, CONSUMER_ONLY),
    ):
        assert FOR_ALL_CLIENTS.keys() - foreign <= build(kafka).keys()
        assert not build(kafka).keys() & foreign


def test_properties_that_librdkafka_accepts_pass() -> None:
    refuse_unusable_properties(FOR_ALL_CLIENTS)


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"fetch.min.byte": 1}, 'No such configuration property: "fetch.min.byte"'),
        ({"security.protocol": "tls"}, '"security.protocol"'),
        ({"error_cb": "x"}, "error_cb"),
        ({"security.protocol": "ssl", "ssl.key.pem": "hunter2"}, "ssl.key.pem"),
        ({"sasl.pasword": "hunter2"}, "sasl.pasword"),
    ],
    ids=["name", "value", "callback", "key", "misspelt secret"],
)
def test_properties_that_librdkafka_refuses_are_named(properties: Properties, words: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^kafka\.properties: ") as refused:
        refuse_unusable_properties(properties)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)
