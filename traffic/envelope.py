"""Events as the chat server writes them: fields in, the bytes of a `MessageEvent` out.

The server is written in Go, so its JSON is Go's: compact, fields in the order of the struct, keys
of metadata sorted, `< > &` and the two Unicode line separators escaped, payloads in padded base64.
"""

import re
from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

Metadata = Mapping[str, str | int | bool]
"""What stands beside an event. No floats: Go would write them differently."""


class LegacyMessage(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    gc=False,
    rename={
        "from_username": "fromUsername",
        "from_user": "from",
        "content_type": "contentType",
        "message_type": "messageType",
        "file_suffix": "fileSuffix",
    },
):
    """The payload of the first servers: a JSON object, where later ones write protobuf."""

    from_username: str = ""
    from_user: str = ""
    to: str = ""
    content: str = ""
    content_type: int = 0
    type: str = ""
    message_type: int = 0
    file_suffix: str = ""
    file: bytes = b""


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One event, its fields in the order of the wire.

    `user_id` is the recipient of a direct message, the sender of a group message and otherwise the
    user it is about. `timestamp` is seconds since 1970. Servers of today always say `worker_id`,
    the first ones never did. Empty payloads and metadata are to be left unset.
    """

    event_type: str
    timestamp: int
    user_id: str
    message_data: bytes | LegacyMessage | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET
    worker_id: int | UnsetType = UNSET


_encode = msgspec.json.Encoder(order="deterministic").encode
_ESCAPED_BY_GO = re.compile(rb"[<>&]|\xe2\x80[\xa8\xa9]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(event: Event) -> bytes:
    """The record's value. Texts must be valid Unicode (see `valid_text`)."""
    value = _encode(event)
    # Five plain searches are faster than one regular expression that finds nothing.
    if b"<" in value or b">" in value or b"&" in value or b"\xe2\x80" in value:
        return _ESCAPED_BY_GO.sub(_escape, value)
    return value


def valid_text(text: str) -> str:
    """The text with U+FFFD for what is not Unicode, such as undecodable bytes of an argument."""
    return _SURROGATE.sub("\ufffd", text)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())
