"""Topics of the embedded broker in, batches of records out."""

from itertools import chain

import pytest

from config.kafka import KafkaSettings
from dataflows.broker import BrokerError
from dataflows.marks import lowest
from dataflows.positions import SourceError
from schemas.events import TopicPartition
from tests.builders import CHAT, GROUPS, USERS, record
from tests.dataflows.kafka_reading import Reading, at, offsets, publish, take
from tests.traffic.reading import kafka_at
from traffic.embedded import EmbeddedBroker

TO_THE_END = {"stop_at_end": True, "auto_offset_reset": "earliest"}


@pytest.fixture
def bounded(embedded: EmbeddedBroker) -> KafkaSettings:
    """Read from the first record to the last."""
    return kafka_at(embedded.bootstrap_servers, consumer=TO_THE_END)


@pytest.fixture
def live(embedded: EmbeddedBroker) -> KafkaSettings:
    """Read on, from what comes next."""
    return kafka_at(embedded.bootstrap_servers)


def test_every_partition_of_the_three_topics_is_a_part(bounded: KafkaSettings) -> None:
    names = Reading(bounded).source.list_parts()
    assert names == [
        f"{topic}:{partition}"
        for topic in ("chat-messages", "user-events", "group-messages")
        for partition in range(3)
    ]


def test_a_bounded_read_ends_at_the_last_record_seen_at_start(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(0, 1, 2), USERS: at(0)})
    reading = Reading(bounded)
    found = list(reading.batches())
    assert offsets(found) == {CHAT: [0, 1, 2], USERS: [0]}
    assert sum(batch.ended for batch in found) == 9
    assert reading.source.finished


def test_each_partition_is_announced_before_anything_is_read(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(0), USERS: at(0)})
    found = list(Reading(bounded, marks={CHAT: 1}).batches())
    first = {batch.source: batch for batch in reversed(found)}
    assert all(not batch.records for batch in first.values())
    assert len({batch.source for batch in found[:9]}) == 9
    assert (first[CHAT].next_offset, first[USERS].next_offset) == (1, 0)


def test_offsets_follow_each_other_over_batches(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(*range(10))})
    batches = [b for b in Reading(bounded, batch_size=3).batches() if b.records]
    assert max(len(batch.records) for batch in batches) <= 3
    assert list(chain(*(offsets([batch])[CHAT] for batch in batches))) == list(range(10))
    assert [batch.next_offset for batch in batches][-1] == 10


def test_a_partition_goes_on_at_its_mark(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(0, 1, 2), USERS: at(0, 1)})
    assert offsets(Reading(bounded, marks={CHAT: 2}).batches()) == {CHAT: [2], USERS: [0, 1]}


def test_a_mark_counts_more_than_the_recovery_store(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(0, 1, 2)})
    part = Reading(bounded, marks={CHAT: 1}).source.build_part("source", "chat-messages:0", 2)
    assert part.snapshot() == 1
    part.close()


def test_without_a_mark_the_recovery_store_counts(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(0, 1, 2)})
    part = Reading(bounded).source.build_part("source", "chat-messages:0", 2)
    assert part.snapshot() == 2
    part.close()


def test_by_default_only_what_comes_after_the_first_start_is_read(live: KafkaSettings) -> None:
    publish(live, {CHAT: at(0, 1)})
    reading = Reading(live)
    batches = reading.batches()
    announced = [next(batches) for _ in range(9)]
    publish(live, {CHAT: at(2)})
    assert offsets([*announced, *take(batches, 1)]) == {CHAT: [2]}
    reading.stopped = True
    assert offsets(batches) == {}


def test_a_stop_ends_every_partition_without_calling_it_ended(live: KafkaSettings) -> None:
    reading = Reading(live)
    batches = reading.batches()
    next(batches)
    reading.stopped = True
    assert not any(batch.ended for batch in batches)
    assert reading.source.finished


