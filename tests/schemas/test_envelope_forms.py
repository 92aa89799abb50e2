"""Timestamps, times of events, and what else stands in the envelope."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import instant
from tests.schemas.wire_forms import (
    BOB,
    PAYLOAD,
    RECORDED_AT,
    SENT_AT,
    as_json,
    envelope,
    event_of,
    in_base64,
    letter_of,
    message_of,
    user_envelope,
)

TIMESTAMPS: dict[str, tuple[object, int]] = {
    "seconds": (SENT_AT, SENT_AT * 1000),
    "seconds-as-text": (str(SENT_AT), SENT_AT * 1000),
    "seconds-with-a-fraction": (SENT_AT + 0.25, SENT_AT * 1000 + 250),
    "fraction-as-text": (f"{SENT_AT}.250", SENT_AT * 1000 + 250),
    "whole-float": (float(SENT_AT), SENT_AT * 1000),
    "milliseconds": (SENT_AT * 1000 + 7, SENT_AT * 1000 + 7),
    "milliseconds-as-text": (f"{SENT_AT}007", SENT_AT * 1000 + 7),
    "microseconds": (SENT_AT * 10**6 + 7999, SENT_AT * 1000 + 7),
    "nanoseconds": (SENT_AT * 10**9 + 7_999_999, SENT_AT * 1000 + 7),
    "last-second": (99_999_999_999, 99_999_999_999_000),
    "first-millisecond": (100_000_000_000, 100_000_000_000),
    "rfc3339": ("2025-08-24T01:46:40Z", SENT_AT * 1000),
    "rfc3339-with-a-fraction": ("2025-08-24T01:46:40.123Z", SENT_AT * 1000 + 123),
    "rfc3339-nanoseconds": ("2025-08-24T01:46:40.123456789Z", SENT_AT * 1000 + 123),
    "rfc3339-picoseconds": ("2025-08-24T01:46:40.123456789012Z", SENT_AT * 1000 + 123),
    "rfc3339-with-a-zone": ("2025-08-24T09:46:40+08:00", SENT_AT * 1000),
    "rfc3339-without-a-zone": ("2025-08-24T01:46:40", SENT_AT * 1000),
    "rfc3339-of-1971": ("1971-01-01T00:00:00Z", 31_536_000_000),
    "rfc3339-of-9999": ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    "exponent": ("1.756e9", SENT_AT * 1000),
    "missing": (msgspec.UNSET, RECORDED_AT),
    "null": (None, RECORDED_AT),
    "empty": ("", RECORDED_AT),
    "zero": (0, RECORDED_AT),
    "zero-as-text": ("0", RECORDED_AT),
    "negative": (-5, RECORDED_AT),
    "before-1970": ("1969-12-31T23:59:59Z", RECORDED_AT),
    "boolean": (True, RECORDED_AT),
}


def of(timestamp: object) -> object:
    fields = {key: value for key, value in envelope().items() if key != "timestamp"}
    return fields if timestamp is msgspec.UNSET else {**fields, "timestamp": timestamp}


@pytest.mark.parametrize(("timestamp", "expected"), TIMESTAMPS.values(), ids=TIMESTAMPS.keys())
def test_every_form_of_a_timestamp_is_understood(timestamp: object, expected: int) -> None:
    found = message_of(of(timestamp))
    assert (found.created_at, found.recorded_at) == (expected, RECORDED_AT)


@pytest.mark.parametrize(
    "timestamp",
    [
        *("tomorrow", [1], {"seconds": 1}, "nan", "inf", 10**30, "9" * 400, "9" * 5000, 3e300),
        *("2025-13-01T00:00:00Z", "1e400", 300_000_000_000_000_000_000_000),
    ],
    ids=[
        *("words", "list", "object", "nan", "inf", "large", "huge", "endless", "float"),
        *("no-date", "exponent", "beyond-9999"),
    ],
)
def test_what_is_no_instant_is_a_dead_letter(timestamp: object) -> None:
    assert letter_of(of(timestamp)).reason == "invalid_timestamp"


@given(st.timedeltas(dt.timedelta(days=1), dt.timedelta(days=2_932_000)))
def test_every_instant_of_rfc_3339_is_exact_to_the_millisecond(since: dt.timedelta) -> None:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + since
    assert instant(moment.isoformat()) == since // dt.timedelta(milliseconds=1)


@given(st.integers(1, 99_999_999_999))
def test_every_second_is_told_from_milliseconds(seconds: int) -> None:
    assert instant(seconds) == seconds * 1000


def test_the_event_time_is_no_later_than_tolerated() -> None:
    found = message_of(of(SENT_AT + 3600))
    assert found.created_at == (SENT_AT + 3600) * 1000
    assert found.event_time == RECORDED_AT + 60_000


def test_an_event_stamped_within_the_tolerance_keeps_its_time() -> None:
    assert message_of(of(SENT_AT + 60)).event_time == (SENT_AT + 60) * 1000


def test_a_stamp_from_the_future_in_another_form_is_capped_as_well() -> None:
    assert message_of(of("2099-01-01T00:00:00Z")).event_time == RECORDED_AT + 60_000


@pytest.mark.parametrize(
    ("named", "expected"), [(42, "42"), ("早", "早")], ids=["number", "unicode"]
)
def test_users_are_text(named: object, expected: str) -> None:
    assert event_of(user_envelope(user_id=named)).user_id == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"worker_id": 3}, 3),
        ({"worker_id": "3"}, 3),
        ({"metadata": {"worker_id": 3}}, 3),
        ({"metadata": {"worker_id": "3"}}, 3),
        ({"metadata": {"shard_id": 3}}, 3),
        ({"metadata": {"worker_id": 3, "shard_id": 4}}, 3),
        ({"worker_id": 0, "metadata": {"worker_id": 4}}, 0),
        ({}, None),
        ({"worker_id": None}, None),
        ({"worker_id": "w"}, None),
        ({"worker_id": 1e300}, None),
        ({"worker_id": 10**400}, None),
    ],
    ids=[
        *("envelope", "text", "metadata", "metadata-text", "shard", "worker-before-shard"),
        *("zero", "missing", "null", "words", "float", "huge"),
    ],
)
def test_the_worker_is_the_first_that_is_named(
    fields: dict[str, object], expected: int | None
) -> None:
    usual = {"event_type": "user_online", "timestamp": SENT_AT, "user_id": BOB}
    assert event_of({**usual, **fields}).worker_id == expected


def test_fields_that_nobody_knows_are_ignored() -> None:
    said = envelope(extra={"a": [1]}, metadata={"b": {}, "user_agent": "x"})
    assert message_of(said) == message_of(envelope())
    assert event_of(user_envelope({"group_id": 5, "b": None}, extra=1)).group_id == "5"


@pytest.mark.parametrize("form", [[], "text", 5, True], ids=["list", "text", "number", "boolean"])
def test_metadata_of_another_form_is_ignored(form: object) -> None:
    usual = {"event_type": "user_online", "timestamp": SENT_AT, "user_id": BOB}
    assert event_of({**usual, "metadata": form}).session_id is None


def test_an_empty_group_is_none() -> None:
    assert event_of(user_envelope({"group_id": ""})).group_id is None


def test_the_order_of_fields_does_not_matter() -> None:
    fields = envelope(metadata={"group_id": "g"}, worker_id=1)
    turned = dict(reversed(list(fields.items())))
    assert message_of(turned) == message_of(fields)


def test_an_event_of_another_type_with_a_payload_that_says_nothing_is_a_user_event() -> None:
    for data in ("", "????", in_base64(b"\xff\xff"), {"a": 1}, [1], 5, None):
        assert event_of(user_envelope(message_data=data)).user_id == BOB


def test_an_event_of_another_type_with_a_message_is_a_message() -> None:
    value = as_json({**envelope(), "event_type": "user_online"})
    assert message_of(value).event_type == "user_online"
    assert in_base64(PAYLOAD).encode() in value
