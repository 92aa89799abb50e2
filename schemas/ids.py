"""How long an id may be, so that every store can keep it in any of its keys."""

from schemas.envelope import Envelope, LooseEnvelope
from schemas.message_pb2 import Message

LONGEST_ID = 1000
"""Bytes in UTF-8. Two ids stand together in one key at most (a group and its member; an event type
and a group), and an index of Postgres takes no key of more than 2,704 bytes."""
_SURE = LONGEST_ID // 4
"""Characters that cannot be more bytes than that."""


def has_doubtful_id(found: Envelope) -> bool:
    """Whether `long_id` could name a field of this envelope; quick, for the hot path."""
    if len(found.user_id) > _SURE or len(found.event_type) > _SURE:
        return True
    metadata = found.metadata
    return metadata is not None and (
        len(metadata.group_id or "") > _SURE
        or len(metadata.session_id or "") > _SURE
        or len(metadata.client_ip or "") > _SURE
    )


def has_doubtful_id_inside(found: Message) -> bool:
    """The same of a payload."""
    return len(found.from_user) > _SURE or len(found.to) > _SURE or len(found.messageId) > _SURE


def long_id(envelope: LooseEnvelope | None, message: Message | None) -> str | None:
    """The first field that holds an id too long; used or not, so that the rule is a simple one."""
    ids: list[tuple[str, str | None]] = []
    if envelope is not None:
        metadata = envelope.metadata
        ids += [
            ("event_type", envelope.event_type),
            ("user_id", envelope.user_id),
            ("metadata.group_id", metadata.group_id),
            # Each of these can name a session.
            ("metadata.session_id", metadata.session_id),
            ("metadata.client_ip", metadata.client_ip),
        ]
    if message is not None:
        ids += [("from", message.from_user), ("to", message.to), ("messageId", message.messageId)]
    return next((field for field, name in ids if name and is_too_long(name)), None)


def is_too_long(name: str) -> bool:
    """Whether no key can be sure to hold it; `name` is text that UTF-8 can write."""
    return len(name) > _SURE and len(name.encode()) > LONGEST_ID
