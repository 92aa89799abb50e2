"""One message and one user event in every form that servers and integrators write."""

import base64
from collections.abc import Mapping

import msgspec

from schemas.events import ChatMessage, DeadLetter, UserEvent
from schemas.message_pb2 import Message
from tests.builders import CHAT, Record, record
from tests.wire import decode

ALICE = "8f14e45f-ceea-467f-a0e6-000000000001"
BOB = "8f14e45f-ceea-467f-a0e6-000000000002"
TEAM = "c9f0f895-fb98-4b91-89b0-0000000000aa"
SENT_AT = 1_756_000_000
RECORDED_AT = SENT_AT * 1000 + 321
TOLERANCE = 60_000

PAYLOAD = Message(
    fromUsername="alice",
    from_user=ALICE,
    to=BOB,
    content="hi 早>?",
    contentType=3,
    messageType=1,
    messageId="msg_1",
    file=b"\xfb\xef\xbe picture",
).SerializeToString()
OBJECT = {
    "fromUsername": "alice",
    "from": ALICE,
    "to": BOB,
    "content": "hi 早>?",
    "contentType": 3,
    "messageType": 1,
    "messageId": "msg_1",
    "file": base64.b64encode(b"\xfb\xef\xbe picture").decode(),
}
SNAKE = {
    "from_username": "alice",
    "from": ALICE,
    "to": BOB,
    "content": "hi 早>?",
    "content_type": "3",
    "message_type": "1",
    "message_id": "msg_1",
    "file": base64.urlsafe_b64encode(b"\xfb\xef\xbe picture").decode().rstrip("="),
}


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def as_json(value: object) -> bytes:
    return msgspec.json.encode(value)


def envelope(**fields: object) -> dict[str, object]:
    """A direct message; a field that is None is left out."""
    usual = {
        "event_type": "message",
        "timestamp": SENT_AT,
        "user_id": BOB,
        "message_data": in_base64(PAYLOAD),
    }
    return {key: value for key, value in {**usual, **fields}.items() if value is not None}


def user_envelope(metadata: Mapping[str, object] | None = None, **fields: object) -> object:
    """Somebody coming online."""
    usual = {"event_type": "user_online", "timestamp": SENT_AT, "user_id": BOB}
    return {**usual, "metadata": metadata, **fields}


def read(value: bytes | object, *, offset: int = 7) -> ChatMessage | UserEvent | DeadLetter:
    content = value if isinstance(value, bytes) else as_json(value)
    return decode(Record(content, offset, RECORDED_AT, b"key"), CHAT, TOLERANCE)


def message_of(value: bytes | object) -> ChatMessage:
    found = read(value)
    assert isinstance(found, ChatMessage), found
    return found


def event_of(value: bytes | object) -> UserEvent:
    found = read(value)
    assert isinstance(found, UserEvent), found
    return found


def letter_of(value: bytes | object | None) -> DeadLetter:
    content = record(value) if value is not None else Record(None)
    found = decode(content, CHAT, TOLERANCE)
    assert isinstance(found, DeadLetter), found
    return found


MESSAGE = ChatMessage(
    7,
    "message",
    SENT_AT * 1000,
    RECORDED_AT,
    SENT_AT * 1000,
    "msg_1",
    f"{ALICE}:{BOB}",
    ALICE,
    BOB,
    None,
    "hi 早>?",
    3,
    1,
    "hi 早>?",
    len(b"\xfb\xef\xbe picture"),
)
"""What every form of the payload says."""
