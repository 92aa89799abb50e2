"""What a partition is read with: librdkafka from C where that was built, else confluent_kafka."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Position

from dataflows.broker import PATIENCE
from native.kafka_client import KafkaClient, can_read_in_c
from schemas.events import Record, TopicPartition


class Fetch(NamedTuple):
    """What a client handed out at once."""

    records: Sequence[Record] = ()
    told: Sequence[tuple[KafkaError, int]] = ()
    """Errors and ends of the partition, in the order they came, with their offsets."""
    ends_last: bool = False
    """Whether one of those came last, and not a record."""


class Client(Protocol):
    """Reads one partition, in offset order."""

    def fetch(self, most: int) -> Fetch:
        """What is there already, at most so many records; never waits."""

    def close(self) -> None:
        """Stop reading; records that were handed out stay readable."""


class PlainClient:
    """Makes an object of every record."""

    def __init__(self, properties: Mapping[str, Any], source: TopicPartition, start: int) -> None:
        self._consumer = Consumer(dict(properties))
        self._consumer.assign([Position(*source, start)])

    def fetch(self, most: int) -> Fetch:
        """See `Client`."""
        found = self._consumer.consume(most, 0)
        records = [message for message in found if message.error() is None]
        if len(records) == len(found):
            return Fetch(records)
        errors = ((message.error(), message.offset() or 0) for message in found)
        told = [(error, offset) for error, offset in errors if error is not None]
        return Fetch(records, told, found[-1].error() is not None)

    def close(self) -> None:
        """See `Client`."""
        self._consumer.close()


class CompiledClient:
    """Leaves records where librdkafka has them, for C to read."""

    def __init__(self, properties: Mapping[str, Any], source: TopicPartition, start: int) -> None:
        own = dict(properties)
        self._complain = own.pop("error_cb", None)
        self._client = KafkaClient(own, source, start)

    def fetch(self, most: int) -> Fetch:
        """See `Client`."""
        found = self._client.fetch(most)
        complaint = self._client.complaint()
        if complaint is not None and self._complain is not None:
            self._complain(KafkaError(*complaint))
        if found is None:
            return Fetch()
        told = [(KafkaError(code, words), offset) for code, words, offset in found.told()]
        return Fetch(found.records(), told, bool(found.struct.ends_last))

    def close(self) -> None:
        """See `Client`."""
        self._client.close()


def client_of(properties: Mapping[str, Any], source: TopicPartition, start: int) -> Client:
    """A client that reads a partition from `start` on.

    Properties are librdkafka's, and `error_cb`, which is told of brokers in trouble.
    """
    made = CompiledClient if can_read_in_c() else PlainClient
    return made(properties, source, start)


def ends_of(properties: Mapping[str, Any], source: TopicPartition) -> tuple[int, int] | None:
    """Where the broker says that a partition begins and ends; None where it does not say."""
    asker = Consumer(dict(properties))
    try:
        return asker.get_watermark_offsets(Position(*source), PATIENCE)
    except KafkaException:
        return None
    finally:
        asker.close()
