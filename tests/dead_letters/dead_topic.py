"""Dead letters as the flow's own sink writes them, and what was put back."""

import uuid

from confluent_kafka import Message

from config.kafka import KafkaSettings, consumer_properties, producer_properties
from dead_letters.letter import Entry, Letter, Place
from dead_letters.reading import span_reader
from schemas.events import DeadLetter, Header, TopicPartition
from sinks.kafka import DeadLetterSink
from tests.builders import instant, message
from tests.places import ListPlace
from tests.traffic.reading import kafka_at
from tests.wire import wire
from traffic.embedded import EmbeddedBroker

READABLE = wire(message(text="words that nobody else may read", message_id="m1"))
"""What the flow of today can decode, whatever one of yesterday said."""
UNREADABLE = b"secret \xff"


def dead_letter(
    offset: int,
    payload: bytes | None = READABLE,
    *,
    reason: str = "invalid_payload",
    headers: tuple[Header, ...] = (("trace", b"\xff1"),),
) -> DeadLetter:
    """A dead letter of the flow."""
    return DeadLetter(offset, instant(offset), reason, "fixed words", b"bob", payload, headers)


def letter(offset: int, value: bytes | None = READABLE, *, whole: bool = True) -> Letter:
    """The same as read back from its topic."""
    entry = Entry(Place("chat", 0, offset), None, "invalid_payload", "", instant(offset))
    return Letter(entry, "flow", b"bob", value, (), whole)


def put(kafka: KafkaSettings, *letters: DeadLetter, partition: int = 1, name: str = "flow") -> None:
    """Write them as if they had stood in that partition of the topic of chat messages."""
    topic = kafka.topics.chat_messages
    memory, _ = ListPlace().open()
    sink = DeadLetterSink(
        producer_properties(kafka),
        consumer_properties(kafka),
        memory,
        suffix=".dlq",
        name=name,
        partitions={f"{topic}.dlq": 3},
    )
    source = TopicPartition(topic, partition)
    dead_topic, number = sink.place(source)
    producer = sink.writer()
    for found in letters:
        producer.produce(
            dead_topic,
            found.payload,
            found.key,
            partition=number,
            headers=sink.headers(source, found, whole=True),
            timestamp=found.recorded_at,
        )
    assert producer.flush(10) == 0


def dead_topics(broker: EmbeddedBroker) -> KafkaSettings:
    """The settings of a broker that gets its dead-letter topics."""
    kafka = kafka_at(broker.bootstrap_servers)
    for topic in kafka.topics.names:
        broker.create_topic(f"{topic}.dlq")
    return kafka


def own_topics(bootstrap_servers: str) -> KafkaSettings:
    """Topic names of one test alone, on a broker that many share."""
    own = uuid.uuid4().hex[:8]
    names = {kind: f"{kind}-{own}" for kind in ("chat_messages", "user_events", "group_messages")}
    return kafka_at(bootstrap_servers, topics=names)


def put_back(kafka: KafkaSettings) -> list[Message]:
    """What stands in the topic of chat messages, as a reader of what is committed sees it."""
    topic = kafka.topics.chat_messages
    with span_reader(kafka) as reader:
        spans = [reader.whole(TopicPartition(topic, number)) for number in range(3)]
        found = list(reader.read(spans, 10.0))
        assert not reader.unread
    return found
