"""The payload of a message: protobuf, or the JSON form of the same fields."""

import base64
import binascii
from typing import Any

import msgspec
from google.protobuf.message import DecodeError

from schemas.envelope import Payload, integer, text, without_nul
from schemas.message_pb2 import Message
from schemas.reasons import Reason, UndecodableError

parse = Message.FromString
"""Read the binary form; raises protobuf's `DecodeError`."""


def read_protobuf(data: bytes) -> Message:
    """Read the binary form; unknown fields are skipped.

    Raises:
        UndecodableError: The bytes are no message, or one that says neither who nor what.
    """
    try:
        found = parse(data)
    except DecodeError as error:
        raise UndecodableError(Reason.INVALID_PAYLOAD, "message_data is not protobuf") from error
    if b"\0" in data:
        replace_nul(found)
    return _meaningful(found)


def replace_nul(found: Message) -> bool:
    """Put U+FFFD for every NUL in the texts that are stored; a file keeps its bytes.

    Returns whether there was any.
    """
    # Files and defaults written out are zero bytes, too: looking is cheaper than replacing.
    texts = (found.content, found.from_user, found.to, found.messageId)
    if "\0" not in "".join(texts):
        return False
    found.content, found.from_user, found.to, found.messageId = (
        text.replace("\0", "\ufffd") for text in texts
    )
    return True


def read_payload(payload: Payload) -> Message:
    """Read any form that servers and integrators write: see the wire format, §1.4.

    Raises:
        UndecodableError: None of the forms fits.
    """
    if isinstance(payload, dict):
        return _from_object(payload)
    if isinstance(payload, bytes):
        return _from_bytes(payload)
    if not isinstance(payload, str) or not payload:
        raise UndecodableError(Reason.MISSING_PAYLOAD, "message_data is missing or empty")
    data = _any_base64(payload)
    if data is None:
        return _from_json(payload.encode())
    return _from_bytes(data)


def read_bare(value: bytes) -> Message | None:
    """Read a record that is a protobuf message without an envelope, as kone-net/go-chat writes it.

    Stricter than a payload, because random bytes can pass for protobuf: it must name both sides.
    """
    try:
        content = read_protobuf(value)
    except UndecodableError:
        return None
    return content if content.from_user and content.to else None


def _from_bytes(data: bytes) -> Message:
    if data[:1] in (b"{", b"["):
        try:
            return _from_json(data)
        except UndecodableError:
            return read_protobuf(data)
    return read_protobuf(data)


def _from_json(data: bytes) -> Message:
    try:
        found = msgspec.json.decode(without_nul(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(
            Reason.INVALID_PAYLOAD, "message_data is neither base64 nor JSON"
        ) from error
    if not isinstance(found, dict):
        raise UndecodableError(Reason.INVALID_PAYLOAD, "message_data is JSON, but not an object")
    return _from_object(found)


def _from_object(found: dict[str, Any]) -> Message:
    def field(camel: str, snake: str) -> object:
        value = found.get(camel)
        return found.get(snake) if value is None else value

    file = found.get("file")
    data = _any_base64(file) if isinstance(file, str) else None
    return _meaningful(
        Message(
            from_user=text(found.get("from")),
            to=text(found.get("to")),
            content=text(found.get("content")),
            contentType=_small(field("contentType", "content_type")),
            messageType=_small(field("messageType", "message_type")),
            messageId=text(field("messageId", "message_id")),
            file=data or b"",
        )
    )


def _small(found: object) -> int:
    number = integer(found) or 0
    return number if -(2**31) <= number < 2**31 else 0


def _meaningful(content: Message) -> Message:
    if content.from_user or content.to or content.contentType:
        return content
    raise UndecodableError(
        Reason.INVALID_PAYLOAD, "message_data names no sender, recipient or content type"
    )


def _any_base64(found: str) -> bytes | None:
    """Decode standard or URL-safe base64, padded or not; None where it is neither."""
    standard = found.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
