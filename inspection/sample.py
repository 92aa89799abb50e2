"""What was read of the topics: each record as a few facts, without what people wrote."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from config.kafka import TopicsSettings
from inspection.forms import Form, form_of
from schemas.decoding import Event, decode_all
from schemas.events import ChatMessage, Record, TopicPartition, UserEvent

_LOG_APPEND = 2
"""Kind of a record timestamp that the broker set, not the producer."""


class Observed(msgspec.Struct, frozen=True, gc=False):
    """One record."""

    source: TopicPartition
    offset: int
    recorded_at: int
    stamped_by_broker: bool
    key: bytes | None
    size: int
    """Bytes of key and value."""
    digest: int
    """The same for the same value, within this process."""
    form: Form
    event: Event | None
    """What it says, without the content of a message; None where nobody can decode it."""
    reason: str
    """Why nobody can, else empty."""


class PartitionSample(msgspec.Struct, frozen=True):
    """What was read of one partition, in offset order."""

    source: TopicPartition
    low: int
    """The first offset that the broker has."""
    high: int
    """The offset after the last record there was."""
    first: int
    """Where reading began."""
    end: int
    """Where it was to end."""
    records: Sequence[Observed] = ()
    finished: bool = True
    """Whether everything asked for was read in time."""

    @property
    def reaches_the_end(self) -> bool:
        """Whether nothing newer was in the partition."""
        return self.finished and self.end >= self.high

    @property
    def is_from_the_beginning(self) -> bool:
        """Whether nothing was ever in the partition before what was read."""
        return self.first == 0


@dataclass(frozen=True)
class Sample:
    """What was read of the three topics."""

    topics: TopicsSettings
    partitions: Sequence[PartitionSample]

    @cached_property
    def records(self) -> Sequence[Observed]:
        """Of all partitions, one after the other."""
        return [record for partition in self.partitions for record in partition.records]

    @cached_property
    def messages(self) -> Sequence[tuple[Observed, ChatMessage]]:
        """Records that are messages."""
        return [(it, it.event) for it in self.records if isinstance(it.event, ChatMessage)]

    @cached_property
    def user_events(self) -> Sequence[tuple[Observed, UserEvent]]:
        """Records that are user events."""
        return [(it, it.event) for it in self.records if isinstance(it.event, UserEvent)]

    @property
    def direct(self) -> Sequence[tuple[Observed, ChatMessage]]:
        """Messages to one user."""
        return [(it, message) for it, message in self.messages if message.group_id is None]

    def of(self, topic: str) -> Iterator[PartitionSample]:
        """The partitions of a topic."""
        return (each for each in self.partitions if each.source.topic == topic)


def observed(record: Record, source: TopicPartition, tolerance: int) -> Observed:
    """The facts of a record; `tolerance` is as for `decode_all`."""
    value, key = record.value(), record.key()
    kind, recorded_at = record.timestamp()
    found = decode_all((record,), source, tolerance)
    event: Event | None = None
    for message in found.messages:
        event = msgspec.structs.replace(message, content="", file_name=None)
    for user_event in found.user_events:
        event = user_event
    return Observed(
        source,
        record.offset() or 0,
        recorded_at,
        kind == _LOG_APPEND,
        key,
        len(value or b"") + len(key or b""),
        hash(value),
        form_of(value),
        event,
        "".join(letter.reason for letter in found.letters),
    )


def observe(records: Iterable[Record], source: TopicPartition, tolerance: int) -> list[Observed]:
    """The facts of records of one partition, in their order."""
    return [observed(record, source, tolerance) for record in records]
