"""What was fetched stays as long as somebody needs it, and no longer."""

import contextlib
import gc
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dataflows.clients import client_of
from native.fetched import FetchedRecords, bytes_of
from native.library import library
from schemas.events import Record
from tests.builders import CHAT
from tests.dataflows.client_reading import PATIENCE, SENT, Make, properties, publish, read, reading
from tests.dataflows.kafka_reading import Reading
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker


def test_records_stay_readable_when_their_client_is_closed(
    embedded: EmbeddedBroker, make: Make
) -> None:
    publish(embedded, *SENT)
    client = make(properties(embedded), CHAT, 0)
    records = read(client, len(SENT))
    client.close()
    assert [each.value() for each in records] == [each["value"] for each in SENT]


def test_a_client_nobody_closed_ends_with_its_records(embedded: EmbeddedBroker, make: Make) -> None:
    """Those found in a cycle are finalized in any order: librdkafka waits for all records."""
    publish(embedded, *SENT)
    for _ in range(5):
        client = make(properties(embedded), CHAT, 0)
        cycle: list[object] = [client, read(client, len(SENT))]
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


FROM_THE_FIRST = {"auto_offset_reset": "earliest"}


def client_threads() -> int:
    """How many threads the Kafka clients of this process have."""
    found = 0
    for each in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            found += each.joinpath("comm").read_text().startswith("rdk:")
    return found


def test_a_reader_that_is_stopped_lets_its_client_go(embedded: EmbeddedBroker) -> None:
    publish(embedded, *SENT)
    source = Reading(kafka_at(embedded.bootstrap_servers, consumer=FROM_THE_FIRST)).source
    assert "chat-messages:0" in source.list_parts()
    before = client_threads()
    part = source.build_part("source", "chat-messages:0", None)
    while not any(batch.records for batch in part.next_batch()):
        assert client_threads() > before
    part.close()
    deadline = time.monotonic() + PATIENCE
    while client_threads() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client_threads() == before
