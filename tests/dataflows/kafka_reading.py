"""What stands in the topics of the embedded broker, and what the source makes of it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from bytewax.inputs import StatefulSourcePartition
from confluent_kafka import Producer

from config.kafka import KafkaSettings
from config.settings import SourceSettings
from dataflows.reader import ReaderRules
from dataflows.source import KafkaSource
from schemas.events import RecordBatch, TopicPartition
from tests.builders import Record, instant, record

_PATIENCE = 20.0


def at(*times: float) -> list[Record]:
    """Records that say nothing but when they happened."""
    return [record({"timestamp": instant(time)}, at=time) for time in times]


def publish(kafka: KafkaSettings, logs: Mapping[TopicPartition, Iterable[Record]]) -> None:
    """Append these records to their partitions."""
    producer = Producer({"bootstrap.servers": kafka.brokers[0], "linger.ms": 0, "log_level": 0})
    for source, records in logs.items():
        for each in records:
            producer.produce(
                source.topic, each.value(), partition=source.partition, timestamp=each.recorded_at
            )
    assert not producer.flush(_PATIENCE)


@dataclass
class Reading:
    """The source of one process, polled as the engine does."""

    kafka: KafkaSettings
    marks: Mapping[TopicPartition, int] = field(default_factory=dict)
    batch_size: int = 100
    max_skew: str = "10s"
    idle_timeout: float = 0.05
    stopped: bool = False

    def __post_init__(self) -> None:
        settings = SourceSettings.model_validate({"max_skew": self.max_skew})
        rules = ReaderRules(self.batch_size, self.idle_timeout, lambda: self.stopped)
        self.source = KafkaSource(self.kafka, settings, self.marks, rules)

    def parts(self) -> dict[str, StatefulSourcePartition[RecordBatch, int]]:
        """A reader for each partition."""
        return {
            name: self.source.build_part("source", name, None) for name in self.source.list_parts()
        }

    def batches(self) -> Iterator[RecordBatch]:
        """Everything the partitions yield, in turns, until all have finished."""
        waiting = self.parts()
        deadline = time.monotonic() + _PATIENCE
        while waiting:
            for name, part in list(waiting.items()):
                try:
                    yield from part.next_batch()
                except StopIteration:
                    part.close()
                    del waiting[name]
            time.sleep(0.001)
            assert time.monotonic() < deadline, f"{', '.join(waiting)} did not finish"


def offsets(found: Iterable[RecordBatch]) -> dict[TopicPartition, list[int]]:
    """Offsets read, by partition; those without any are left out."""
    read: dict[TopicPartition, list[int]] = {}
    for batch in found:
        for each in batch.records:
            read.setdefault(batch.source, []).append(each.offset() or 0)
    return read


def take(found: Iterator[RecordBatch], wanted: int) -> list[RecordBatch]:
    """Batches until that many records have been read."""
    taken: list[RecordBatch] = []
    for batch in found:
        taken.append(batch)
        if sum(len(each.records) for each in taken) >= wanted:
            return taken
    pytest.fail(f"the source finished before {wanted} records were read")
