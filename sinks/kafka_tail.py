"""What an earlier execution wrote to the dead-letter topics, read from their ends."""

import time
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as Position

from config.errors import ChatflowError
from config.kafka import Properties
from schemas.events import TopicPartition

_TAIL = 10_000
"""Records looked at from the end of each dead-letter partition."""
_PATIENCE = 30.0
"""Seconds for reading all of them."""
_AT_ONCE = {"fetch.min.bytes": 1, "fetch.wait.max.ms": 5}
"""That a partition has ended is said by the answer to a fetch, which hardly waits here.

Whatever `kafka.properties` say: nothing but the time of a start depends on it.
"""


class DeadLetterError(ChatflowError):
    """The brokers do not take or give dead letters; going on would lose or repeat some."""


def published(
    properties: Properties, partitions: Mapping[str, int], name: str
) -> dict[TopicPartition, set[int]]:
    """For each source partition, the offsets of the newest dead letters that `name` wrote.

    Raises:
        DeadLetterError: The brokers do not answer, or not in time.
    """
    brokers = properties["bootstrap.servers"]
    consumer = Consumer({**properties, **_AT_ONCE})
    try:
        ends = _assign_tails(consumer, partitions)
        found: dict[TopicPartition, set[int]] = {}
        deadline = time.monotonic() + _PATIENCE
        while ends and time.monotonic() < deadline:
            for message in consumer.consume(1000, 0.01):
                error = message.error()
                if error is not None and error.code() == KafkaError._PARTITION_EOF:
                    ends.discard((message.topic(), message.partition()))
                elif error is None and (place := _provenance(message, name)) is not None:
                    source, offset = place
                    found.setdefault(source, set()).add(offset)
        if ends:
            raise DeadLetterError(
                f"the ends of the dead-letter topics {', '.join(partitions)} could not be read"
                f" at {brokers} within {_PATIENCE:.0f} s: check that the brokers run"
            )
        return found
    except KafkaException as error:
        raise DeadLetterError(
            f"the dead-letter topics {', '.join(partitions)} at {brokers} cannot be read:"
            f" {error.args[0].str()}"
        ) from error
    finally:
        consumer.close()


def _assign_tails(
    consumer: Consumer, partitions: Mapping[str, int]
) -> set[tuple[str | None, int | None]]:
    positions = []
    for topic, count in partitions.items():
        for partition in range(count):
            low, high = consumer.get_watermark_offsets(Position(topic, partition), timeout=10)
            if high > low:
                positions.append(Position(topic, partition, max(low, high - _TAIL)))
    consumer.assign(positions)
    return {(position.topic, position.partition) for position in positions}


_KEYS = ("connector.name", "topic", "partition", "offset")


def _provenance(message: Message, name: str) -> tuple[TopicPartition, int] | None:
    found = message.headers() or ()
    headers = dict(found)
    said = {key: _text(headers.get(f"__connect.errors.{key}")) for key in _KEYS}
    if said["connector.name"] != name:
        return None
    try:
        source = TopicPartition(said["topic"], int(said["partition"]))
        return source, int(said["offset"])
    except ValueError:
        return None


def _text(value: bytes | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return value.decode(errors="replace")
