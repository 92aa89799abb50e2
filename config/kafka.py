"""The `kafka:` section, and what it says in librdkafka's words."""

import itertools
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.forms import Acks, Broker, TopicName
from config.librdkafka import CONSUMER_ONLY, OWNED, PRODUCER_ONLY, PropertyValue
from config.section import Section

_MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A chat server publishes records up to 10 MiB (a file inside a message); this leaves room."""

Properties = dict[str, PropertyValue]


def _not_owned(name: str) -> str:
    if name in OWNED:
        raise ValueError(f"cannot be set here: {OWNED[name]}")
    return name


def _scalar(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise ValueError("must be text, a number, true or false")
    return value


class TopicsSettings(Section):
    """The topics the chat server publishes to."""

    chat_messages: TopicName = "chat-messages"
    """Messages from user to user, and those to groups."""

    user_events: TopicName = "user-events"
    """Users coming online, going offline, typing."""

    group_messages: TopicName = "group-messages"
    """Messages to groups, and what happens to groups."""

    @property
    def names(self) -> tuple[str, str, str]:
        """The three topics, in the order of the settings."""
        return self.chat_messages, self.user_events, self.group_messages

    @model_validator(mode="after")
    def _distinct(self) -> "TopicsSettings":
        for (key, topic), (other, same) in itertools.combinations(self, 2):
            if topic == same:
                raise ValueError(f"kafka.topics.{key} and kafka.topics.{other} must differ")
        return self


class ConsumerSettings(Section):
    """How the topics are read."""

    group_id: str = Field(default="chat-consumer-group", min_length=1)
    """The group whose committed offsets show the flow's lag."""

    auto_offset_reset: Literal["latest", "earliest"] = "latest"
    """Where a partition with no stored position starts."""

    stop_at_end: bool = False
    """Read to the end offsets seen at start, then finish: for backfills, tests, benchmarks."""


class ProducerSettings(Section):
    """How dead letters and simulated traffic are written."""

    acks: Acks = "all"
    """How many replicas confirm a record: all in sync, none, or the leader."""

    retries: int = Field(default=3, ge=0)
    """How often a failed send is repeated."""

    batch_size: int = Field(default=16384, ge=1)
    """Most bytes in one batch to a partition."""

    linger_ms: int = Field(default=1, ge=0, le=900_000)
    """How many milliseconds a batch waits to fill."""

    buffer_memory: int = Field(default=33554432, ge=1024)
    """Most bytes waiting to be sent."""


class KafkaSettings(Section):
    """Brokers, topics and clients."""

    brokers: list[Broker] = Field(default=["localhost:9092"], min_length=1)
    """Where to connect first; the cluster names the other brokers."""

    topics: TopicsSettings = TopicsSettings()
    consumer: ConsumerSettings = ConsumerSettings()
    producer: ProducerSettings = ProducerSettings()

    properties: dict[
        Annotated[str, AfterValidator(_not_owned)],
        Annotated[PropertyValue, BeforeValidator(_scalar)],
    ] = Field(default_factory=dict, repr=False)
    """Settings of librdkafka by their own names (TLS, SASL, fetch tuning), for every client.

    They win over what the flow sets, except those it depends on, which are refused. One of them is
    the variable `CHAT_KAFKA__PROPERTIES__SASL_PASSWORD` for `sasl.password`, several are a JSON
    object in `CHAT_KAFKA__PROPERTIES`.
    """


def client_properties(kafka: KafkaSettings) -> Properties:
    """Say to librdkafka how any client, such as an admin client, reaches the cluster."""
    shared = _without(kafka.properties, CONSUMER_ONLY | PRODUCER_ONLY)
    return {"bootstrap.servers": ",".join(kafka.brokers), **shared}


_FETCHES = {"fetch.message.max.bytes", "max.partition.fetch.bytes", "fetch.wait.max.ms"}


def consumer_properties(kafka: KafkaSettings) -> Properties:
    """Say to librdkafka how a consumer with assigned partitions reads.

    It neither commits nor chooses a start by itself: positions are the flow's.
    """
    return {
        **client_properties(kafka),
        "group.id": kafka.consumer.group_id,
        # Offsets are committed by the flow, after what was read is stored.
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        # The end of a partition is seen as it is reached: alignment and stop_at_end need it.
        "enable.partition.eof": True,
        # A stored position that the broker no longer has is a gap: an error, not a silent jump.
        "auto.offset.reset": "error",
        # A larger record arrives all the same: brokers hand out at least one batch of a partition
        # (KIP-74). Each consumer has a fetch of this size under way: more is memory for nothing.
        "fetch.message.max.bytes": 256 * 1024,
        # 64 MiB a consumer by default, which is gigabytes beside many other consumers. What one
        # record takes in the queue is twice its length; the flow is as fast with this as with
        # 16 MiB.
        "queued.max.messages.kbytes": 512,
        # After an outage all partitions are read on within this time; 10 s by default.
        "reconnect.backoff.max.ms": 2000,
        # A queue this short is empty long before the second for which librdkafka pauses when it is
        # full.
        "fetch.queue.backoff.ms": 10,
        # A fetch is answered when there is this much, or after this time, which bounds the wait for
        # a new record. By default every batch of a producer is answered at once: a request for each
        # and for each partition, and brokers of live traffic are busy with little else.
        # Not for who sets these: with less a partition than this much, or a longer wait, each fetch
        # of a backlog would last as long as that.
        "fetch.min.bytes": 1 if _FETCHES & kafka.properties.keys() else 64 * 1024,
        "fetch.wait.max.ms": 100,
        **_without(kafka.properties, PRODUCER_ONLY),
    }


def producer_properties(kafka: KafkaSettings) -> Properties:
    """Say to librdkafka how a producer writes."""
    return {
        **client_properties(kafka),
        "acks": kafka.producer.acks,
        "retries": kafka.producer.retries,
        "batch.size": kafka.producer.batch_size,
        "linger.ms": kafka.producer.linger_ms,
        "queue.buffering.max.kbytes": kafka.producer.buffer_memory // 1024,
        # 1 MB by default; the topic's max.message.bytes has the last word.
        "message.max.bytes": _MAX_RECORD_BYTES,
        # The chat server's client hashes keys like this and spreads records without a key.
        "partitioner": "fnv1a_random",
        **_without(kafka.properties, CONSUMER_ONLY),
    }


def _without(properties: Properties, names: frozenset[str]) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}
