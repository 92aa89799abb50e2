"""Dead letters read from their topics: all of them, or one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from config.errors import ChatflowError
from config.kafka import KafkaSettings, consumer_properties
from dead_letters.letter import Letter, Place, letter_of
from schemas.events import TopicPartition
from sinks.contact import connect
from sinks.kafka_span import Span, SpanReader
from sinks.kafka_tail import DeadLetterError

_SILENCE = 30.0
"""Seconds without a record after which the brokers are given up."""


class LetterReader:
    """Reads dead-letter topics from beginning to end."""

    def __init__(
        self, reader: SpanReader, partitions: Mapping[str, int], origins: Collection[str]
    ) -> None:
        """`partitions` is of every topic there is, `origins` the topics that letters may name."""
        self._reader = reader
        self._partitions = partitions
        self._origins = origins

    def spans(self, topics: Sequence[str]) -> list[Span]:
        """All that stands in the topics now.

        Raises:
            DeadLetterError: A topic does not exist.
        """
        missing = [topic for topic in topics if topic not in self._partitions]
        if missing:
            raise DeadLetterError(
                f"there is no dead-letter topic {', '.join(missing)}: create the topics with"
                " `chatflow topics create`, or correct dead_letters.topic_suffix"
            )
        return [
            self._reader.whole(TopicPartition(topic, number))
            for topic in topics
            for number in range(self._partitions[topic])
        ]

    def read(self, spans: Sequence[Span]) -> Iterator[Letter]:
        """Every dead letter, each partition's in order.

        What names no origin, or one that the flow does not read, is left out: others may write to
        these topics, too, and nothing is ever replayed to theirs.

        Raises:
            DeadLetterError: Not everything could be read.
        """
        for message in self._reader.read(spans, _SILENCE):
            letter = letter_of(message)
            if letter is not None and letter.entry.origin.topic in self._origins:
                yield letter
        if self._reader.unread:
            names = ", ".join(sorted({source.topic for source in self._reader.unread}))
            raise DeadLetterError(
                f"the dead-letter topics {names} could not be read to their ends: nothing came for"
                f" {_SILENCE:.0f} s; check that the brokers run"
            )

    def find(self, topic: str, place: Place) -> Letter:
        """The newest dead letter at that place, or from it; `topic` is the dead-letter topic.

        Raises:
            DeadLetterError: There is none.
        """
        spans = self.spans([topic])
        if place.topic == topic:
            source = TopicPartition(topic, place.partition)
            whole = [span for span in spans if span.source == source]
            inside = any(span.first <= place.offset < span.end for span in whole)
            spans = [Span(source, place.offset, place.offset + 1)] if inside else []
        found = [
            each for each in self.read(spans) if place in (each.entry.place, each.entry.origin)
        ]
        if not found:
            raise DeadLetterError(
                f"there is no dead letter {place} in {topic}; `chatflow dlq list` says what there"
                " is, and --table asks the database, which keeps them for ever"
            )
        return found[-1]


@contextmanager
def open_letters(kafka: KafkaSettings) -> Iterator[LetterReader]:
    """A reader of the dead-letter topics of a cluster.

    Raises:
        BrokerError: No broker answers.
    """
    topics = connect(kafka).topics
    with span_reader(kafka) as reader:
        partitions = {name: len(it.partitions) for name, it in topics.items()}
        yield LetterReader(reader, partitions, kafka.topics.names)


def span_reader(kafka: KafkaSettings) -> SpanReader:
    """A reader of what is committed, whatever the settings say of it."""
    return SpanReader({**consumer_properties(kafka), "isolation.level": "read_committed"})


def source_topic(topic: str, suffix: str, kafka: KafkaSettings) -> str:
    """The topic whose dead letters somebody means, who names it or its dead-letter topic.

    Raises:
        ChatflowError: It is neither.
    """
    name = topic.removesuffix(suffix)
    if name not in kafka.topics.names:
        raise ChatflowError(
            f"{topic} is none of the topics {', '.join(kafka.topics.names)}, and no dead-letter"
            " topic of them"
        )
    return name
