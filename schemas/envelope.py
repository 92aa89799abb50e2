"""The envelope every event comes in: `MessageEvent` as servers write it, and what comes close.

The strict form is one msgspec call, its base64 payload included. What does not fit it is read
again as plain JSON, which accepts timestamps as text, float, milliseconds or RFC 3339, payloads as
objects or in any base64, and worker ids as text.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from schemas.reasons import Reason, UndecodableError

Payload = bytes | str | dict[str, Any] | None
"""The payload before it is understood: decoded base64, some other text, or a JSON object."""

Small = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that fits the columns and the states it ends up in; JSON has no such bound."""


class Metadata(msgspec.Struct, gc=False):
    """What servers were seen to say beside the event; everything else is ignored."""

    group_id: str | None = None
    session_id: str | None = None
    client_ip: str | None = None
    connection_time: Small | None = None
    disconnect_time: Small | None = None
    worker_id: Small | None = None
    shard_id: Small | None = None


class Envelope(msgspec.Struct, gc=False):
    """One event. `timestamp` is seconds since 1970; 0 where the server set none."""

    event_type: str
    timestamp: int = 0
    user_id: str = ""
    message_data: bytes | None = None
    metadata: Metadata | None = None
    worker_id: Small | None = None


class LooseEnvelope(msgspec.Struct):
    """The same event, its fields not yet trusted to have one type."""

    event_type: str
    created_at: int
    """Milliseconds since 1970 UTC; 0 where the server set none."""
    user_id: str
    payload: Payload
    metadata: Metadata
    worker_id: int | None


read_strictly = msgspec.json.Decoder(Envelope).decode
"""Read the form that servers write; raises `msgspec.DecodeError` for any other."""

ESCAPE = b"\\u"
"""How JSON writes what needs a closer look: NUL, and halves of surrogate pairs."""
BACKSLASH = ESCAPE[0]
"""As a number, because that is found in bytes in a tenth of the time."""
LATEST = 253402300799999
"""The last millisecond of the year 9999, where datetimes end."""
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_ABSURD = 1e30
"""No unit makes an instant of a number this large; arithmetic on larger ones can fail."""


def without_nul(value: bytes) -> bytes:
    """JSON in which an escaped NUL is U+FFFD: not every store takes the one, all take the other."""
    return _NUL.sub(rb"\1\\ufffd", value) if b"\\u0000" in value else value


def read_loosely(value: bytes) -> LooseEnvelope:
    """Read whatever can still be understood as an event.

    Raises:
        UndecodableError: It is not JSON, not an object, or has no event type.
    """
    try:
        found = msgspec.json.decode(without_nul(value))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(Reason.INVALID_JSON, "the value is not JSON") from error
    if not isinstance(found, dict):
        raise UndecodableError(Reason.INVALID_ENVELOPE, "the value is JSON, but not an object")
    event_type = found.get("event_type")
    if not isinstance(event_type, str) or not event_type:
        raise UndecodableError(Reason.INVALID_ENVELOPE, "event_type is missing or not text")
    metadata = found.get("metadata")
    return LooseEnvelope(
        event_type=event_type,
        created_at=instant(found.get("timestamp")),
        user_id=text(found.get("user_id")),
        payload=_payload(found.get("message_data")),
        metadata=_metadata(metadata if isinstance(metadata, dict) else {}),
        worker_id=integer(found.get("worker_id")),
    )


def instant(found: object) -> int:
    """Milliseconds since 1970 from seconds, milliseconds or finer, as number, text or RFC 3339.

    The unit is told by the magnitude, as the wire format's description advises: beyond 1e11 it
    cannot be seconds. Nothing, 0 or a negative number is 0, "not set".

    Raises:
        UndecodableError: It is none of these, or outside the years a calendar has.
    """
    if found is None or found == "" or found is False or found is True:
        return 0
    if isinstance(found, str):
        number = _number(found.strip())
        milliseconds = _rfc3339(found.strip()) if number is None else _in_milliseconds(number)
    elif isinstance(found, int | float) and found == found:
        milliseconds = _in_milliseconds(found)
    else:
        raise UndecodableError(Reason.INVALID_TIMESTAMP, "timestamp is not an instant")
    if milliseconds > LATEST:
        raise UndecodableError(Reason.INVALID_TIMESTAMP, "timestamp lies beyond the year 9999")
    return milliseconds


def text(found: object) -> str:
    """Text, or a number as text; anything else is empty."""
    if isinstance(found, str):
        return found
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return ""


def integer(found: object) -> int | None:
    """An integer, also from text (protojson writes int64 so); None where there is none."""
    if isinstance(found, bool):
        return int(found)
    try:
        number = int(found) if isinstance(found, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and -(2**63) <= number < 2**63 else None


_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:]{8}(\.[0-9]{1,40})?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


def _number(found: str) -> float | int | None:
    match = _NUMBER.fullmatch(found)
    if match is None:
        return None
    return float(found) if match.group(1) or match.group(2) else int(found)


def _rfc3339(found: str) -> int:
    try:
        if _RFC3339.fullmatch(found) is None:
            raise ValueError("not RFC 3339")
        moment = dt.datetime.fromisoformat(found.upper())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        milliseconds = (aware - _EPOCH) // dt.timedelta(milliseconds=1)
    except (ValueError, OverflowError) as error:
        raise UndecodableError(Reason.INVALID_TIMESTAMP, "timestamp is not an instant") from error
    return max(milliseconds, 0)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _in_milliseconds(found: float | int) -> int:
    if found <= 0:
        return 0
    if found > _ABSURD:
        return LATEST + 1
    if found < 1e11:
        return int(Decimal(repr(found)) * 1000)
    if found < 1e14:
        return int(found)
    return int(found) // 1000 if found < 1e17 else int(found) // 1_000_000


def _payload(found: object) -> Payload:
    return found if isinstance(found, str | dict) else None


def _metadata(found: dict[str, Any]) -> Metadata:
    return Metadata(
        group_id=text(found.get("group_id")) or None,
        session_id=text(found.get("session_id")) or None,
        client_ip=text(found.get("client_ip")) or None,
        connection_time=integer(found.get("connection_time")),
        disconnect_time=integer(found.get("disconnect_time")),
        worker_id=integer(found.get("worker_id")),
        shard_id=integer(found.get("shard_id")),
    )
