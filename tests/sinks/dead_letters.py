"""The sink of dead letters as the engine uses it, and what it wrote."""

from collections.abc import Sequence

from confluent_kafka import Message

from config.kafka import KafkaSettings, consumer_properties, producer_properties
from schemas.events import DeadLetter, DeadLetterBatch, Header, Progress, TopicPartition
from sinks.kafka import MARK, DeadLetterSink
from sinks.memory import STORE, Memory
from tests.builders import instant
from tests.places import ListPlace
from tests.traffic.reading import read_topic

PLACE = TopicPartition("chat-messages", 1)
DEAD = "chat-messages.dlq"


def sink_of(
    kafka: KafkaSettings, memory: Memory, *, name: str = "flow", partitions: int = 3
) -> DeadLetterSink:
    producer, consumer = producer_properties(kafka), consumer_properties(kafka)
    return DeadLetterSink(
        producer, consumer, memory, suffix=".dlq", name=name, partitions={DEAD: partitions}
    )


class Process:
    """The sink and the store of one process."""

    def __init__(self, kafka: KafkaSettings, place: ListPlace, **how: int | str) -> None:
        self.memory, store = place.open()
        self._store = store.build_part("store", STORE, None)
        self.part = sink_of(kafka, self.memory, **how).build_part("dead_letters", MARK, None)  # type: ignore[arg-type]

    def epoch(self, *offsets: int, source: TopicPartition = PLACE) -> None:
        """Dead letters of one epoch, written and committed with the store."""
        self.part.write_batch([batch(*offsets, source=source)])
        self.part.snapshot()
        self._store.snapshot()


def batch(*offsets: int, source: TopicPartition = PLACE) -> DeadLetterBatch:
    after = max(offsets, default=-1) + 1
    return DeadLetterBatch(Progress(source, after, None), [letter(offset) for offset in offsets])


def letter(offset: int, headers: Sequence[Header] = (), payload: bytes = b"\xff") -> DeadLetter:
    return DeadLetter(offset, instant(offset), "invalid_json", "no JSON", b"key", payload, headers)


def headers_of(found: Message) -> list[Header]:
    """The headers in their order."""
    headers = found.headers() or []
    assert isinstance(headers, list)
    return headers


def offsets_of(found: Sequence[Message]) -> list[int]:
    """Where the originals of these dead letters stood."""
    named = [dict(headers_of(message)) for message in found]
    return [int(headers["__connect.errors.offset"] or b"-1") for headers in named]


def dead(kafka: KafkaSettings) -> list[Message]:
    return read_topic(kafka.brokers[0], DEAD)
