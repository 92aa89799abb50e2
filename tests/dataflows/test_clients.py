"""Both clients hand out the same records, errors and ends."""

import socket
import time

import pytest
from confluent_kafka import KafkaError, KafkaException

from dataflows.clients import PlainClient, client_of, ends_of
from schemas.events import Record, TopicPartition
from tests.builders import CHAT, USERS
from tests.dataflows.client_reading import (
    PATIENCE,
    SENT,
    Make,
    parts,
    properties,
    publish,
    read,
    reading,
)
from traffic.embedded import EmbeddedBroker


def test_a_record_says_what_was_sent(embedded: EmbeddedBroker, make: Make) -> None:
    publish(embedded, *SENT)
    client = make(properties(embedded), CHAT, 0)
    found = [parts(each) for each in read(client, len(SENT))]
    client.close()
    told = [(sent["value"], sent.get("key"), sent.get("headers")) for sent in SENT]
    assert [each[:3] for each in found] == told
    assert [each[3] for each in found] == list(range(len(SENT)))
    assert [each[4] for each in found][::2][:2] == [(1, 1_700_000_000_123), (1, 1)]


def test_both_clients_say_the_same(embedded: EmbeddedBroker) -> None:
    publish(embedded, *SENT)
    both = [client_type(properties(embedded), CHAT, 0) for client_type in (PlainClient, client_of)]
    plain, other = ([parts(each) for each in read(client, len(SENT))] for client in both)
    assert plain == other


def test_reading_begins_at_the_offset_asked_for(embedded: EmbeddedBroker, make: Make) -> None:
    publish(embedded, *({"value": str(number).encode()} for number in range(10)))
    client = make(properties(embedded), CHAT, 7)
    assert [each.value() for each in read(client, 3)] == [b"7", b"8", b"9"]


def test_no_more_are_handed_out_than_asked_for(embedded: EmbeddedBroker, make: Make) -> None:
    publish(embedded, *({"value": b"x"} for _ in range(10)))
    client, sizes = make(properties(embedded), CHAT, 0), []
    for found in reading(client, most=4):
        sizes.append(len(found.records))
        if sum(sizes) == 10:
            break
    assert max(sizes) <= 4


def test_the_end_of_the_partition_is_told_after_its_last_record(
    embedded: EmbeddedBroker, make: Make
) -> None:
    publish(embedded, {"value": b"0"}, {"value": b"1"})
    client = make(properties(embedded), CHAT, 0)
    records: list[Record] = []
    for found in reading(client):
        records += found.records
        if found.told:
            break
    [(error, offset)] = found.told
    assert (error.code(), offset, found.ends_last) == (KafkaError._PARTITION_EOF, 2, True)
    assert len(records) == 2


def test_an_offset_out_of_range_is_told_in_words(embedded: EmbeddedBroker, make: Make) -> None:
    publish(embedded, {"value": b"0"})
    client = make(properties(embedded), CHAT, 99)
    [(error, offset)] = next(reading(client)).told
    assert error.code() == KafkaError._AUTO_OFFSET_RESET
    assert "out of range" in error.str().lower()
    assert offset == 99


def test_brokers_in_trouble_are_complained_about_with_the_cause(
    embedded: EmbeddedBroker, make: Make
) -> None:
    """The client says why at first, and then only that all of them are down."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        said: list[KafkaError] = []
        told = {"bootstrap.servers": address, "error_cb": said.append}
        client = make({**properties(embedded), **told}, CHAT, 0)
        deadline = time.monotonic() + PATIENCE
        while not said and time.monotonic() < deadline:
            time.sleep(0.2)
            client.fetch(10)
        client.close()
    assert said[0].code() == KafkaError._TRANSPORT
    assert address in said[0].str()
    assert "refused" in said[0].str()


def test_a_refused_property_is_named(embedded: EmbeddedBroker, make: Make) -> None:
    with pytest.raises(KafkaException, match=r"no\.such\.property"):
        make({**properties(embedded), "no.such.property": 1}, CHAT, 0)


def test_the_ends_of_a_partition_are_the_brokers(embedded: EmbeddedBroker) -> None:
    publish(embedded, {"value": b"x"}, {"value": b"y"})
    assert ends_of(properties(embedded), CHAT) == (0, 2)
    assert ends_of(properties(embedded), USERS) == (0, 0)


def test_nothing_is_told_of_ends_that_no_broker_knows(embedded: EmbeddedBroker) -> None:
    assert ends_of(properties(embedded), TopicPartition("no-such-topic", 99)) is None
