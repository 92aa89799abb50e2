"""Kafka topics in, batches of records out: one source for all topics, one part a partition."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as Position
from typing_extensions import override

from config.kafka import KafkaSettings, consumer_properties
from config.settings import SourceSettings
from dataflows.alignment import Alignment
from dataflows.broker import PASSING, PATIENCE, BrokerError, Brokers
from dataflows.complaints import Complaints, quiet
from dataflows.identity import Identity, refuse_another
from dataflows.positions import refuse_gap, tell_unread
from dataflows.reach import Reach
from dataflows.reader import PartitionReader, ReaderRules
from dataflows.unread import Unread
from schemas.events import RecordBatch, TopicPartition

log = logging.getLogger(__name__)

_PAUSE = 0.1
"""Seconds until a question that found no leader is asked again."""


class KafkaSource(FixedPartitionedSource[RecordBatch, int]):
    """Read the topics, each partition from where the store says.

    Partitions are the unit of parallelism. A partition goes on at the lowest mark of all sinks,
    else where the engine's recovery store says, else (the first start) at `auto_offset_reset`.
    It never commits: see `GroupOffsets`.

    Raises:
        BrokerError: No broker answers, or a topic does not exist.
        SourceError: Records between the stored position and what the broker has are gone.
        TopicError: A topic is not the one that was read before.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        settings: SourceSettings,
        marks: Mapping[TopicPartition, int],
        rules: ReaderRules,
        share: Callable[[Iterable[TopicPartition]], Collection[TopicPartition]] = list,
    ) -> None:
        """`share` says which of all partitions this process reads."""
        self._kafka = kafka
        self._marks = marks
        self._created: Collection[str] = ()
        self.topic_ids: Mapping[str, str] = {}
        """Those of the topics that are read; known after `prepare`, where brokers give any."""
        self._reach: Reach | None = None
        self.rules = rules
        self._share = share
        self._properties: dict[str, Any] = {
            **quiet(consumer_properties(kafka)),
            "error_cb": Complaints(),
        }
        self.alignment = Alignment(settings.max_skew // timedelta(milliseconds=1))
        self._asker: Consumer | None = None
        self._readers: list[PartitionReader] = []
        self._to_read: int | None = None
        self._ends: dict[TopicPartition, tuple[int, int]] = {}

    @property
    def topics_read(self) -> set[str]:
        """The topics that were read before, whether they are to be read on or not."""
        return {source.topic for source in self._marks}

    def prepare(
        self,
        brokers: Brokers,
        topic_ids: Mapping[str, str] | None = None,
        created: Collection[str] = (),
    ) -> None:
        """Look where every partition begins and ends, before the engine starts.

        `topic_ids` are those of the topics that were read before, as far as they are known. Topics
        in `created` have been made by this start: all that is in them is new.

        Raises:
            BrokerError: No broker answers, or a topic does not exist.
            SourceError: A stored position is not among what the broker has.
            TopicError: A topic was deleted and created again since it was read.
        """
        self._created = created
        topics = self._kafka.topics.names
        partitions, facts = brokers.partitions(topics), brokers.topics(topics)
        for topic in sorted(self.topics_read & facts.keys()):
            refuse_another(topic, (topic_ids or {}).get(topic), facts[topic])
        for source in {s for s in self._marks if s.topic in topics}.difference(partitions):
            refuse_gap(source, self._marks[source], 0, 0)
        for source in partitions:
            low, high = self._ends[source] = self._offsets(source)
            if source in self._marks:
                refuse_gap(source, self._marks[source], low, high)
        tell_unread(self._marks, topics)
        self.topic_ids = {topic: found.topic_id for topic, found in facts.items()}
        self._reach = Reach(brokers, Identity(facts))

    @property
    def failure(self) -> Exception | None:
        """Why reading ended early, once everything is durable; None if it did not."""
        return self._reach.failure if self._reach is not None else None

    @property
    def finished(self) -> bool:
        """Whether nothing more will be read in this process."""
        all_are_there = len(self._readers) == self._to_read
        return all_are_there and all(reader.finished for reader in self._readers)

    @property
    def partitions(self) -> Collection[TopicPartition]:
        """All that are read, in this process or another one; known after `prepare`."""
        return self._ends.keys()

    @override
    def list_parts(self) -> list[str]:
        self.prepared()
        # The engine insists on a part for everything that its recovery folder knows.
        parts = self._share({**self._ends, **self._marks})
        self._to_read = sum(source in self._ends for source in parts)
        return [f"{topic}:{partition}" for topic, partition in parts]

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: int | None
    ) -> StatefulSourcePartition[RecordBatch, int]:
        topic, _, partition = for_part.rpartition(":")
        source = TopicPartition(topic, int(partition))
        reach = self.prepared()
        if topic not in self._kafka.topics.names:
            return Unread(self._marks.get(source, 0))
        low, high = self._ends.get(source) or self._offsets(source)
        stored = self._marks.get(source, resume_state)
        start = self._first(source, low, high) if stored is None else stored
        refuse_gap(source, start, low, high)
        end = high if self._kafka.consumer.stop_at_end else None
        log.debug("%s [%d]: reading from offset %d", topic, source.partition, start)
        reader = PartitionReader(
            self._properties, source, start, end, self.alignment, reach, self.rules
        )
        self._readers.append(reader)
        return reader

    def prepared(self) -> Reach:
        """What the brokers say meanwhile; looks first, if nobody has."""
        if self._reach is None:
            self.prepare(Brokers(self._kafka))
        assert self._reach is not None, "prepare() has made it"
        return self._reach

    def _first(self, source: TopicPartition, low: int, high: int) -> int:
        """Where a partition without a position begins.

        One that was added to a topic which is read already begins at its beginning: what came to it
        before this start came after the first one.
        """
        added = any(other.topic == source.topic for other in self._marks)
        earliest = self._kafka.consumer.auto_offset_reset == "earliest"
        return low if earliest or added or source.topic in self._created else high

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
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found: Sequence[int] | None = self._asker.get_watermark_offsets(
                    Position(*source), timeout=PATIENCE
                )
            except KafkaException as error:
                # A partition that has just been made has no leader for a moment.
                if error.args[0].code() in PASSING and time.monotonic() < deadline:
                    time.sleep(_PAUSE)
                    continue
                raise BrokerError(
                    f"the broker does not say where {source.topic} [{source.partition}] begins and"
                    f" ends: {error.args[0].str()}"
                ) from error
            if found is None:
                raise BrokerError(f"no answer about {source.topic} [{source.partition}] in time")
            return found[0], found[1]
