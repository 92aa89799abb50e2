"""Whatever arrives in place of the columns of a batch: it is read to its end, or refused."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from native.append import append_messages, append_user_events
from native.columns import Batch, MessageColumns, UserEventColumns
from native.library import library
from native.parcel import messages_of, parcel_of, user_events_of
from schemas import parcel
from schemas.events import ChatMessage, UserEvent
from tests.dataflows.random_events import random_events

pytestmark = pytest.mark.skipif(library() is None, reason="no compiled library")

Read = Callable[[bytes], Sequence[object]]


def sent(count: int, seed: int) -> tuple[bytes, bytes]:
    """Messages and user events, as they are sent."""
    logs = random_events(Random(seed), count).values()
    rows = Batch()
    append_messages(rows, [each for log in logs for each in log if isinstance(each, ChatMessage)])
    append_user_events(rows, [each for log in logs for each in log if isinstance(each, UserEvent)])
    return bytes(parcel_of(MessageColumns(rows))), bytes(parcel_of(UserEventColumns(rows)))


READERS: tuple[tuple[Read, Read], ...] = (
    (messages_of, parcel.messages_of),
    (user_events_of, parcel.user_events_of),
)


def outcome(read: Read, data: bytes) -> list[object] | type[ValueError]:
    """The events; or that the bytes, or a text in them, are none."""
    try:
        return list(read(data))
    except ValueError:
        return ValueError


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 12),
    damage=st.lists(
        st.tuples(st.integers(0, 2**16), st.sampled_from([0, 1, 4, 127, 128, 255])), max_size=3
    ),
)
def test_damaged_bytes_are_refused_or_read_as_without_a_library(
    seed: int, count: int, damage: list[tuple[int, int]]
) -> None:
    for data, (read, read_plainly) in zip(sent(count, seed), READERS, strict=True):
        damaged = bytearray(data)
        for place, byte in damage:
            damaged[place % len(damaged)] = byte
        assert outcome(read, bytes(damaged)) == outcome(read_plainly, bytes(damaged))


def test_bytes_that_miss_an_end_or_go_on_after_it_are_refused() -> None:
    for data, readers in zip(sent(12, seed=3), READERS, strict=True):
        for read in readers:
            for end in range(len(data)):
                assert outcome(read, data[:end]) is ValueError
            assert outcome(read, data + b"\0") is ValueError
            assert outcome(read, data) is not ValueError


@pytest.mark.parametrize("count", [-1, 1, 2**31, 2**60, 2**61, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("rest", [b"", b"\0" * 64, b"\xff" * 4096])
def test_no_count_is_believed_without_its_rows(count: int, rest: bytes) -> None:
    data = count.to_bytes(8, "little", signed=True) + rest
    for readers in READERS:
        for read in readers:
            assert outcome(read, data) is ValueError


def test_ends_that_fall_are_refused() -> None:
    """Of the first texts, those of `event_type`: behind the numbers, two rows of 4 bytes."""
    rows = Batch()
    events = [each for log in random_events(Random(1), 60).values() for each in log]
    append_user_events(rows, [each for each in events if isinstance(each, UserEvent)][:2])
    data = bytearray(parcel_of(UserEventColumns(rows)))
    at = 8 + 2 * (6 * 8 + 2)
    data[at : at + 4], data[at + 4 : at + 8] = data[at + 4 : at + 8], data[at : at + 4]
    for read in READERS[1]:
        assert outcome(read, bytes(data)) is ValueError


def test_rows_can_be_added_to_a_batch_that_arrived() -> None:
    for count in (0, 1, 70):
        logs = random_events(Random(2), 400).values()
        said = [each for log in logs for each in log if isinstance(each, ChatMessage)]
        rows = Batch()
        append_messages(rows, said[:count])
        arrived = messages_of(bytes(parcel_of(MessageColumns(rows))))
        assert isinstance(arrived, MessageColumns)
        before = list(arrived)
        append_messages(arrived.batch, said[70:])
        assert list(MessageColumns(arrived.batch)) == [*before, *said[70:]]
