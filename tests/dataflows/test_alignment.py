import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.alignment import Alignment, event_time
from schemas.events import TopicPartition
from tests.builders import CHAT, START, USERS, Record, instant, record

SKEW = 10_000


def log(*times: float | None) -> list[Record]:
    """Records of these event times; None cannot be read."""
    return [
        record(b"\xff", offset) if at is None else record({"timestamp": instant(at)}, offset, at=at)
        for offset, at in enumerate(times)
    ]


def aligned() -> Alignment:
    found = Alignment(SKEW)
    found.expect(CHAT)
    found.expect(USERS)
    return found


def test_nobody_waits_for_a_released_partition() -> None:
    alignment = aligned()
    alignment.release(USERS)
    assert alignment.admit(CHAT, log(0, 5, 10)) == 3


def test_the_others_wait_for_a_partition_that_has_not_shown_its_first_record() -> None:
    assert aligned().admit(CHAT, log(0, 1)) == 0


def test_records_go_on_up_to_the_skew_beyond_the_slowest() -> None:
    alignment = aligned()
    assert alignment.admit(CHAT, log(2, 9, 10, 11, 50)) == 0
    assert alignment.admit(USERS, log(0, 1)) == 2
    assert alignment.admit(CHAT, log(2, 9, 10, 11, 50)) == 3


def test_a_partition_too_far_ahead_waits() -> None:
    alignment = aligned()
    alignment.admit(USERS, log(0))
    assert alignment.admit(CHAT, log(11)) == 0
    alignment.admit(USERS, log(1))
    assert alignment.admit(CHAT, log(11)) == 1


def test_the_slowest_goes_on_over_a_gap_in_time() -> None:
    alignment = aligned()
    alignment.admit(CHAT, log(5000))
    assert alignment.admit(USERS, log(0, 3600, 7200)) == 1
    assert alignment.admit(USERS, log(3600, 7200)) == 1


def test_a_record_that_cannot_be_read_holds_nobody_up() -> None:
    alignment = aligned()
    alignment.admit(USERS, log(0))
    assert alignment.admit(CHAT, log(None, 1, None)) == 3


def test_an_unreadable_record_after_idleness_lets_its_partition_go_on() -> None:
    alignment = aligned()
    alignment.release(CHAT)
    alignment.release(USERS)
    assert alignment.admit(CHAT, log(None)) == 1
    assert alignment.admit(USERS, log(0)) == 0
    assert alignment.admit(CHAT, log(1)) == 1
    assert alignment.admit(USERS, log(0)) == 1


def test_a_stamp_from_the_future_counts_as_its_record_timestamp() -> None:
    future = record({"timestamp": instant(10**8)}, at=3)
    assert event_time(future) == instant(3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"timestamp": START // 1000 + 1}, instant(1)),
        ({"timestamp": str(START // 1000 + 1)}, instant(1)),
        ({"timestamp": "2025-08-24T01:47:01Z"}, instant(1)),
        ({"timestamp": START + 1500}, instant(1.5)),
        ({}, instant(9)),
        ({"timestamp": None}, instant(9)),
        ({"timestamp": 0}, instant(9)),
        ({"timestamp": "tomorrow"}, None),
        ({"timestamp": [1]}, None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        ({"timestamp": "9" * 400}, None),
        ({"timestamp": "1e999"}, None),
    ],
    ids=[
        *("seconds", "text", "rfc3339", "milliseconds", "missing", "null", "zero", "words", "list"),
        *("empty", "binary", "deep", "huge", "infinite"),
    ],
)
def test_the_event_time_of_a_record_is_told_without_decoding_it(
    value: object, expected: int | None
) -> None:
    assert event_time(record(value, at=9)) == expected


TIMES = st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=12)


@given(TIMES, TIMES)
def test_every_record_gets_through_whatever_the_times_are(
    chat: list[int | None], users: list[int | None]
) -> None:
    alignment = aligned()
    waiting: dict[TopicPartition, list[Record]] = {CHAT: log(*chat), USERS: log(*users)}
    looks = 0
    while any(waiting.values()):
        for source, records in waiting.items():
            count = alignment.admit(source, records) if records else 0
            waiting[source] = records[count:]
            if not waiting[source]:
                alignment.release(source)
        looks += 1
        assert looks <= 2 * (len(chat) + len(users))
