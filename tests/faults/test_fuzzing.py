"""Whatever stands in a topic, every record becomes exactly one event or one dead letter.

The same promises are kept under coverage-guided fuzzing by `python -m tests.faults.fuzz_decoder`.
"""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import ChatMessage, DeadLetter, UserEvent
from tests.faults.decoder_promises import Promises
from tests.faults.record_shapes import SHAPES, Shape, real_values, seeds, shaped
from tests.faults.text_places import records_with
from tests.golden_records import golden_records
from tests.long_ids import LONGEST

_BOUNDED = settings(max_examples=1000, deadline=None, derandomize=True)
_REAL = real_values()
_EVERYTHING = {
    "event_type": "user_online",
    "timestamp": 1_756_700_000,
    "user_id": "ann",
    "worker_id": 1,
    "message_data": {"from": "", "to": "", "content": "", "contentType": 0, "messageId": ""},
    "metadata": {
        **{"group_id": "crew", "session_id": "", "client_ip": "10.0.0.1:5", "worker_id": 1},
        **{"connection_time": 5, "disconnect_time": 5, "shard_id": 1},
    },
}
_ENVELOPES = [json.loads(golden.value) for golden in golden_records()]
_TIMES = st.integers(-(2**63), 2**63 - 1) | st.just(1_756_700_000_000)
_LIMITS = st.sampled_from([10**18, 2**63, -(2**63) - 1, 10**400, 1e308, -0.0, 5e-324, "9" * 30])
_ODD = _LIMITS | st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.sampled_from(["message", "group_message", "user_offline", "[::1]:5", "a:1:2", "=", "1e9"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)

Fields = dict[str, Any]  # Any: whatever JSON can hold


def test_seeds_hold_messages_user_events_and_dead_letters() -> None:
    promises = Promises()
    kinds = {type(promises.check(shaped(seed))) for seed in seeds()}
    assert {ChatMessage, UserEvent, DeadLetter} <= kinds


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
@_BOUNDED
@given(data=st.binary(max_size=120), recorded_at=_TIMES)
def test_any_bytes_at_any_depth_are_one_event_or_one_dead_letter(
    shape: Shape, data: bytes, recorded_at: int
) -> None:
    Promises().check(shape(data), recorded_at)


@_BOUNDED
@given(value=st.sampled_from(_REAL), seed=st.integers(0, 2**32), edits=st.integers(1, 6))
def test_damaged_records_are_one_event_or_one_dead_letter(
    value: bytes, seed: int, edits: int
) -> None:
    Promises().check(damaged(value, Random(seed), edits))


@_BOUNDED
@given(fields=st.sampled_from(_ENVELOPES) | st.just(_EVERYTHING), data=st.data())
def test_records_with_fields_of_odd_types_are_one_event_or_one_dead_letter(
    fields: Fields, data: st.DataObject
) -> None:
    Promises().check(json.dumps(with_odd_fields(fields, data)).encode())


@_BOUNDED
@given(values=st.lists(st.sampled_from(_REAL), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_a_log_of_damaged_records_loses_none(values: list[bytes], seed: int) -> None:
    random, promises = Random(seed), Promises()
    for value in values:
        promises.check(value if random.random() < 0.5 else damaged(value, random, 1))


@pytest.mark.parametrize("place", records_with(b""))
def test_a_long_text_is_in_no_more_columns_than_it_is_meant_for(place: str) -> None:
    size = 100_000 if place.startswith("content") else LONGEST - len("az")
    assert isinstance(Promises().check(records_with(b"x" * size)[place]), ChatMessage | UserEvent)


def damaged(value: bytes, random: Random, edits: int) -> bytes:
    """The value after some accidents."""
    for _ in range(edits):
        at, end = sorted((random.randrange(len(value) + 1), random.randrange(len(value) + 1)))
        piece = value[at:end]
        other = random.choice(_REAL)
        middle = random.choice(
            (
                b"",
                piece * 2,
                random.randbytes(random.randrange(4)),
                bytes(byte ^ 1 << random.randrange(8) for byte in piece[:1]) + piece[1:],
                other[: random.randrange(len(other))],
                random.choice(
                    (b"\x00", b"\xff", b'"', b"\\u0000", b"\\ud800", b"{", b"}", b"9" * 400)
                ),
            )
        )
        value = value[:at] + middle + value[end:]
    return value


def with_odd_fields(fields: Fields, data: st.DataObject) -> Fields:
    """The same event with something else in one to three of its fields, at any depth."""
    found = dict(fields)
    for _ in range(data.draw(st.integers(1, 3))):
        inside = [name for name, value in found.items() if isinstance(value, dict)]
        deeper: bool = data.draw(st.booleans())
        if inside and deeper:
            name = inside[data.draw(st.integers(0, len(inside) - 1))]
            found[name] = with_odd_fields(found[name], data)
        elif found:
            found[data.draw(st.sampled_from(sorted(found)))] = data.draw(_ODD)
    return found
