"""When the brokers do not take dead letters."""

import socket

import pytest

from config.errors import ChatflowError
from config.kafka import KafkaSettings
from schemas.events import DeadLetterBatch, Progress
from sinks.dead_letter_size import fits
from sinks.kafka_tail import DeadLetterError
from tests.places import ListPlace
from tests.sinks.dead_letters import DEAD, PLACE, Process, batch, dead, letter, offsets_of
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> KafkaSettings:
    embedded.create_topic(DEAD, partitions=3)
    return kafka_at(embedded.bootstrap_servers, properties={"message.timeout.ms": 5000})


def test_a_dead_letter_too_large_for_the_brokers_is_written_without_its_bytes(
    kafka: KafkaSettings,
) -> None:
    process = Process(kafka, ListPlace())
    huge = letter(0, payload=b"x" * (17 * 1024 * 1024))
    process.part.write_batch([DeadLetterBatch(Progress(PLACE, 1, None), [huge])])
    process.part.snapshot()
    (written,) = dead(kafka)
    assert (written.value(), offsets_of([written])) == (None, [0])


@pytest.fixture
def nowhere() -> KafkaSettings:
    """Brokers at a port where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    return kafka_at(f"127.0.0.1:{port}", properties={"message.timeout.ms": 1000})


def test_a_broker_that_is_not_there_at_start_is_a_failure_in_words(nowhere: KafkaSettings) -> None:
    with pytest.raises(ChatflowError, match=f"dead-letter topics {DEAD} at .* cannot be read"):
        Process(nowhere, ListPlace())


def test_a_broker_that_goes_away_is_a_failure_in_words() -> None:
    with EmbeddedBroker([DEAD]) as broker:
        properties = {"message.timeout.ms": 1000}
        process = Process(kafka_at(broker.bootstrap_servers, properties=properties), ListPlace())
    process.part.write_batch([batch(1)])
    with pytest.raises(DeadLetterError, match="not written to chat-messages"):
        process.part.snapshot()
    process.part.close()


def test_a_dead_letter_missing_before_others_is_written_by_the_next_execution(
    kafka: KafkaSettings,
) -> None:
    place = ListPlace()
    cut_off = Process(kafka, place)
    cut_off.part.write_batch([batch(11)])
    cut_off.part.snapshot()
    Process(kafka, place).epoch(10, 11)
    assert sorted(offsets_of(dead(kafka))) == [10, 11]


def test_headers_count_for_the_size_of_a_dead_letter() -> None:
    large = b"x" * (14 * 1024 * 1024)
    assert fits(letter(0, payload=large))
    assert not fits(letter(0, [("trace", large)], payload=large))
