"""Record values of every form that the wire has, had, or could have: each with a name."""

import base64
import json
from typing import Any

from schemas.message_pb2 import Message
from tests.long_ids import LONGEST, id_of

NOW = 1_756_700_000
Fields = dict[str, Any]  # Any: whatever JSON can hold

_MESSAGE = Message(from_user="ann", to="bob", content="hi", contentType=1, messageType=1)
_JSON_MESSAGE = {"from": "ann", "to": "bob", "content": "hi", "contentType": 1}


def odd_values() -> dict[str, bytes | None]:
    """By what is odd about them."""
    found: dict[str, bytes | None] = {"no value": None, "empty": b""}
    found |= {f"timestamp {value!r}": _event(timestamp=value) for value in _TIMESTAMPS}
    found |= {f"message_data {name}": _event(message_data=data) for name, data in _payloads()}
    found |= {f"typing with {name}": _user(message_data=data) for name, data in _payloads()}
    found |= {f"message {name}": _event(**fields) for name, fields in _MESSAGES.items()}
    found |= {f"user event {name}": _user(**fields) for name, fields in _USER_EVENTS.items()}
    found |= {f"envelope {name}": value for name, value in _ENVELOPES.items()}
    found["no timestamp"] = _event(without="timestamp")
    found["no message_data"] = _event(without="message_data")
    found["no user_id"] = _user(without="user_id")
    return found


_TIMESTAMPS: tuple[object, ...] = (
    NOW, NOW * 10**3, NOW * 10**6, NOW * 10**9, NOW + 0.5, NOW * 1000 + 0.5, str(NOW), f"{NOW}.25",
    99_999_999_999, 100_000_000_000, 99_999_999_999_999, 10**14, 10**17, 10**18, 10**25,
    "2025-09-01T04:13:20Z", "2025-09-01T04:13:20.123456789Z", "2025-09-01T06:13:20.5+02:00",
    "2025-09-01T04:13:20", "2025-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "1969-12-31T00:00:00Z",
    "", None, True, False, 0, -5, "0", "-5", "soon", [], {}, [NOW],
)  # fmt: skip


