"""What only a real Kafka does: large records, compressed batches, transactions."""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from schemas.message_pb2 import Message
from tests.expectation import TOPICS, UNHURRIED, Expectation, unhurried_rules
from tests.faults.keyed_records import (
    LARGEST,
    KeyedRecord,
    expectation,
    produce,
    producer,
    read_committed,
    send,
)
from tests.flow_process import FlowSettings, run_flow
from tests.kafka_server import KafkaServer
from tests.odd_traffic import odd_story

_SUFFIX = ".dlq"
_PATIENCE = 20.0
_START = 1_756_700_000_000
_FILE_BYTES = 7_860_000
"""In base64, inside an envelope: a little less than 10 MiB, the chat server's limit."""
_CODECS = ("gzip", "lz4", "zstd", "snappy", "none")


class Place:
    """Topics of one test alone, and the flow that reads them."""

    def __init__(self, kafka: KafkaServer, folder: Path) -> None:
        own = uuid.uuid4().hex[:8]
        self._names = {topic: f"{topic}-{own}" for topic in TOPICS}
        self.topics = tuple(self._names.values())
        dead = [topic + _SUFFIX for topic in self.topics]
        kafka.create_topics(*self.topics, *dead, config={"max.message.bytes": str(LARGEST)})
        variables = {
            f"CHAT_KAFKA__TOPICS__{topic.replace('-', '_').upper()}": name
            for topic, name in self._names.items()
        }
        self.flow = FlowSettings(
            kafka.bootstrap_servers, folder, f"group-{own}", {**UNHURRIED, **variables}
        )

    def story(self, seed: int, events: int = 600, start_ms: int = _START) -> list[KeyedRecord]:
        """A small chat, for the topics of this test."""
        return [
            KeyedRecord(self._names[r.topic], r.partition, r.value, r.recorded_ms, b"key")
            for r in odd_story(seed, start_ms, events=events, pace_ms=3000)
        ]

    def check(self, expected: Expectation) -> None:
        """Run the flow, and compare all that it leaves with the oracle."""
        finished = run_flow(self.flow)

        assert finished.status == 0, finished.words
        expected.check(self.flow, _SUFFIX)

    def committed(self, count: int) -> Expectation:
        """What is to come of the records of no transaction, and of committed ones: so many.

        A coordinator confirms a commit before the partitions know of it.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            records = read_committed(self.flow.bootstrap_servers, self.topics)
            if len(records) == count:
                return expectation(records, unhurried_rules())
            waits = len(records) < count and time.monotonic() < deadline
            assert waits, f"{len(records)} records, not {count}"
            time.sleep(0.1)


@pytest.fixture
def place(kafka: KafkaServer, tmp_path: Path) -> Place:
    return Place(kafka, tmp_path)


def large_records(topic: str) -> Iterator[KeyedRecord]:
    """Records of ten mebibytes: two messages that carry a file, and poison of three kinds."""
    message = Message(from_user="ann", to="bob", content="film.mp4", contentType=5)
    message.file = b"\xfa\x17" * (_FILE_BYTES // 2)
    binary = base64.b64encode(message.SerializeToString()).decode()
    file = base64.b64encode(message.file).decode()
    in_json = {"from": "ann", "to": "bob", "content": "a.pdf", "contentType": 2, "file": file}
    event = {"event_type": "message", "timestamp": _START // 1000, "user_id": "bob"}
    values = [
        *(json.dumps({**event, "message_data": data}).encode() for data in (binary, in_json)),
        json.dumps({**event, "message_data": binary[: -len(binary) // 3]}).encode(),
        b"\xff" * (10 * 1024 * 1024),
        b'{"event_type":"' + b"~" * (15 * 1024 * 1024 - 100),
    ]
    for number, value in enumerate(values):
        yield KeyedRecord(topic, 0, value, _START + number, b"bob")


def test_records_of_ten_mebibytes_equal_the_oracle_whether_good_or_poison(place: Place) -> None:
    produce(place.flow.bootstrap_servers, large_records(place.topics[0]))
    produce(place.flow.bootstrap_servers, place.story(seed=1, events=100))
    expected = Expectation.of(place.flow.bootstrap_servers, place.topics, unhurried_rules())

    place.check(expected)

    assert max(row[13] or 0 for row in expected.tables["messages"]) == _FILE_BYTES
    sizes = [len(row[5] or b"") for row in expected.tables["dead_letters"]]
    assert sum(size > 6 * 1024 * 1024 for size in sizes) == 3


def test_batches_compressed_in_every_way_equal_the_oracle(place: Place) -> None:
    records = place.story(seed=2, events=1000)
    share = len(records) // len(_CODECS) + 1
    for number, codec in enumerate(_CODECS):
        part = records[number * share : (number + 1) * share]
        produce(place.flow.bootstrap_servers, part, {"compression.type": codec})
    expected = Expectation.of(place.flow.bootstrap_servers, place.topics, unhurried_rules())

    place.check(expected)

    assert len(expected.records) == len(records)


def transactional(place: Place) -> Producer:
    """A producer whose records are only read once their transaction is committed."""
    using = producer(
        place.flow.bootstrap_servers,
        {"transactional.id": f"chat-{uuid.uuid4().hex[:8]}", "transaction.timeout.ms": 60_000},
    )
    using.init_transactions(20)
    return using


def test_aborted_transactions_are_not_read_and_their_gaps_do_no_harm(place: Place) -> None:
    records = place.story(seed=3)
    using = transactional(place)
    for first in range(0, len(records), 50):
        using.begin_transaction()
        send(using, records[first : first + 50])
        assert using.flush(20) == 0, "what is not sent yet, an abort would take back"
        if first % 150 == 0:
            using.abort_transaction(20)
        else:
            using.commit_transaction(20)
    expected = place.committed(sum(1 for n in range(len(records)) if n // 50 % 3))

    for _ in range(2):
        place.check(expected)


def test_an_open_transaction_is_not_waited_for_and_read_once_it_is_committed(
    place: Place,
) -> None:
    before = place.story(seed=4)
    later = place.story(seed=5, start_ms=before[-1].recorded_ms + 60_000)
    produce(place.flow.bootstrap_servers, before)
    using = transactional(place)
    using.begin_transaction()
    send(using, later)
    assert using.flush(20) == 0

    for count in (len(before), len(before) + len(later)):
        place.check(place.committed(count))
        if count == len(before):
            using.commit_transaction(20)
