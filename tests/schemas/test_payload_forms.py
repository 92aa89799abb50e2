"""A message says the same in every form of its payload."""

import base64

import pytest

from schemas.events import ChatMessage
from schemas.message_pb2 import Message
from tests.schemas.wire_forms import (
    ALICE,
    BOB,
    MESSAGE,
    OBJECT,
    PAYLOAD,
    RECORDED_AT,
    SNAKE,
    TEAM,
    as_json,
    envelope,
    in_base64,
    message_of,
)

FORMS: dict[str, object] = {
    "protobuf": in_base64(PAYLOAD),
    "protobuf-unpadded": in_base64(PAYLOAD).rstrip("="),
    "protobuf-url-safe": base64.urlsafe_b64encode(PAYLOAD).decode(),
    "protobuf-url-safe-unpadded": base64.urlsafe_b64encode(PAYLOAD).decode().rstrip("="),
    "unknown-fields-too": in_base64(PAYLOAD + b"\xfa\x07\x03abc"),
    "json-in-base64": in_base64(as_json(OBJECT)),
    "snake-json-in-base64": in_base64(as_json(SNAKE)),
    "json-text": as_json(OBJECT).decode(),
    "object": OBJECT,
    "snake-object": SNAKE,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_the_payload_says_the_same(form: object) -> None:
    assert message_of(envelope(message_data=form)) == MESSAGE


def test_base64_url_safe_is_seen_to_differ_from_the_standard_one() -> None:
    assert FORMS["protobuf-url-safe"] != FORMS["protobuf"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_no_form_keeps_the_bytes_of_a_file(form: object) -> None:
    assert "picture" not in repr(message_of(envelope(message_data=form)))


def test_a_bare_protobuf_message_is_an_event_of_when_it_was_recorded() -> None:
    expected = {**fields(MESSAGE), "created_at": RECORDED_AT, "event_time": RECORDED_AT}
    assert fields(message_of(PAYLOAD)) == expected


def test_a_bare_message_to_a_group_is_a_group_message() -> None:
    bare = Message(from_user=ALICE, to=TEAM, contentType=1, messageType=2)
    found = message_of(bare.SerializeToString())
    assert (found.event_type, found.group_id, found.to_user) == ("group_message", TEAM, None)


def fields(found: ChatMessage) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def group(payload: Message, **more: object) -> ChatMessage:
    data = in_base64(payload.SerializeToString())
    return message_of(envelope(**{"event_type": "group_message", "message_data": data, **more}))


@pytest.mark.parametrize(
    ("payload", "more", "expected"),
    [
        (Message(from_user=ALICE, to=TEAM), {"user_id": ALICE}, (TEAM, ALICE)),
        (Message(from_user=ALICE, to=TEAM), {"user_id": TEAM}, (TEAM, ALICE)),
        (Message(from_user=ALICE), {"user_id": TEAM}, (TEAM, ALICE)),
        (
            Message(from_user=ALICE),
            {"user_id": ALICE, "metadata": {"group_id": TEAM}},
            (TEAM, ALICE),
        ),
        (Message(to=TEAM), {"user_id": ALICE}, (TEAM, ALICE)),
        (Message(to=TEAM), {"user_id": TEAM}, (TEAM, None)),
        (Message(contentType=1), {"user_id": TEAM}, (TEAM, None)),
        (
            Message(from_user=ALICE, to=TEAM, messageType=2),
            {"event_type": "message", "user_id": BOB},
            (TEAM, ALICE),
        ),
    ],
    ids=[
        *("today", "specification", "group-in-user-id", "group-in-metadata", "sender-in-user-id"),
        *("no-sender", "neither", "type-2-on-the-other-topic"),
    ],
)
def test_the_group_and_sender_of_a_group_message(
    payload: Message, more: dict[str, object], expected: tuple[str, str | None]
) -> None:
    found = group(payload, **more)
    assert (found.group_id, found.from_user) == expected
    assert (found.conversation_id, found.to_user, found.message_type) == (TEAM, None, 2)


@pytest.mark.parametrize(
    ("payload", "user_id", "expected"),
    [
        (Message(from_user=ALICE, to=BOB), BOB, (ALICE, BOB, f"{ALICE}:{BOB}")),
        (Message(from_user=BOB, to=ALICE), ALICE, (BOB, ALICE, f"{ALICE}:{BOB}")),
        (Message(from_user=ALICE, to=BOB), ALICE, (ALICE, BOB, f"{ALICE}:{BOB}")),
        (Message(from_user=ALICE), BOB, (ALICE, BOB, f"{ALICE}:{BOB}")),
        (Message(from_user=ALICE), ALICE, (ALICE, None, f":{ALICE}")),
        (Message(to=BOB), BOB, (None, BOB, f":{BOB}")),
        (Message(contentType=1), BOB, (None, BOB, f":{BOB}")),
        (Message(contentType=1), "", (None, None, ":")),
        (Message(from_user=ALICE, to=ALICE), ALICE, (ALICE, ALICE, f"{ALICE}:{ALICE}")),
    ],
    ids=[
        *("recipient-in-user-id", "descending", "sender-in-user-id", "no-recipient"),
        *("nobody-but-the-sender", "no-sender", "neither", "nobody", "to-oneself"),
    ],
)
def test_the_sides_of_a_direct_message(
    payload: Message, user_id: str, expected: tuple[str | None, str | None, str]
) -> None:
    data = in_base64(payload.SerializeToString())
    found = message_of(envelope(message_data=data, user_id=user_id))
    assert (found.from_user, found.to_user, found.conversation_id) == expected
    assert (found.group_id, found.message_type) == (None, 1)


@pytest.mark.parametrize(
    ("content_type", "content", "name"),
    [
        *((2, "a.pdf", "a.pdf"), (3, "a.png", "a.png"), (5, "a.mp4", "a.mp4"), (4, "音", None)),
        *((1, "text", None), (2, "", None)),
    ],
    ids=["file", "image", "video", "audio", "text", "file-without-name"],
)
def test_the_name_of_a_file_is_its_content(
    content_type: int, content: str, name: str | None
) -> None:
    payload = Message(to=BOB, contentType=content_type, content=content).SerializeToString()
    found = message_of(envelope(message_data=in_base64(payload)))
    assert (found.content, found.file_name, found.file_size) == (content, name, None)


def test_a_message_without_an_id_is_named_by_its_coordinates() -> None:
    payload = Message(from_user=ALICE, to=BOB).SerializeToString()
    found = message_of(envelope(message_data=in_base64(payload)))
    assert found.message_id == "chat-messages-0-7"


def test_a_message_of_an_unknown_type_is_kept_under_its_own() -> None:
    assert message_of(envelope(event_type="system_notice")).event_type == "system_notice"
