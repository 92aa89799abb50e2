"""The rows of `messages`, and which of them are repeats: section 2 of the semantics."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.oracle.values import Event, Payload, text_of

_GROUP = 2
_FILES = (2, 3, 5)
_CALLS = (6, 7)
_MEMORY_MS = 10 * 60_000


@dataclass(frozen=True)
class MessageRow:
    """A message as it is stored, with the event it came from."""

    event: Event
    message_id: str
    conversation_id: str
    from_user: str | None
    to_user: str | None
    group_id: str | None
    content: str
    content_type: int
    message_type: int
    file_name: str | None
    file_size: int | None

    @property
    def is_call(self) -> bool:
        return self.content_type in _CALLS

    @property
    def is_invitation(self) -> bool:
        return self.is_call and "call-invite" in self.content


def kept_messages(events: Iterable[Event]) -> Iterator[MessageRow]:
    """The messages that are no repeats, in no particular order."""
    by_partition: dict[tuple[str, int], list[MessageRow]] = {}
    for event in events:
        if event.payload is not None:
            place = event.record.topic, event.record.partition
            by_partition.setdefault(place, []).append(_row(event, event.payload))
    for rows in by_partition.values():
        yield from _without_repeats(sorted(rows, key=lambda row: row.event.record.offset))


def _without_repeats(rows: Iterable[MessageRow]) -> Iterator[MessageRow]:
    clock = 0
    stored_at: dict[str, int] = {}
    """By message id: what the partition's clock said when it was stored."""
    for row in rows:
        now = max(clock, row.event.event_ms)
        stored = stored_at.get(row.message_id)
        if stored is not None and now - stored <= _MEMORY_MS:
            continue
        clock = stored_at[row.message_id] = now
        yield row


def _row(event: Event, payload: Payload) -> MessageRow:
    is_group = event.event_type == "group_message" or payload.message_type == _GROUP
    group_id = _group(event, payload) if is_group else None
    from_user = payload.sender or None
    if is_group and not from_user and event.user_id != group_id:
        from_user = event.user_id or None
    to_user = None
    if not is_group:
        to_user = payload.to or (event.user_id if event.user_id != from_user else "") or None
    pair = ":".join(sorted((from_user or "", to_user or "")))
    record = event.record
    return MessageRow(
        event=event,
        message_id=payload.message_id or f"{record.topic}-{record.partition}-{record.offset}",
        conversation_id=(group_id or "") if is_group else pair,
        from_user=from_user,
        to_user=to_user,
        group_id=group_id,
        content=payload.content,
        content_type=payload.content_type,
        message_type=_GROUP if is_group else payload.message_type or 1,
        file_name=(payload.content or None) if payload.content_type in _FILES else None,
        file_size=payload.file_size or None,
    )


def _group(event: Event, payload: Payload) -> str | None:
    return payload.to or text_of(event.metadata.get("group_id")) or event.user_id or None
