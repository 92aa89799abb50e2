"""Makes each record an event or a dead letter: section 1 of the semantics."""

from collections.abc import Iterable

from tests.oracle.instants import NoInstantError, instant_ms
from tests.oracle.json_text import NotJsonError, read_json
from tests.oracle.payload import NoMessageError, read_payload
from tests.oracle.protobuf import NotProtobufError, read_message
from tests.oracle.values import DeadLetter, Event, JsonObject, Payload, RawRecord, Rules, text_of

_MESSAGES = ("message", "group_message")
_LONGEST_ID = 1000


def decode(record: RawRecord, rules: Rules) -> Event | DeadLetter:
    """What this record is, whatever stands before and after it."""
    if not record.value:
        return DeadLetter(record, "empty_value")
    try:
        envelope = read_json(record.value)
    except NotJsonError:
        return _bare_message(record, record.value, rules)
    if not isinstance(envelope, dict):
        return DeadLetter(record, "invalid_envelope")
    event_type = envelope.get("event_type")
    if not isinstance(event_type, str) or not event_type:
        return DeadLetter(record, "invalid_envelope")
    return _enveloped(record, event_type, envelope, rules)


def _enveloped(
    record: RawRecord, event_type: str, envelope: JsonObject, rules: Rules
) -> Event | DeadLetter:
    try:
        created_ms = instant_ms(envelope.get("timestamp"), record.timestamp_ms)
    except NoInstantError:
        return DeadLetter(record, "invalid_timestamp")
    payload = None
    try:
        payload = read_payload(envelope.get("message_data"))
    except NoMessageError:
        if event_type in _MESSAGES:
            return DeadLetter(record, "invalid_payload")
    if payload is None and event_type in _MESSAGES:
        return DeadLetter(record, "missing_payload")
    user_id = text_of(envelope.get("user_id")) or ""
    if payload is None and not user_id:
        return DeadLetter(record, "missing_user")
    given = envelope.get("metadata")
    metadata = given if isinstance(given, dict) else {}
    ids = [text_of(metadata.get(name)) for name in ("group_id", "session_id", "client_ip")]
    if _is_any_too_long([event_type, user_id, *ids, *_ids_of(payload)]):
        return DeadLetter(record, "id_too_long")
    return Event(
        record=record,
        event_type=event_type,
        created_ms=created_ms,
        event_ms=min(created_ms, record.timestamp_ms + rules.future_tolerance),
        user_id=user_id,
        metadata=metadata,
        worker=_worker(envelope, metadata),
        payload=payload,
    )


def _ids_of(payload: Payload | None) -> list[str]:
    return [payload.sender, payload.to, payload.message_id] if payload else []


def _is_any_too_long(ids: Iterable[str | None]) -> bool:
    return any(len(each.encode()) > _LONGEST_ID for each in ids if each)


def _worker(envelope: JsonObject, metadata: JsonObject) -> str | None:
    return (
        text_of(envelope.get("worker_id"))
        or text_of(metadata.get("worker_id"))
        or text_of(metadata.get("shard_id"))
    )


def _bare_message(record: RawRecord, value: bytes, rules: Rules) -> Event | DeadLetter:
    try:
        payload = read_message(value)
    except NotProtobufError:
        payload = Payload()
    if not (payload.sender and payload.to):
        return DeadLetter(record, "invalid_json")
    if _is_any_too_long(_ids_of(payload)):
        return DeadLetter(record, "id_too_long")
    return Event(
        record=record,
        event_type="group_message" if payload.message_type == 2 else "message",
        created_ms=record.timestamp_ms,
        event_ms=record.timestamp_ms,
        user_id="",
        metadata={},
        worker=None,
        payload=payload,
    )
