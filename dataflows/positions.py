"""Where a partition may be read on: rules on positions, and words about those that are not."""

import logging
from collections.abc import Mapping, Sequence

from config.errors import ChatflowError
from schemas.events import TopicPartition

log = logging.getLogger(__name__)


class SourceError(ChatflowError):
    """A partition cannot be read on."""


def refuse_gap(source: TopicPartition, start: int, low: int, high: int) -> None:
    """Stop where the broker has not, or not any more, what comes next.

    Raises:
        SourceError: `start` is not between the first offset it has and the one after the last.
    """
    place = f"{source.topic} [{source.partition}]"
    if start > high:
        raise SourceError(
            f"{place} was read up to offset {start}, but the broker ends at {high}: the topic was"
            " deleted and created again, or this is another cluster. Use another store.url for"
            " the new topic"
        )
    if start < low:
        raise SourceError(
            f"{place} was read up to offset {start}, but the broker has deleted everything below"
            f" {low}: {low - start} records are lost to this flow. To go on without them, set the"
            f" partition's next_offset to {low} in kafka_offsets"
        )


def tell_unread(marks: Mapping[TopicPartition, int], topics: Sequence[str]) -> None:
    """Say which topics were read before and are not any more; their marks wait for them."""
    for topic in sorted({source.topic for source in marks} - set(topics)):
        offsets = {
            source.partition: offset
            for source, offset in sorted(marks.items())
            if source.topic == topic
        }
        log.warning(
            "the topic %s was read before and is not under kafka.topics any more: its rows and"
            " marks stay, and what still waits for its turn waits on. When it is named again, it"
            " is read on from %s",
            topic,
            ", ".join(f"[{partition}] {offset}" for partition, offset in offsets.items()),
            extra={"topic": topic},
        )
