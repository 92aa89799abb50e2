"""What cannot be understood: the reason, and everything needed to look into it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.events import ChatMessage, DeadLetter, UserEvent
from schemas.message_pb2 import Message
from schemas.reasons import Reason
from tests.builders import CHAT, Record
from tests.schemas.wire_forms import (
    ALICE,
    BOB,
    PAYLOAD,
    TOLERANCE,
    as_json,
    envelope,
    in_base64,
    letter_of,
    read,
    user_envelope,
)
from tests.wire import decode

CASES: dict[str, tuple[bytes | object | None, Reason]] = {
    "tombstone": (None, Reason.EMPTY_VALUE),
    "zero-bytes": (b"", Reason.EMPTY_VALUE),
    "text": (b"hello", Reason.INVALID_JSON),
    "half-an-object": (b'{"event_type":"message"', Reason.INVALID_JSON),
    "invalid-utf-8": (b'{"event_type":"\xff"}', Reason.INVALID_JSON),
    "deep": (b"[" * 100_000, Reason.INVALID_JSON),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", Reason.INVALID_JSON),
    "bare-without-recipient": (Message(from_user=ALICE).SerializeToString(), Reason.INVALID_JSON),
    "bare-without-sender": (Message(to=BOB).SerializeToString(), Reason.INVALID_JSON),
    "list": ([envelope()], Reason.INVALID_ENVELOPE),
    "number": (5, Reason.INVALID_ENVELOPE),
    "json-null": (b"null", Reason.INVALID_ENVELOPE),
    "no-type": ({"timestamp": 1}, Reason.INVALID_ENVELOPE),
    "empty-type": (envelope(event_type=""), Reason.INVALID_ENVELOPE),
    "type-null": (b'{"event_type":null}', Reason.INVALID_ENVELOPE),
    "type-number": (envelope(event_type=5), Reason.INVALID_ENVELOPE),
    "timestamp": (envelope(timestamp="tomorrow"), Reason.INVALID_TIMESTAMP),
    "base64-of-no-message": (envelope(message_data="/////w=="), Reason.INVALID_PAYLOAD),
    "text-of-no-message": (envelope(message_data="?? ??"), Reason.INVALID_PAYLOAD),
    "message-of-nobody": (
        envelope(message_data=in_base64(Message(content="hi").SerializeToString())),
        Reason.INVALID_PAYLOAD,
    ),
    "object-of-nobody": (envelope(message_data={"content": "hi"}), Reason.INVALID_PAYLOAD),
    "json-list": (envelope(message_data=in_base64(b"[1]")), Reason.INVALID_PAYLOAD),
    "cut-protobuf": (envelope(message_data=in_base64(PAYLOAD[:-9])), Reason.INVALID_PAYLOAD),
    "spaces": (envelope(message_data="  "), Reason.INVALID_PAYLOAD),
    "payload-null": (b'{"event_type":"message","message_data":null}', Reason.MISSING_PAYLOAD),
    "payload-empty": (envelope(message_data=""), Reason.MISSING_PAYLOAD),
    "payload-missing": (envelope(message_data=None), Reason.MISSING_PAYLOAD),
    "group-payload-missing": (
        envelope(event_type="group_message", message_data=None),
        Reason.MISSING_PAYLOAD,
    ),
    "nobody": (user_envelope(user_id=""), Reason.MISSING_USER),
    "user-null": (user_envelope(user_id=None), Reason.MISSING_USER),
    "user-of-another-form": (user_envelope(user_id=[BOB]), Reason.MISSING_USER),
    "user-true": (user_envelope(user_id=True), Reason.MISSING_USER),
    "long-user": (user_envelope(user_id="9" * 1001), Reason.ID_TOO_LONG),
}


@pytest.mark.parametrize(("value", "reason"), CASES.values(), ids=CASES.keys())
def test_what_cannot_be_understood_has_a_reason(
    value: bytes | object | None, reason: Reason
) -> None:
    assert letter_of(value).reason is reason


def test_every_reason_has_a_case() -> None:
    assert {reason for _, reason in CASES.values()} == set(Reason)


def test_a_dead_letter_keeps_the_record_whole() -> None:
    headers = (("trace", b"\xff1"), ("trace", None), ("empty", b""))
    found = decode(Record(b"\xff\x00", 12, 345, b"the key", headers), CHAT, TOLERANCE)
    assert isinstance(found, DeadLetter)
    assert (found.payload, found.key, found.headers) == (b"\xff\x00", b"the key", headers)
    assert (found.kafka_offset, found.recorded_at) == (12, 345)


def test_a_record_without_key_headers_or_time_is_no_trouble() -> None:
    found = decode(Record(b"x", 0, -1), CHAT, TOLERANCE)
    assert isinstance(found, DeadLetter)
    assert (found.key, found.headers, found.recorded_at) == (None, (), 0)


def test_the_detail_quotes_nothing_of_the_record() -> None:
    for value, _ in CASES.values():
        detail = letter_of(value).detail
        assert detail
        assert ALICE not in detail
        assert "tomorrow" not in detail


def storable(found: ChatMessage | UserEvent | DeadLetter) -> bool:
    """Whether a column of the store takes every value of it."""
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, str):
            value.encode()
        if isinstance(value, int):
            assert -(2**63) <= value < 2**63, name
    return True


@given(st.binary(max_size=200))
@example(PAYLOAD)
@example(b'{"event_type":"user_online","user_id":' + b"9" * 5000 + b"}")
@example(b'{"event_type":"message","timestamp":1e999}')
@example(b'{"event_type":"\\ud800","user_id":"a"}')
@example(b'{"event_type":"message","message_data":{"from":"\\ud800"}}')
@example(b'{"event_type":"a","user_id":"a","metadata":{"client_ip":"["}}')
def test_any_bytes_are_an_event_or_a_dead_letter(value: bytes) -> None:
    assert storable(read(value))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["message", in_base64(PAYLOAD), "1e5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
FIELDS = st.sampled_from(
    ["event_type", "timestamp", "user_id", "message_data", "metadata", "worker_id"]
)


@given(st.dictionaries(FIELDS, JSON))
def test_any_json_is_an_event_or_a_dead_letter(fields: dict[str, object]) -> None:
    assert storable(read(as_json(fields)))
    for event_type in ("message", "user_online"):
        assert storable(read(as_json({**fields, "event_type": event_type, "user_id": "a"})))


PAYLOAD_FIELDS = st.sampled_from(
    ["from", "to", "content", "contentType", "content_type", "messageType", "messageId", "file"]
)


@given(st.dictionaries(PAYLOAD_FIELDS, JSON))
def test_any_object_is_a_message_or_a_dead_letter(fields: dict[str, object]) -> None:
    assert storable(read(envelope(message_data=fields)))


NOT_NUL = st.characters(codec="utf-8", exclude_characters="\0")


@given(
    sender=st.text(NOT_NUL, min_size=1),
    to=st.text(NOT_NUL, min_size=1),
    content=st.text(NOT_NUL),
    content_type=st.integers(-(2**31), 2**31 - 1),
    message_id=st.text(NOT_NUL, min_size=1),
)
def test_what_is_written_as_protobuf_is_read_back(
    sender: str, to: str, content: str, content_type: int, message_id: str
) -> None:
    payload = Message(
        from_user=sender, to=to, content=content, contentType=content_type, messageId=message_id
    )
    found = read(envelope(message_data=in_base64(payload.SerializeToString())))
    assert isinstance(found, ChatMessage)
    assert (found.from_user, found.to_user, found.content) == (sender, to, content)
    assert (found.content_type, found.message_id) == (content_type, message_id)
