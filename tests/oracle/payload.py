"""Reads `message_data`, in each of the forms in which chat servers have written it."""

import base64
import binascii
from decimal import Decimal
from typing import Any

from tests.oracle.json_text import NotJsonError, read_json
from tests.oracle.protobuf import NotProtobufError, read_message
from tests.oracle.values import JsonObject, Payload, text_of

_NAMES = {
    "sender": ("from",),
    "to": ("to",),
    "content": ("content",),
    "content_type": ("contentType", "content_type"),
    "message_type": ("messageType", "message_type"),
    "message_id": ("messageId", "message_id"),
    "file": ("file",),
}


class NoMessageError(ValueError):
    """A payload is there, and yields no message."""


def read_payload(data: object) -> Payload | None:
    """The message in `message_data`, or nothing when there is none of it.

    Raises:
        NoMessageError: There is something, but no message.
    """
    if data is None or data == "" or not isinstance(data, str | dict):
        return None
    message = _from_json(data) if isinstance(data, dict) else _from_text(data)
    if not message.is_message:
        raise NoMessageError("neither sender nor recipient nor content type")
    return message


def read_base64(text: str) -> bytes:
    """The bytes, from the standard or the URL-safe alphabet, padded or not.

    Raises:
        ValueError: The text is no base64.
    """
    standard = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    padded = standard + "=" * (-len(standard) % 4)
    return base64.b64decode(padded, validate=True)


def _from_text(text: str) -> Payload:
    try:
        data = read_base64(text)
    except (binascii.Error, ValueError):
        return _from_json(_object(text.encode(errors="surrogatepass")))
    if data[:1] in (b"{", b"["):
        try:
            return _from_json(_object(data))
        except NoMessageError:
            pass  # a message may begin with that byte, too
    try:
        return read_message(data)
    except NotProtobufError as error:
        raise NoMessageError("not protobuf") from error


def _object(data: bytes) -> JsonObject:
    try:
        value = read_json(data)
    except NotJsonError as error:
        raise NoMessageError("not JSON") from error
    if not isinstance(value, dict):
        raise NoMessageError("JSON, but no object")
    return value


def _from_json(fields: JsonObject) -> Payload:
    found = {name: _first(fields, spellings) for name, spellings in _NAMES.items()}
    file = found.pop("file")
    return Payload(
        sender=_text(found["sender"]),
        to=_text(found["to"]),
        content=_text(found["content"]),
        content_type=_integer(found["content_type"]),
        message_type=_integer(found["message_type"]),
        message_id=_text(found["message_id"]),
        file_size=_size(file) if isinstance(file, str) else 0,
    )


def _first(fields: JsonObject, spellings: tuple[str, ...]) -> Any:  # Any: whatever JSON holds
    return next((fields[name] for name in spellings if fields.get(name) is not None), None)


def _text(value: object) -> str:
    return text_of(value) or ""


def _size(file: str) -> int:
    try:
        return len(read_base64(file))
    except ValueError:
        return 0


def _integer(value: object) -> int:
    """An integer of 32 bits, from a number without its fraction or from a text; else 0."""
    try:
        found = int(value) if isinstance(value, int | Decimal | str) else 0
    except (ValueError, OverflowError):
        return 0
    return found if -(2**31) <= found < 2**31 else 0
