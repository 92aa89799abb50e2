"""Why a record became a dead letter: a closed list, so that it can be counted."""

import enum


class Reason(enum.StrEnum):
    """The value of `dead_letters.reason` and of `__connect.errors.exception.class.name`."""

    EMPTY_VALUE = "empty_value"
    """A tombstone or zero bytes: these topics are logs, nothing in them can be deleted."""
    INVALID_JSON = "invalid_json"
    """Neither JSON nor a bare protobuf message."""
    INVALID_ENVELOPE = "invalid_envelope"
    """JSON, but not an event: no object, no event type."""
    INVALID_TIMESTAMP = "invalid_timestamp"
    INVALID_PAYLOAD = "invalid_payload"
    """`message_data` is neither a protobuf message nor its JSON form."""
    MISSING_PAYLOAD = "missing_payload"
    """A message without `message_data`."""
    MISSING_USER = "missing_user"
    """An event of nobody: `user_id` is missing."""
    ID_TOO_LONG = "id_too_long"
    """An event, but one of its ids is longer than every store can keep in a key."""


class UndecodableError(Exception):
    """A record cannot be understood; becomes a dead letter and never leaves `schemas.decoding`.

    The detail is made of fixed words: it never quotes what the record says.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