def test_a_quiet_partition_says_how_long_it_has_been_idle(live: KafkaSettings) -> None:
    reading = Reading(live)
    idle = next(batch for batch in reading.batches() if batch.idle_for is not None)
    assert not idle.records
    assert not idle.ended


def test_skewed_partitions_are_read_completely(bounded: KafkaSettings) -> None:
    late = [1000 + step for step in range(30)]
    publish(bounded, {CHAT: at(*late), USERS: at(*range(30)), GROUPS: at(5000)})
    found = list(Reading(bounded, batch_size=7, max_skew="1s").batches())
    assert {source: len(read) for source, read in offsets(found).items()} == {
        CHAT: 30,
        USERS: 30,
        GROUPS: 1,
    }
    order = [batch.source for batch in found if batch.records]
    assert order.index(CHAT) > len(order) - 1 - order[::-1].index(USERS)


def test_what_is_held_back_is_not_said_to_be_read(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(1000, 1001), USERS: at(*range(5))})
    reading = Reading(bounded, max_skew="1s", batch_size=1)
    parts = reading.parts()
    held = parts["chat-messages:0"]
    for _ in range(300):
        for name, part in parts.items():
            if name in ("chat-messages:0", "user-events:0"):
                list(held.next_batch() if part is held else ())
    assert held.snapshot() == 0
    for part in parts.values():
        part.close()


def test_a_position_beyond_the_end_is_refused_in_words(bounded: KafkaSettings) -> None:
    publish(bounded, {CHAT: at(0)})
    expected = (
        r"chat-messages \[0\] was read up to offset 7, but the broker ends at 1: .*store\.url"
    )
    with pytest.raises(SourceError, match=expected):
        Reading(bounded, marks={CHAT: 7}).parts()


def test_records_that_the_broker_has_deleted_are_missed_in_words(bounded: KafkaSettings) -> None:
    large = [record(b"x" * 900_000, at=second) for second in range(8)]
    publish(bounded, {CHAT: large})
    expected = r"deleted everything below (\d): \1 records are lost .* next_offset to \1 in"
    with pytest.raises(SourceError, match=expected):
        Reading(bounded, marks={CHAT: 0}).parts()


def test_a_topic_that_is_missing_is_named_with_what_to_do(embedded: EmbeddedBroker) -> None:
    topics = {"user_events": "nobody-made-it"}
    kafka = kafka_at(embedded.bootstrap_servers, topics=topics)
    with pytest.raises(BrokerError, match=r"no topic nobody-made-it: .*chatflow topics create"):
        Reading(kafka).source.list_parts()


def test_the_lowest_mark_of_all_sinks_counts() -> None:
    marks = [{CHAT: 5, USERS: 2}, {CHAT: 3}, {}]
    assert lowest(marks) == {CHAT: 3, USERS: 2}


def test_a_partition_added_to_a_topic_that_is_read_begins_at_its_beginning(
    live: KafkaSettings,
) -> None:
    added = CHAT._replace(partition=2)
    publish(live, {added: at(0, 1)})
    part = Reading(live, marks={CHAT: 0}).source.build_part("source", "chat-messages:2", None)
    assert part.snapshot() == 0
    part.close()


def test_a_partition_that_the_broker_has_no_more_is_refused_in_words(
    bounded: KafkaSettings,
) -> None:
    gone = CHAT._replace(partition=7)
    with pytest.raises(SourceError, match=r"chat-messages \[7\] was read up to offset 4, but"):
        Reading(bounded, marks={gone: 4}).source.list_parts()


def test_a_topic_that_is_read_no_more_has_parts_that_end_at_once(
    bounded: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    old = TopicPartition("old-topic", 2)
    reading = Reading(bounded, marks={old: 4})
    assert "old-topic:2" in reading.source.list_parts()
    assert old not in {batch.source for batch in reading.batches()}
    assert "old-topic was read before" in caplog.text
    assert "[2] 4" in caplog.text
