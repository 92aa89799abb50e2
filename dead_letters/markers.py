"""The note that a dead letter was replayed: a record of a compacted topic of its own.

The flow neither reads nor writes these topics. A marker's key is where the original stood; a
tombstone takes it back.
"""

from datetime import UTC, datetime

import msgspec
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from config.kafka import KafkaSettings, client_properties
from dead_letters.letter import Letter, Place
from dead_letters.reading import span_reader
from schemas.events import TopicPartition
from sinks.contact import connect, has_controller
from sinks.kafka_tail import DeadLetterError
from sinks.topics import await_topics, request_topics

_SUFFIX = ".replayed"
_SILENCE = 30.0


class _Marker(msgspec.Struct, frozen=True):
    replayed_at: str
    dead_letter: str


def topic_of(dead_topic: str) -> str:
    """Where the markers of a dead-letter topic stand."""
    return dead_topic + _SUFFIX


def create_missing(kafka: KafkaSettings, dead_topic: str) -> None:
    """Make the topic of the markers where it is missing: one partition, compacted.

    On return the broker that answered knows it: else markers could be taken for none. The embedded
    broker makes it when it is first written to.

    Raises:
        ChatflowError: No broker answers, or it refuses.
    """
    cluster = connect(kafka)
    name = topic_of(dead_topic)
    if not has_controller(cluster) or name in cluster.topics:
        return
    admin = AdminClient({"log_level": 0, **client_properties(kafka)})
    compacted = {"cleanup.policy": "compact"}
    request_topics(admin, [NewTopic(name, 1, replication_factor=-1, config=compacted)])
    await_topics(admin, kafka, (name,))


def read_markers(kafka: KafkaSettings, dead_topic: str) -> set[Place]:
    """Where the originals of all replayed dead letters stood.

    Raises:
        DeadLetterError: Not all of them could be read.
    """
    name = topic_of(dead_topic)
    found: set[Place] = set()
    topics = connect(kafka).topics
    if name not in topics:
        return found
    with span_reader(kafka) as reader:
        spans = [reader.whole(TopicPartition(name, number)) for number in topics[name].partitions]
        for message in reader.read(spans, _SILENCE):
            origin = Place(*msgspec.json.decode(message.key() or b"", type=tuple[str, int, int]))
            (found.add if message.value() else found.discard)(origin)
        if reader.unread:
            raise DeadLetterError(
                f"{name}, which says what was replayed, could not be read to its end: nothing came"
                f" for {_SILENCE:.0f} s; check that the brokers run"
            )
    return found


def marker(letter: Letter, now: datetime) -> tuple[bytes, bytes]:
    """Key and value of the note that it was replayed."""
    at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    value = _Marker(at, str(letter.entry.place))
    return msgspec.json.encode(letter.entry.origin), msgspec.json.encode(value)
