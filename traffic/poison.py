"""Records that nobody can decode, one of each way in which that happens."""

import base64
import enum
import json
from random import Random


class PoisonKind(enum.StrEnum):
    """What is wrong with the value."""

    NOT_JSON = "not JSON"
    TRUNCATED = "JSON that breaks off"
    ARRAY = "a JSON array"
    NO_EVENT_TYPE = "no event_type"
    NOT_BASE64 = "message_data is not base64"
    NOT_PROTOBUF = "message_data is not protobuf"
    EMPTY = "an empty value"
    TOMBSTONE = "no value"
    INVALID_UTF8 = "invalid UTF-8"


_KINDS = tuple(PoisonKind)


def poison(random: Random, user_id: str, timestamp: int) -> bytes | None:
    """A value of a random kind; `timestamp` is seconds since 1970."""
    return poison_value(random.choice(_KINDS), user_id, timestamp)


def poison_value(kind: PoisonKind, user_id: str, timestamp: int) -> bytes | None:
    """The value of that kind; it names its user and instant where it still can."""
    event: dict[str, object] = {
        "event_type": "message",
        "timestamp": timestamp,
        "user_id": user_id,
        "message_data": "",
        "worker_id": 0,
    }
    match kind:
        case PoisonKind.NOT_JSON:
            return b"connection reset by peer"
        case PoisonKind.TRUNCATED:
            return _json(event)[:-25]
        case PoisonKind.ARRAY:
            return _json([event])
        case PoisonKind.NO_EVENT_TYPE:
            del event["event_type"]
        case PoisonKind.NOT_BASE64:
            event["message_data"] = "%% this is not base64 %%"
        case PoisonKind.NOT_PROTOBUF:
            # A text field that claims to be longer than all that follows.
            event["message_data"] = base64.b64encode(b"\x1a\xff\x01cut off").decode()
        case PoisonKind.EMPTY:
            return b""
        case PoisonKind.TOMBSTONE:
            return None
        case PoisonKind.INVALID_UTF8:
            return _json(event).replace(b'"message"', b'"mess\xff\xfege"')
    return _json(event)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
