"""How a record is written: which generation of servers writes so, and what only comes close."""

import base64
import binascii
import re
from typing import Any, NamedTuple

import msgspec

from schemas.envelope import integer, text

_STANDARD = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_ANY = re.compile(r"\s*[A-Za-z0-9+/_-]+=*\s*")
_BEGINNING = 8
"""Characters of base64 that say what is in it: six bytes."""

NO_ENVELOPE = "protobuf without an envelope"
OBJECT = "a JSON object"
PROTOBUF = "protobuf in base64"
NO_PAYLOAD = "no payload"


class Form(NamedTuple):
    """How one record is written; nothing of what it says but names of servers' parts."""

    payload: str = NO_PAYLOAD
    oddities: tuple[str, ...] = ()
    """What servers do not write, but decoding takes."""
    user_id: str = ""
    worker_id: int | None = None
    worker_in: str = ""
    """Where the worker stands: `worker_id`, `metadata.worker_id`, `metadata.shard_id`."""
    named_by: str = ""
    """By what a user event names its session; empty where it does not."""


def form_of(value: bytes | None) -> Form:
    """Tell the form of a record's value; of one that is no event, as far as it goes."""
    try:
        found = msgspec.json.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Form(NO_ENVELOPE)
    if not isinstance(found, dict):
        return Form()
    metadata = found.get("metadata")
    beside = metadata if isinstance(metadata, dict) else {}
    payload, odd_payload = _payload(found.get("message_data"))
    worker_in, worker_id = _worker(found, beside)
    oddities = (*odd_payload, *_timestamp(found.get("timestamp")))
    user_id = text(found.get("user_id"))
    return Form(payload, oddities, user_id, worker_id, worker_in, _session(beside))


def _payload(found: object) -> tuple[str, tuple[str, ...]]:
    if isinstance(found, dict):
        odd = ("snake_case names in the payload",) if "content_type" in found else ()
        return OBJECT, odd
    if not isinstance(found, str) or not found:
        return NO_PAYLOAD, ()
    if _ANY.fullmatch(found) is None:
        return "JSON in a text", ("a payload that is JSON in a text",)
    odd = () if _STANDARD.fullmatch(found) and len(found) % 4 == 0 else ("odd base64",)
    if _first_byte(found) in (b"{", b"["):
        return "JSON in base64", (*odd, "a payload that is JSON in base64")
    return PROTOBUF, odd


def _first_byte(found: str) -> bytes:
    beginning = found.strip()[:_BEGINNING].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(beginning + "=" * (-len(beginning) % 4))[:1]
    except binascii.Error:
        return b""


def _timestamp(found: object) -> tuple[str, ...]:
    if isinstance(found, str) and found:
        return ("a timestamp that is text",)
    if isinstance(found, float):
        return ("a timestamp with a fraction",)
    if not isinstance(found, int) or found <= 0:
        return ("no timestamp",)
    if found < 1e11:
        return ()
    return ("a timestamp in milliseconds" if found < 1e14 else "a timestamp finer than ms",)


def _worker(found: dict[str, Any], metadata: dict[str, Any]) -> tuple[str, int | None]:
    places = {
        "worker_id": found.get("worker_id"),
        "metadata.worker_id": metadata.get("worker_id"),
        "metadata.shard_id": metadata.get("shard_id"),
    }
    for place, value in places.items():
        if (number := integer(value)) is not None:
            return place, number
    return "", None


def _session(metadata: dict[str, Any]) -> str:
    if text(metadata.get("session_id")):
        return "session_id"
    if re.search(r":\d+$", text(metadata.get("client_ip"))):
        return "client_ip with port"
    for name in ("connection_time", "disconnect_time"):
        if integer(metadata.get(name)) is not None:
            return name
    return ""
