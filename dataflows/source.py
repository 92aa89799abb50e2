"""Kafka topics in, batches of records out: one source for all topics, one part a partition."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bytewax.inputs import FixedPartitionedSource
from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as Position
from typing_extensions import override

from config.kafka import KafkaSettings, consumer_properties
from config.settings import SourceSettings
from dataflows.alignment import Alignment
from dataflows.broker import PATIENCE, BrokerError, Complaints, partitions_of, quiet
from dataflows.reader import PartitionReader, ReaderRules, SourceError
from schemas.events import RecordBatch, TopicPartition

log = logging.getLogger(__name__)


class KafkaSource(FixedPartitionedSource[RecordBatch, int]):
    """Read the topics, each partition from where the store says.

    Partitions are the unit of parallelism. A partition goes on at the lowest mark of all sinks,
    else where the engine's recovery store says, else (the first start) at `auto_offset_reset`.
    It never commits: see `GroupOffsets`.

    Raises:
        BrokerError: No broker answers, or a topic does not exist.
        SourceError: Records between the stored position and what the broker has are gone.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        settings: SourceSettings,
        marks: Mapping[TopicPartition, int],
        rules: ReaderRules,
    ) -> None:
        self._kafka = kafka
        self._marks = marks
        self._rules = rules
        self._properties: dict[str, Any] = {
            **quiet(consumer_properties(kafka)),
            "error_cb": Complaints(),
        }
        self._alignment = Alignment(settings.max_skew // timedelta(milliseconds=1))
        self._asker: Consumer | None = None
        self._readers: list[PartitionReader] = []
        self._ends: dict[TopicPartition, tuple[int, int]] = {}

    def prepare(self) -> None:
        """Look where every partition begins and ends, before the engine starts.

        Raises:
            BrokerError: No broker answers, or a topic does not exist.
            SourceError: A stored position is not among what the broker has.
        """
        for source in partitions_of(self._kafka, self._kafka.topics.names):
            low, high = self._ends[source] = self._offsets(source)
            if source in self._marks:
                _refuse_gap(source, self._marks[source], low, high)

    @property
    def finished(self) -> bool:
        """Whether nothing more will be read in this process."""
        return bool(self._readers) and all(reader.finished for reader in self._readers)

    @override
    def list_parts(self) -> list[str]:
        if not self._ends:
            self.prepare()
        return [f"{topic}:{partition}" for topic, partition in self._ends]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> PartitionReader:
        topic, _, partition = for_part.rpartition(":")
        source = TopicPartition(topic, int(partition))
        low, high = self._ends.get(source) or self._offsets(source)
        stored = self._marks.get(source, resume_state)
        start = self._first(source, low, high) if stored is None else stored
        _refuse_gap(source, start, low, high)
        end = high if self._kafka.consumer.stop_at_end else None
        log.debug("%s [%d]: reading from offset %d", topic, source.partition, start)
        reader = PartitionReader(self._properties, source, start, end, self._alignment, self._rules)
        self._readers.append(reader)
        return reader

    def _first(self, source: TopicPartition, low: int, high: int) -> int:
        """Where a partition without a position begins.

        One that was added to a topic which is read already begins at its beginning: what came to it
        before this start came after the first one.
        """
        added = any(other.topic == source.topic for other in self._marks)
        earliest = self._kafka.consumer.auto_offset_reset == "earliest"
        return low if earliest or added else high

    def starts(self) -> dict[TopicPartition, int]:
        """Where the partitions without a position will begin; after `prepare`."""
        return {
            source: self._first(source, *ends)
            for source, ends in self._ends.items()
            if source not in self._marks
        }

    def _offsets(self, source: TopicPartition) -> tuple[int, int]:
        """First offset the broker has, and the one after the last."""
        if self._asker is None:
            self._asker = Consumer(self._properties)
        try:
            found: Sequence[int] | None = self._asker.get_watermark_offsets(
                Position(*source), timeout=PATIENCE
            )
        except KafkaException as error:
            raise BrokerError(
                f"the broker does not say where {source.topic} [{source.partition}] begins and"
                f" ends: {error.args[0].str()}"
            ) from error
        if found is None:
            raise BrokerError(f"no answer about {source.topic} [{source.partition}] in time")
        return found[0], found[1]


def _refuse_gap(source: TopicPartition, start: int, low: int, high: int) -> None:
    place = f"{source.topic} [{source.partition}]"
    if start > high:
        raise SourceError(
            f"{place} was read up to offset {start}, but the broker ends at {high}: the topic was"
            " deleted and created again, or this is another cluster. Use another store.url for"
            " the new topic, or delete the partition's rows from kafka_offsets to read it anew"
        )
    if start < low:
        raise SourceError(
            f"{place} was read up to offset {start}, but the broker has deleted everything below"
            f" {low}: {low - start} records are lost to this flow. To go on without them, set the"
            f" partition's next_offset to {low} in kafka_offsets"
        )
