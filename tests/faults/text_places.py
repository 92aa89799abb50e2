"""Records that hold given bytes as a text, at each place where the wire has one."""

import base64
import json
from typing import Any

NOW = 1_756_700_000
_SLOT = "@@"
_FROM, _TO, _CONTENT, _CONTENT_TYPE, _MESSAGE_ID = 3, 4, 5, 6, 12
_PROTOBUF = {"from": _FROM, "to": _TO, "content": _CONTENT, "messageId": _MESSAGE_ID}

Fields = dict[str, Any]  # Any: whatever JSON can hold


def records_with(text: bytes) -> dict[str, bytes]:
    """By place: a record that is good but for these bytes, which in JSON stand there as they are.

    So they may be escapes of JSON, or no text at all.
    """
    found = {f"{place} of a user event": _json(_user(place), text) for place in _ENVELOPE}
    found |= {f"{place} of a session": _json(_session(place), text) for place in _METADATA}
    for place in _PROTOBUF:
        found[f"{place} in an object"] = _json(_event(_message(place)), text)
        inner = base64.b64encode(_json(_message(place), text)).decode()
        found[f"{place} in JSON in base64"] = _json(_event(inner), b"")
    group = {**_event({**_message("none"), "to": ""}), "metadata": {"group_id": _SLOT}}
    found["group_id of a message"] = _json({**group, "event_type": "group_message"}, text)
    return found


def protobufs_with(text: bytes) -> dict[str, bytes]:
    """By place: a record with a binary message that holds these bytes, and the bare message."""
    found = {}
    for place in _PROTOBUF:
        data = _protobuf({place: text})
        envelope = _event(base64.b64encode(data).decode())
        found[f"{place} in protobuf"] = _json(envelope, b"")
        found[f"{place} in a bare message"] = data
    return found


_ENVELOPE = ("event_type", "user_id")
_METADATA = ("session_id", "client_ip", "group_id")


def _user(place: str) -> Fields:
    event: Fields = {"event_type": "user_online", "timestamp": NOW, "user_id": "ann"}
    return {**event, place: f"a{_SLOT}z"}


def _session(place: str) -> Fields:
    kind = "group_join" if place == "group_id" else "user_online"
    return {**_user("none"), "event_type": kind, "metadata": {place: f"a{_SLOT}z"}}


def _event(data: object) -> Fields:
    event: Fields = {"event_type": "message", "timestamp": NOW, "user_id": "bob"}
    return {**event, "message_data": data}


def _message(place: str) -> Fields:
    fields: Fields = {"from": "ann", "to": "bob", "content": "film.mp4", "contentType": 5}
    return fields if place == "none" else {**fields, place: f"a{_SLOT}z"}


def _protobuf(texts: dict[str, bytes]) -> bytes:
    usual = {"from": b"ann", "to": b"bob", "content": b"film.mp4"}
    fields = {**usual, **{name: b"a" + text + b"z" for name, text in texts.items()}}
    data = bytes([_CONTENT_TYPE << 3, 5])
    for name, value in fields.items():
        data += bytes([_PROTOBUF[name] << 3 | 2]) + _length(value) + value
    return data


def _length(value: bytes) -> bytes:
    """As a number of one byte or two: of up to 16,383."""
    size = len(value)
    return bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])


def _json(fields: Fields, text: bytes) -> bytes:
    return json.dumps(fields).encode().replace(_SLOT.encode(), text)
