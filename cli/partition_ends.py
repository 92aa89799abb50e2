"""Where the partitions of the topics end at the broker."""

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as Position

from config.errors import ChatflowError
from config.kafka import KafkaSettings, consumer_properties
from schemas.events import TopicPartition

_PATIENCE = 8.0
"""Seconds to wait for the broker's answer."""


class PartitionEnds:
    """Asks a broker, again and again, for the end offsets of the same partitions.

    Inside a `with` block. It joins no group and reads no record.
    """

    def __init__(self, kafka: KafkaSettings, partitions: Iterable[TopicPartition]) -> None:
        # What goes wrong is told once; the client's own lines would tear a view on the terminal.
        self._asker = Consumer({"log_level": 0, **consumer_properties(kafka)})
        self._partitions = tuple(partitions)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._asker.close()

    def read(self) -> Mapping[TopicPartition, int]:
        """The offset after the last record of each.

        Raises:
            ChatflowError: The broker does not answer.
        """
        return {partition: self._end(partition) for partition in self._partitions}

    def _end(self, partition: TopicPartition) -> int:
        try:
            found: Sequence[int] | None = self._asker.get_watermark_offsets(
                Position(*partition), timeout=_PATIENCE
            )
        except KafkaException as error:
            raise _silent(partition, error.args[0].str()) from error
        if found is None:
            raise _silent(partition, "no answer in time")
        return found[1]


def _silent(partition: TopicPartition, why: str) -> ChatflowError:
    place = f"{partition.topic} [{partition.partition}]"
    return ChatflowError(f"the broker does not say where {place} ends: {why}")
