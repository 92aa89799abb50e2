"""What is decoded together: order, progress, repeats, and too many dead letters."""

import pytest

from dataflows.decode import DeadLetterLimit, DeadLetterLimitError, Decoder
from dataflows.persist import rows_of
from native.library import library
from schemas.events import (
    Batch,
    ChatMessage,
    DeadLetterBatch,
    MessageBatch,
    RecordBatch,
    TopicPartition,
    UserEventBatch,
)
from sinks.memory import Memory, NoMemory
from tests.builders import CHAT, USERS, Event, instant, message, online
from tests.places import TOLERANCE, ListPlace
from tests.sinks.stores import remembered, run
from tests.wire import records

POISON = b"\xff"


@pytest.fixture(autouse=True, params=[True, False], ids=["compiled", "in Python"])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here runs with either of the readings."""
    if request.param and library() is None:
        pytest.skip("the library was not built")
    monkeypatch.setattr(_Kind, "compiled", request.param)


class _Kind:
    compiled = True


def decoder(memory: Memory | None = None, *, ratio: float = 1.0, window: int = 1000) -> Decoder:
    limit = DeadLetterLimit(ratio, window)
    return Decoder(memory or NoMemory(), TOLERANCE, limit, compiled=_Kind.compiled)


def cut(*found: Event | bytes, source: TopicPartition = CHAT, first: int = 0) -> RecordBatch:
    log = records(found, first)
    return RecordBatch(source, first + len(log), log)


def decoded(using: Decoder, *found: RecordBatch) -> list[Batch]:
    return list(using(list(found)))


def kept(using: Decoder, *found: RecordBatch) -> list[int]:
    """Offsets of the messages that are no repeats."""
    batches = decoded(using, *found)
    return [
        event.kafka_offset
        for batch in batches
        if isinstance(batch, MessageBatch)
        for event in batch.events
    ]


def same(at: float, name: str = "same") -> ChatMessage:
    return message(at=at, message_id=name)


def test_a_batch_becomes_one_of_each_class_with_the_same_progress() -> None:
    found = decoded(decoder(), cut(message(at=3), online("ann", 5), POISON))
    assert [type(batch) for batch in found] == [MessageBatch, UserEventBatch, DeadLetterBatch]
    assert [len(batch.events) for batch in found] == [1, 1, 1]
    assert len({batch.progress for batch in found}) == 1
    assert (found[0].progress.next_offset, found[0].progress.event_time) == (3, instant(5))


def test_an_empty_batch_passes_on_what_the_source_says() -> None:
    found = decoded(decoder(), RecordBatch(CHAT, 9, (), 700, True))
    progress = found[0].progress
    assert [len(batch.events) for batch in found] == [0, 0, 0]
    assert (progress.next_offset, progress.event_time) == (9, None)
    assert (progress.idle_for, progress.ended) == (700, True)


def test_the_event_time_of_a_partition_is_its_newest_and_never_goes_back() -> None:
    found = decoded(decoder(), cut(message(at=9)), cut(message(at=3), first=1))
    assert {batch.progress.event_time for batch in found} == {instant(9)}


def test_partitions_have_event_times_of_their_own() -> None:
    using = decoder()
    decoded(using, cut(message(at=9)))
    (found, *_) = decoded(using, cut(online("ann", 3), source=USERS))
    assert found.progress.event_time == instant(3)


def test_a_stamp_from_the_future_moves_event_time_no_further_than_tolerated() -> None:
    (found, *_) = decoded(decoder(), cut(message(at=10**9, recorded_at=2)))
    assert found.progress.event_time == instant(62)


def test_a_repeat_is_left_out_within_a_batch_and_beyond() -> None:
    assert kept(decoder(), cut(same(0), same(1)), cut(same(2), first=2)) == [0]


def test_the_same_id_in_another_partition_is_another_message() -> None:
    other = cut(same(0), source=CHAT._replace(partition=1), first=5)
    assert kept(decoder(), cut(same(0)), other) == [0, 5]


def test_the_same_id_after_ten_minutes_is_another_message() -> None:
    found = cut(same(0), message(at=600), same(1), message(at=601), same(2), same(3))
    assert kept(decoder(), found) == [0, 1, 3, 4]


def test_a_repeat_itself_moves_the_clock() -> None:
    assert kept(decoder(), cut(same(0), same(600), same(601))) == [0, 2]


def test_messages_without_an_id_are_never_repeats() -> None:
    assert kept(decoder(), cut(message(), message(), message())) == [0, 1, 2]


def test_repeats_of_what_is_stored_are_left_out_after_a_restart() -> None:
    place = ListPlace()
    for batch in decoded(decoder(), cut(same(0), message(at=5))):
        run(place, list(rows_of(batch)))
    again = decoder(remembered(place))
    assert kept(again, RecordBatch(CHAT, 2), cut(same(6), message(at=7), first=2)) == [3]


def test_what_is_read_again_is_no_repeat_of_itself() -> None:
    place = ListPlace()
    for batch in decoded(decoder(), cut(same(0), message(at=5), same(6))):
        run(place, list(rows_of(batch)))
    again = decoder(remembered(place))
    assert kept(again, RecordBatch(CHAT, 0), cut(same(0), message(at=5), same(6))) == [0, 1]


def test_dead_letters_up_to_the_limit_pass() -> None:
    using = decoder(ratio=0.5, window=4)
    assert decoded(using, cut(POISON, message(), POISON, message()))


def test_too_many_dead_letters_stop_the_flow_and_name_the_last() -> None:
    using = decoder(ratio=0.5, window=4)
    with pytest.raises(DeadLetterLimitError, match=r"60% of the last 5 .* offset 4: invalid_json"):
        decoded(using, cut(POISON, message(), POISON, message(), POISON))


def test_fewer_records_than_the_window_never_stop_it() -> None:
    assert decoded(decoder(ratio=0.1, window=4), cut(POISON, POISON, POISON))


def test_old_records_do_not_count_for_the_limit() -> None:
    using = decoder(ratio=0.5, window=4)
    decoded(using, cut(*[message() for _ in range(50)]))
    for number in range(49):
        decoded(using, cut(message(), first=number))
    decoded(using, cut(POISON), cut(POISON))
    with pytest.raises(DeadLetterLimitError, match="75% of the last 4 records"):
        decoded(using, cut(POISON))


def test_dead_letters_stop_the_flow_only_while_they_come() -> None:
    using = decoder(ratio=0.5, window=4)
    decoded(using, cut(POISON, POISON, POISON))
    assert decoded(using, cut(message(), message()))


def test_the_limit_quotes_nothing_of_what_arrived() -> None:
    using = decoder(ratio=0.1, window=1)
    with pytest.raises(DeadLetterLimitError) as caught:
        decoded(using, cut(b"secret words"))
    assert "secret" not in str(caught.value)