def _payloads() -> list[tuple[str, object]]:
    whole = _MESSAGE.SerializeToString()
    in_json = json.dumps(_JSON_MESSAGE)
    more = Message(**{**_fields(), "file": b"\xfb\xff\xfe" * 11, "messageId": "~~~???"})
    long = more.SerializeToString()
    return [
        ("an object", _JSON_MESSAGE),
        ("an object without a sender or a recipient", {"content": "hi"}),
        ("null", None),
        ("an empty text", ""),
        ("base64", _base64(whole)),
        ("base64 unpadded", _base64(whole + b"\xa0\x06\x01").rstrip("=")),
        ("base64 URL-safe", base64.urlsafe_b64encode(long).decode()),
        ("base64 URL-safe unpadded", base64.urlsafe_b64encode(long).decode().rstrip("=")),
        ("base64 of JSON", _base64(in_json.encode())),
        ("base64 of a JSON array", _base64(b"[1]")),
        ("base64 of a JSON text", _base64(b'"hi"')),
        ("base64 of broken JSON", _base64(b'{"from":"ann"')),
        ("a text of JSON", in_json),
        ("a text of a JSON array", "[1]"),
        ("neither base64 nor JSON", "%%%"),
        ("blanks around base64", f" {_base64(whole)}\n"),
        *_JSON_PAYLOADS.items(),
        ("an unknown field", _base64(whole + b"\xf2\x07\x03abc")),
        ("an unknown group", _base64(whole + b"\xf3\x07\x08\x01\xf4\x07")),
        ("an unclosed group", _base64(whole + b"\xf3\x07")),
        ("the end of a group", _base64(whole + b"\xf4\x07")),
        ("wire type 7", _base64(whole + b"\x0f")),
        ("field 0", _base64(whole + b"\x00\x01")),
        ("a field that breaks off", _base64(whole + b"\x2a\x7f")),
        ("a text that is not UTF-8", _base64(whole + b"\x2a\x02\xff\xfe")),
        ("a field twice", _base64(whole + b"\x2a\x02ho")),
        ("a negative number", _base64(whole + b"\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
        ("a number of another wire type", _base64(whole + b"\x32\x01\x05")),
    ]


def _fields() -> Fields:
    return {"from_user": "ann", "to": "bob", "content": "film.mp4", "contentType": 5}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _event(without: str = "", **fields: object) -> bytes:
    data = _base64(_MESSAGE.SerializeToString())
    event: Fields = {"event_type": "message", "timestamp": NOW, "user_id": "bob"}
    return _json({**event, "message_data": data, **fields}, without)


def _user(without: str = "", **fields: object) -> bytes:
    event: Fields = {"event_type": "user_typing", "timestamp": NOW, "user_id": "ann"}
    return _json({**event, **fields}, without)


def _json(fields: Fields, without: str = "") -> bytes:
    return json.dumps({n: v for n, v in fields.items() if n != without}).encode()


_GROUP = {"content": "hi", "contentType": 1, "messageType": 2}
_MESSAGES: dict[str, Fields] = {
    "to a group by messageType": {"message_data": {**_GROUP, "from": "ann", "to": "crew"}},
    "to a group without to": {
        "event_type": "group_message",
        "message_data": {"from": "ann", "content": "hi", "contentType": 1},
        "metadata": {"group_id": "crew"},
    },
    "to a group by user_id": {
        "event_type": "group_message",
        "user_id": "crew",
        "message_data": {"content": "hi", "contentType": 1},
    },
    "to a group of nobody's": {
        "event_type": "group_message",
        "user_id": "ann",
        "message_data": {"to": "crew", "contentType": 1},
    },
    "to a group without a group": {
        "event_type": "group_message",
        "user_id": None,
        "message_data": {"from": "ann", "contentType": 1},
    },
    "of nobody to nobody": {"user_id": None, "message_data": {"contentType": 1}},
    "without to": {"message_data": {"from": "ann", "contentType": 1}},
    "without to, of the oldest servers": {
        "user_id": "ann",
        "message_data": {"from": "ann", "contentType": 1},
    },
    "without a sender": {"message_data": {"to": "bob", "contentType": 1}},
    "to oneself": {"user_id": "ann", "message_data": {**_JSON_MESSAGE, "to": "ann"}},
    "with content type 0": {"message_data": {"from": "ann", "to": "bob"}},
    "with a content type of 99": {"message_data": {**_JSON_MESSAGE, "contentType": 99}},
    "of an unknown event type": {"event_type": "bot_message"},
    "without user_id": {"user_id": None},
    "in many bytes": {"message_data": {**_JSON_MESSAGE, "content": "😀é" * 50}},
    "an audio": {"message_data": {**_JSON_MESSAGE, "contentType": 4, "content": "voice"}},
    "to an id of 1,000 bytes": {"message_data": {**_JSON_MESSAGE, "to": id_of(LONGEST, wide=True)}},
    "to an id of 1,001 bytes": {"message_data": {**_JSON_MESSAGE, "to": id_of(LONGEST + 1)}},
    "an image without a name": {"message_data": {"from": "ann", "to": "bob", "contentType": 3}},
}
_JSON_PAYLOADS: dict[str, Fields] = {
    "snake case": {"from": "ann", "to": "bob", "content_type": 2, "message_type": 1},
    "numbers as text": {"from": "ann", "to": "bob", "contentType": "2", "messageType": "1"},
    "unknown names": {**_JSON_MESSAGE, "reactions": [1, 2], "readTimestamp": "17"},
    "a file in JSON": {**_JSON_MESSAGE, "contentType": 2, "file": "MTIzNDU="},
    "a number as a text": {**_JSON_MESSAGE, "from": 17, "messageId": 7},
    "truth as a text": {**_JSON_MESSAGE, "content": True},
    "a word as a number": {**_JSON_MESSAGE, "contentType": "abc"},
    "truth as a number": {**_JSON_MESSAGE, "contentType": True},
    "a fraction as a number": {**_JSON_MESSAGE, "contentType": 2.7},
    "a number beyond 32 bits": {**_JSON_MESSAGE, "contentType": 2**31},
    "a list as a number": {**_JSON_MESSAGE, "messageType": [2]},
    "a file that is no base64": {**_JSON_MESSAGE, "contentType": 2, "file": "%"},
    "a file that is a number": {**_JSON_MESSAGE, "contentType": 2, "file": 5},
    "null before a spelling": {**_JSON_MESSAGE, "contentType": None, "content_type": 6},
    "nulls in JSON": {**_JSON_MESSAGE, "content": None, "messageId": None},
}
_USER_EVENTS: dict[str, Fields] = {
    "of an unknown type": {"event_type": "user_renamed"},
    "with an empty user_id": {"user_id": ""},
    "with metadata null": {"metadata": None},
    "with a session": {"metadata": {"session_id": "s1", "client_ip": "10.0.0.1:4001"}},
    "with an address": {"metadata": {"client_ip": "10.0.0.1:4001"}},
    "with an IPv6 address": {"metadata": {"client_ip": "[2001:db8::1]:4001"}},
    "with a bare address": {"metadata": {"client_ip": "10.0.0.1"}},
    "with a bare IPv6 address": {"metadata": {"client_ip": "2001:db8::1"}},
    "with a bare address and a worker": {"metadata": {"client_ip": "10.0.0.1"}, "worker_id": 0},
    "with a connection time": {"metadata": {"connection_time": NOW - 5}},
    "with a disconnect time": {"metadata": {"disconnect_time": NOW - 5}},
    "with a worker": {"worker_id": 3},
    "with an id of 1,000 bytes": {"user_id": id_of(LONGEST)},
    "with an id of 1,001 bytes": {"user_id": id_of(LONGEST + 1, wide=True)},
    "with an id of 1,001 digits": {"user_id": 10**LONGEST},
    "with a shard": {"metadata": {"shard_id": 3, "client_ip": "10.0.0.1"}},
}
_ENVELOPES: dict[str, bytes] = {
    "a bare message": _MESSAGE.SerializeToString(),
    "a bare message to a group": Message(
        from_user="ann", to="crew", messageType=2, contentType=1
    ).SerializeToString(),
    "a bare message without to": Message(from_user="ann", contentType=1).SerializeToString(),
    "text": b"connection reset by peer",
    "an array": b"[]",
    "a JSON text": b'"user_typing"',
    "null": b"null",
    "a number": b"17",
    "broken": b'{"event_type":"message"',
    "without event_type": b"{}",
    "with an empty event_type": _user(event_type=""),
    "with event_type null": _user(event_type=None),
    "with a number as event_type": _user(event_type=1),
    "not UTF-8": b'{"event_type":"\xff"}',
    "with space around it": b" \n" + _user() + b"\n ",
    "with an unknown field": _user(trace_id="abc"),
}
