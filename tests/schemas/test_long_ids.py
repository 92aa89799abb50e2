"""An id that is longer than any store can keep in a key makes its event a dead letter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import ChatMessage, DeadLetter, UserEvent
from schemas.message_pb2 import Message
from schemas.reasons import Reason
from tests.long_ids import LONGEST, id_of
from tests.schemas.wire_forms import (
    ALICE,
    BOB,
    OBJECT,
    SENT_AT,
    envelope,
    in_base64,
    letter_of,
    message_of,
    read,
    user_envelope,
)

Fields = dict[str, Any]  # Any: whatever JSON can hold

_METADATA = ("group_id", "session_id", "client_ip")
_PAYLOAD = ("from", "to", "messageId")
PLACES = ("event_type", "user_id", *(f"metadata.{name}" for name in _METADATA), *_PAYLOAD)
FORMS = ("protobuf", "object", "user event", "timestamp as text")


def record_of(form: str, place: str, name: str) -> object:
    """An event of this form with an id at this place; a user event has no payload."""
    fields: Fields = {}
    section, _, inner = place.rpartition(".")
    if place in _PAYLOAD:
        said: Fields = {**OBJECT, place: name, "file": b"\x00"}
        data = Message(from_user=said.pop("from"), **said).SerializeToString()
        fields["message_data"] = {**OBJECT, place: name} if form == "object" else in_base64(data)
    else:
        fields[section or inner] = {inner: name} if section else name
    if form == "timestamp as text":
        fields["timestamp"] = str(SENT_AT)
    if form == "user event":
        return user_envelope(**{"metadata": None, **fields})
    return envelope(**{"message_data": OBJECT, **fields} if form == "object" else fields)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("wide", [False, True], ids=["of one byte each", "of three bytes each"])
def test_an_id_of_a_byte_too_many_is_told_by_its_field_wherever_it_stands(
    form: str, place: str, wide: bool
) -> None:
    whole = read(record_of(form, place, id_of(LONGEST, wide=wide)))
    letter = read(record_of(form, place, id_of(LONGEST + 1, wide=wide)))

    assert isinstance(whole, ChatMessage | UserEvent)
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.ID_TOO_LONG
    assert letter.detail == f"{place} is longer than 1,000 bytes"


def test_a_bare_message_is_held_to_the_same_rule() -> None:
    bare = Message(from_user=ALICE, to=id_of(LONGEST)).SerializeToString()
    assert message_of(bare).to_user == id_of(LONGEST)
    for place in ("from_user", "to", "messageId"):
        ids: Fields = {"from_user": ALICE, "to": BOB, place: id_of(LONGEST + 1)}
        letter = letter_of(Message(**ids).SerializeToString())
        assert letter.reason is Reason.ID_TOO_LONG


def test_ids_are_measured_as_they_are_stored_with_longer_characters_for_nul() -> None:
    short = Message(from_user=ALICE, to="\0" * (LONGEST // 3)).SerializeToString()
    assert message_of(envelope(message_data=in_base64(short))).to_user == "\ufffd" * 333
    for field in ("from_user", "to", "messageId"):
        ids: Fields = {"from_user": ALICE, "to": BOB, field: "\0" * (LONGEST // 3 + 1)}
        data = in_base64(Message(**ids).SerializeToString())
        assert letter_of(envelope(message_data=data)).reason is Reason.ID_TOO_LONG


def test_what_is_no_id_may_be_of_any_length() -> None:
    words, picture = "早" * 5000, b"\x00" * 5000
    data = Message(from_user=ALICE, to=BOB, content=words, contentType=2, file=picture)
    found = message_of(envelope(message_data=in_base64(data.SerializeToString()), trace=words))
    assert (found.content, found.file_name, found.file_size) == (words, words, 5000)


def test_an_event_that_lacks_what_it_needs_is_told_so_first() -> None:
    long = id_of(LONGEST + 1)
    assert letter_of(user_envelope({"group_id": long}, user_id="")).reason is Reason.MISSING_USER
    assert letter_of(envelope(user_id=long, message_data="")).reason is Reason.MISSING_PAYLOAD
    assert letter_of(envelope(user_id=long, timestamp="x")).reason is Reason.INVALID_TIMESTAMP


@given(
    place=st.sampled_from(PLACES),
    characters=st.integers(240, LONGEST + 10),
    pool=st.sampled_from(["a", "é", "早", "😀", "a😀", "\\é", '"早']),
)
def test_every_form_of_an_event_draws_the_line_at_the_same_byte(
    place: str, characters: int, pool: str
) -> None:
    name = (pool * characters)[:characters]
    reasons = {getattr(read(record_of(form, place, name)), "reason", None) for form in FORMS}
    assert reasons == {Reason.ID_TOO_LONG if len(name.encode()) > LONGEST else None}
