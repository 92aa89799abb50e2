"""Records of partitions between two offsets, read without joining a group or committing to one."""

import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as Position

from config.errors import ChatflowError
from config.kafka import Properties
from schemas.events import TopicPartition

_QUESTION = 10.0
"""Seconds to wait for where a partition begins and ends."""
_TURN = 0.1
_AT_ONCE = 500
_YOUNG = frozenset(
    {
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_PARTITION,
    }
)
"""What brokers say of a partition that they have just made or moved."""
_PASSING = frozenset({KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT})


class Span(NamedTuple):
    """What of a partition is to be read: from `first`, up to but without `end`."""

    source: TopicPartition
    first: int
    end: int


class SpanReader:
    """A consumer for bounded reads; inside a `with` block.

    It assigns partitions by itself and stores no offsets, so a group that is named in the
    properties neither gets a member nor hears of a position.

    Raises:
        ChatflowError: The broker does not answer, or does not let the partition be read.
    """

    def __init__(self, properties: Properties) -> None:
        # What the broker deletes before it is read is not missed: reading begins behind it.
        needed = {"enable.partition.eof": True, "auto.offset.reset": "earliest"}
        self._consumer = Consumer({"log_level": 0, **properties, **needed})
        self.unread: frozenset[TopicPartition] = frozenset()
        """The partitions that the last `read` did not finish in time."""

    def whole(self, source: TopicPartition) -> Span:
        """All that the broker has of a partition now.

        With `read_committed`, as a reader sees it: up to the first transaction that is still open.
        """
        deadline = time.monotonic() + _QUESTION
        while True:
            try:
                found: Sequence[int] | None = self._consumer.get_watermark_offsets(
                    Position(*source), timeout=_QUESTION
                )
            except KafkaException as error:
                reason = error.args[0]
                if reason.code() not in _YOUNG or time.monotonic() > deadline:
                    raise _silent(source, reason.str()) from error
                time.sleep(_TURN)
                continue
            if found is None:
                raise _silent(source, "no answer in time")
            return Span(source, found[0], found[1])

    def offset_at(self, source: TopicPartition, instant: int) -> int | None:
        """The first offset recorded at or after an instant (ms since 1970); None: there is none."""
        try:
            (found,) = self._consumer.offsets_for_times(
                [Position(*source, instant)], timeout=_QUESTION
            )
        except KafkaException as error:
            raise _silent(source, error.args[0].str()) from error
        return found.offset if found.offset >= 0 else None

    def read(self, spans: Sequence[Span], patience: float) -> Iterator[Message]:
        """The records of the spans, each partition's in offset order.

        Gives up when nothing has come for `patience` seconds of waiting.
        """
        left = {span.source: span for span in spans if span.first < span.end}
        self.unread = frozenset(left)
        self._consumer.assign([Position(*each.source, each.first) for each in left.values()])
        waited = 0.0
        while left and waited < patience:
            asked = time.monotonic()
            found = self._consumer.consume(_AT_ONCE, _TURN)
            waited = 0.0 if found else waited + time.monotonic() - asked
            for message in found:
                source = TopicPartition(message.topic() or "", message.partition() or 0)
                span = left.get(source)
                if span is None:
                    continue
                if (error := message.error()) is not None:
                    if _ends(span, error):
                        del left[source]
                    continue
                after = (message.offset() or 0) + 1
                if after <= span.end:
                    yield message
                if after >= span.end:
                    del left[source]
            self.unread = frozenset(left)
        self._consumer.unassign()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._consumer.close()


def _ends(span: Span, error: KafkaError) -> bool:
    """Whether nothing more is to be read; what passes by itself is waited for."""
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    if error.retriable() or error.code() in _PASSING:
        return False
    place = _place(span.source)
    raise ChatflowError(f"{place} cannot be read from offset {span.first}: {error.str()}")


def _silent(source: TopicPartition, why: str) -> ChatflowError:
    return ChatflowError(f"the broker does not say where {_place(source)} ends: {why}")


def _place(source: TopicPartition) -> str:
    return f"{source.topic} [{source.partition}]"
