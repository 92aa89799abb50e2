"""Dead letters in their topics, on the embedded broker."""

import pytest

from config.kafka import KafkaSettings
from schemas.events import DeadLetter, DeadLetterBatch, Header, Progress
from sinks.kafka import MARK
from tests.builders import instant
from tests.places import ListPlace
from tests.sinks.dead_letters import (
    DEAD,
    PLACE,
    Process,
    batch,
    dead,
    headers_of,
    letter,
    offsets_of,
    sink_of,
)
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker

PREFIX = "__connect.errors."


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> KafkaSettings:
    embedded.create_topic(DEAD, partitions=3)
    return kafka_at(embedded.bootstrap_servers, properties={"message.timeout.ms": 5000})


def test_a_dead_letter_is_written_as_it_came(kafka: KafkaSettings) -> None:
    process = Process(kafka, ListPlace())
    found = letter(4, [("trace", b"\xff1"), ("trace", None)], b"\xff\x00")
    process.part.write_batch([DeadLetterBatch(Progress(PLACE, 5, None), [found])])
    process.part.snapshot()
    (written,) = dead(kafka)
    assert (written.value(), written.key(), written.partition()) == (b"\xff\x00", b"key", 1)
    assert written.timestamp()[1] == instant(4)
    assert headers_of(written)[:2] == [("trace", b"\xff1"), ("trace", None)]


def test_its_headers_say_where_it_stood_and_why_it_is_here(kafka: KafkaSettings) -> None:
    Process(kafka, ListPlace()).epoch(4)
    (written,) = dead(kafka)
    said = {name.removeprefix(PREFIX): value for name, value in headers_of(written)}
    assert (said["topic"], said["partition"], said["offset"]) == (b"chat-messages", b"1", b"4")
    assert said["exception.class.name"] == b"invalid_json"
    assert said["exception.message"] == b"no JSON"
    assert said["connector.name"] == b"flow"


def test_a_record_without_value_and_key_is_written_so(kafka: KafkaSettings) -> None:
    process = Process(kafka, ListPlace())
    found = DeadLetter(0, instant(0), "empty_value", "empty", None, None, ())
    process.part.write_batch([DeadLetterBatch(Progress(PLACE, 1, None), [found])])
    process.part.snapshot()
    (written,) = dead(kafka)
    assert (written.value(), written.key()) == (None, None)


def test_after_a_crash_before_the_store_committed_nothing_is_written_twice(
    kafka: KafkaSettings,
) -> None:
    place = ListPlace()
    lost = Process(kafka, place)
    lost.part.write_batch([batch(1, 3)])
    lost.part.snapshot()
    Process(kafka, place).epoch(1, 3, 4)
    assert offsets_of(dead(kafka)) == [1, 3, 4]


def test_after_a_crash_before_the_epoch_ended_nothing_is_missing_or_twice(
    kafka: KafkaSettings,
) -> None:
    place = ListPlace()
    lost = Process(kafka, place)
    lost.part.write_batch([batch(*range(50))])
    lost.part.close()
    Process(kafka, place).epoch(*range(60))
    assert offsets_of(dead(kafka)) == list(range(60))


def test_dead_letters_below_the_mark_are_not_written_again(kafka: KafkaSettings) -> None:
    place = ListPlace()
    Process(kafka, place).epoch(1, 3)
    Process(kafka, place).epoch(1, 3)
    assert offsets_of(dead(kafka)) == [1, 3]


def test_the_mark_goes_on_with_records_that_are_no_dead_letters(kafka: KafkaSettings) -> None:
    place = ListPlace()
    process = Process(kafka, place)
    process.epoch(1)
    process.part.write_batch([DeadLetterBatch(Progress(PLACE, 90, None), [])])
    process.epoch(source=PLACE._replace(partition=2))
    assert place.open()[0].marks(MARK)[PLACE] == 90


def test_a_mark_never_goes_back(kafka: KafkaSettings) -> None:
    place = ListPlace()
    Process(kafka, place).epoch(7)
    Process(kafka, place).epoch(2)
    assert place.open()[0].marks(MARK) == {PLACE: 8}


def test_what_another_flow_wrote_does_not_count(kafka: KafkaSettings) -> None:
    Process(kafka, ListPlace(), name="other").epoch(5)
    Process(kafka, ListPlace()).epoch(1, 5)
    assert sorted(offsets_of(dead(kafka))) == [1, 5, 5]


def test_what_other_programs_write_there_does_not_disturb(
    kafka: KafkaSettings,
) -> None:
    Process(kafka, ListPlace()).epoch(1)
    producer = sink_of(kafka, ListPlace().open()[0]).writer()
    odd: list[Header] = [(PREFIX + "connector.name", "flow"), (PREFIX + "offset", "x")]
    producer.produce(DEAD, b"x", partition=1, headers=odd)
    producer.produce(DEAD, b"x", partition=1)
    producer.flush()
    Process(kafka, ListPlace()).epoch(1, 2)
    assert len(dead(kafka)) == 4


def test_fewer_dead_partitions_than_partitions_are_enough(kafka: KafkaSettings) -> None:
    Process(kafka, ListPlace(), partitions=2).epoch(1, source=PLACE._replace(partition=5))
    (written,) = dead(kafka)
    assert written.partition() == 1
