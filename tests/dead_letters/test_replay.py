"""Dead letters put back, on the embedded broker."""

import pytest
from typing_extensions import override

from config.kafka import KafkaSettings
from dead_letters.letter import REPLAYED_FROM, Letter
from dead_letters.markers import read_markers, topic_of
from dead_letters.reading import open_letters
from dead_letters.replay import Replayer
from inspection.partitioners import fnv1a
from tests.builders import instant
from tests.dead_letters.dead_topic import READABLE, dead_letter, dead_topics, put, put_back
from tests.sinks.dead_letters import headers_of
from traffic.embedded import EmbeddedBroker

DEAD = "chat-messages.dlq"


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> KafkaSettings:
    return dead_topics(embedded)


def letters(kafka: KafkaSettings) -> list[Letter]:
    with open_letters(kafka) as reader:
        return list(reader.read(reader.spans([DEAD])))


def test_a_record_goes_back_to_where_it_stood_as_it_was(kafka: KafkaSettings) -> None:
    other = (fnv1a(b"bob", 3) + 1) % 3  # not where its key would take it
    put(kafka, dead_letter(4), partition=other)
    with Replayer(kafka, DEAD) as replayer:
        replayer.replay(letters(kafka))
    (found,) = put_back(kafka)
    assert (found.partition(), found.key(), found.value()) == (other, b"bob", READABLE)
    assert found.timestamp()[1] == instant(4)
    assert headers_of(found) == [
        ("trace", b"\xff1"),
        (REPLAYED_FROM, f"chat-messages/{other}/4".encode()),
    ]


def test_what_was_replayed_is_known_to_the_next_replay(kafka: KafkaSettings) -> None:
    put(kafka, dead_letter(4), dead_letter(5))
    first, second = letters(kafka)
    with Replayer(kafka, DEAD) as replayer:
        replayer.replay([first])
    with Replayer(kafka, DEAD) as again:
        done = set(again.done)
    assert done == {first.entry.origin} == read_markers(kafka, DEAD)
    assert second.entry.origin not in done


def test_an_error_in_the_middle_leaves_nothing_behind(kafka: KafkaSettings) -> None:
    put(kafka, dead_letter(4))
    (found,) = letters(kafka)

    class Interrupted(Replayer):
        @override
        def _commit(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Interrupted(kafka, DEAD) as replayer:
        replayer.replay([found])
    assert read_markers(kafka, DEAD) == set()


def test_the_flow_does_not_take_markers_for_dead_letters(kafka: KafkaSettings) -> None:
    put(kafka, dead_letter(4))
    with Replayer(kafka, DEAD) as replayer:
        replayer.replay(letters(kafka))
    assert len(letters(kafka)) == 1
    assert topic_of(DEAD) not in (f"{name}.dlq" for name in kafka.topics.names)
