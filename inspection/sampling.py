"""Reads the sample: bounded, without a group, and without writing anything."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from config.kafka import KafkaSettings, consumer_properties
from inspection.sample import Observed, PartitionSample, Sample, observed
from schemas.events import TopicPartition
from sinks.kafka_span import Span, SpanReader

MOST_BYTES = 512 * 2**20
"""Of one sample: records can have 10 MiB each."""


_SILENCE = 10.0
"""Seconds without a record after which nothing more is waited for."""


@dataclass(frozen=True)
class Extent:
    """What is sampled of each partition."""

    records: int
    """At most."""
    start: Literal["newest", "beginning", "since"] = "newest"
    since: int = 0
    """With `since`: the record timestamp to begin at, ms since 1970 UTC."""
    patience: float = 60.0
    """Seconds in which everything is to be read; what is not, is left out."""


def take_sample(
    kafka: KafkaSettings,
    partitions: Mapping[str, int],
    extent: Extent,
    tolerance: int,
    *,
    finds_times: bool = True,
) -> Sample:
    """Read the three topics as far as they are there.

    `partitions` is by topic. Without `finds_times`, brokers cannot say which offset an instant
    has, and a sample since an instant is read from the beginning.

    Raises:
        ChatflowError: The brokers stop answering, or do not let a topic be read.
    """
    sources = [
        TopicPartition(topic, number)
        for topic in kafka.topics.names
        for number in range(partitions.get(topic, 0))
    ]
    with SpanReader(consumer_properties(kafka)) as reader:
        wholes = [reader.whole(source) for source in sources]
        spans = [_span(reader, whole, extent, finds_times=finds_times) for whole in wholes]
        found, cut = _read(reader, spans, extent, tolerance)
        unread = reader.unread
    return Sample(
        kafka.topics,
        tuple(
            PartitionSample(
                span.source,
                whole.first,
                whole.end,
                span.first,
                span.end,
                found[span.source],
                finished=not cut and span.source not in unread,
            )
            for whole, span in zip(wholes, spans, strict=True)
        ),
    )


def _span(reader: SpanReader, whole: Span, extent: Extent, *, finds_times: bool) -> Span:
    source, low, high = whole
    if extent.start == "newest":
        return Span(source, max(low, high - extent.records), high)
    first = low
    if extent.start == "since" and finds_times:
        found = reader.offset_at(source, extent.since)
        first = high if found is None else max(low, found)
        return Span(source, first, min(high, first + extent.records))
    if extent.start == "since":
        return Span(source, first, high)
    return Span(source, first, min(high, first + extent.records))


def _read(
    reader: SpanReader, spans: Iterable[Span], extent: Extent, tolerance: int
) -> tuple[Mapping[TopicPartition, list[Observed]], bool]:
    """The facts of what was read, and whether it was too much, or too slow, for all of it."""
    found: dict[TopicPartition, list[Observed]] = defaultdict(list)
    room = MOST_BYTES
    deadline = time.monotonic() + extent.patience
    for message in reader.read(list(spans), min(extent.patience, _SILENCE)):
        source = TopicPartition(message.topic() or "", message.partition() or 0)
        facts = observed(message, source, tolerance)
        if extent.start == "since" and facts.recorded_at < extent.since:
            continue
        if len(found[source]) < extent.records:
            found[source].append(facts)
        room -= facts.size
        if room < 0 or time.monotonic() > deadline:
            return found, True
    return found, False
