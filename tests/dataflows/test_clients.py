"""Both clients hand out the same records, errors and ends."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from config.kafka import consumer_properties
from dataflows.clients import Client, CompiledClient, Fetch, PlainClient, client_of, ends_of
from native.fetched import FetchedRecords, bytes_of
from native.library import library
from schemas.events import Record, TopicPartition
from tests.builders import CHAT, USERS
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker

_PATIENCE = 20.0
_HEADERS: list[tuple[str, str | bytes | None]] = [("trace", b"\x00\xff"), ("empty", b"")]
_SENT: list[dict[str, Any]] = [
    {"value": b'{"a":1}', "key": b"user-1", "timestamp": 1_700_000_000_123},
    {"value": "gr\u00fc\u00df dich".encode(), "headers": [*_HEADERS, ("none", None)]},
    {"value": None, "key": b"", "timestamp": 1},
    {"value": b"", "key": "\u00fc".encode()},
    {"value": b"x" * 100_000, "headers": [("twice", b"1"), ("twice", b"2")]},
]

Make = Callable[..., Client]


@pytest.fixture(params=[PlainClient, CompiledClient])
def make(request: pytest.FixtureRequest) -> Make:
    """Each kind of client in turn."""
    if request.param is CompiledClient and library() is None:
        pytest.skip("the library was not built")
    found: Make = request.param
    return found


def properties(broker: EmbeddedBroker) -> dict[str, Any]:
    """Those of the flow's consumers."""
    return {**consumer_properties(kafka_at(broker.bootstrap_servers)), "log_level": 0}


def publish(broker: EmbeddedBroker, *records: dict[str, Any], to: TopicPartition = CHAT) -> None:
    """Append these to a partition."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 0})
    for each in records:
        producer.produce(to.topic, partition=to.partition, **each)
    assert not producer.flush(_PATIENCE)


def reading(client: Client, most: int = 1000) -> Iterator[Fetch]:
    """What it hands out, but for nothing; gives up after a while."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        found = client.fetch(most)
        if found.records or found.told:
            yield found
        else:
            time.sleep(0.005)
    pytest.fail("nothing comes any more")


def read(client: Client, wanted: int, most: int = 1000) -> list[Record]:
    """That many records, in their order."""
    records: list[Record] = []
    for found in reading(client, most):
        records += found.records
        if len(records) >= wanted:
            break
    return records


def parts(record: Record) -> tuple[object, ...]:
    """All that a record says."""
    value, key, headers = record.value(), record.key(), record.headers()
    return value, key, headers, record.offset(), record.timestamp()


def test_a_record_says_what_was_sent(embedded: EmbeddedBroker, make: Make) -> None:
    publish(embedded, *_SENT)
    client = make(properties(embedded), CHAT, 0)
    found = [parts(each) for each in read(client, len(_SENT))]
    client.close()
    told = [(sent["value"], sent.get("key"), sent.get("headers")) for sent in _SENT]
    assert [each[:3] for each in found] == told
    assert [each[3] for each in found] == list(range(len(_SENT)))
    assert [each[4] for each in found][::2][:2] == [(1, 1_700_000_000_123), (1, 1)]


def test_both_clients_say_the_same(embedded: EmbeddedBroker) -> None:
    publish(embedded, *_SENT)
    both = [client_type(properties(embedded), CHAT, 0) for client_type in (PlainClient, client_of)]
    plain, other = ([parts(each) for each in read(client, len(_SENT))] for client in both)
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


def test_brokers_that_go_away_are_complained_about(make: Make) -> None:
    said: list[KafkaError] = []
    with EmbeddedBroker([CHAT.topic]) as broker:
        client = make({**properties(broker), "error_cb": said.append}, CHAT, 0)
        next(reading(client))
    deadline = time.monotonic() + _PATIENCE
    while not said and time.monotonic() < deadline:
        client.fetch(10)
        time.sleep(0.01)
    client.close()
    assert said
    assert said[0].code() in (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN)
    assert said[0].str()


def test_a_refused_property_is_named(embedded: EmbeddedBroker, make: Make) -> None:
    with pytest.raises(KafkaException, match=r"no\.such\.property"):
        make({**properties(embedded), "no.such.property": 1}, CHAT, 0)


def test_records_stay_readable_when_their_client_is_closed(
    embedded: EmbeddedBroker, make: Make
) -> None:
    publish(embedded, *_SENT)
    client = make(properties(embedded), CHAT, 0)
    records = read(client, len(_SENT))
    client.close()
    assert [each.value() for each in records] == [each["value"] for each in _SENT]


def test_a_client_nobody_closed_ends_with_its_records(embedded: EmbeddedBroker, make: Make) -> None:
    """Those found in a cycle are finalized in any order: librdkafka waits for all records."""
    publish(embedded, *_SENT)
    for _ in range(5):
        client = make(properties(embedded), CHAT, 0)
        cycle: list[object] = [client, read(client, len(_SENT))]
        cycle.append(cycle)
        del client, cycle
        gc.collect()


def test_parts_of_what_was_fetched_read_like_a_list(embedded: EmbeddedBroker) -> None:
    publish(embedded, *({"value": b"x" * number} for number in range(1, 8)))
    client = client_of(properties(embedded), CHAT, 0)
    found: Sequence[Record] = ()
    for fetch in reading(client):
        found = fetch.records
        if len(found) == 7:
            break
        client.close()
        client = client_of(properties(embedded), CHAT, 0)
    if library() is not None:
        assert isinstance(found, FetchedRecords)
    sizes = list(range(1, 8))
    for chosen in (slice(2, 5), slice(None, 3), slice(3, None), slice(5, 2), slice(None, None, 2)):
        assert [len(each.value() or b"") for each in found[chosen]] == sizes[chosen]
    assert bytes_of(found[2:][:3]) == sum(sizes[2:][:3])
    assert bytes_of(found) == sum(sizes)
    assert len(found[-1].value() or b"") == 7
    with pytest.raises(IndexError):
        found[7]


def test_the_ends_of_a_partition_are_the_brokers(embedded: EmbeddedBroker) -> None:
    publish(embedded, {"value": b"x"}, {"value": b"y"})
    assert ends_of(properties(embedded), CHAT) == (0, 2)
    assert ends_of(properties(embedded), USERS) == (0, 0)


def test_nothing_is_told_of_ends_that_no_broker_knows(embedded: EmbeddedBroker) -> None:
    assert ends_of(properties(embedded), TopicPartition("no-such-topic", 99)) is None
