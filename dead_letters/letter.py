"""One record of a dead-letter topic: the original in it, and where that stood."""

from typing import NamedTuple

import msgspec
from confluent_kafka import Message
from typing_extensions import override

from schemas.events import Header
from sinks.kafka import PROVENANCE

REPLAYED_FROM = "chatflow.replayed.from"
"""Header of a replayed record: the original's `topic/partition/offset`."""


class Place(NamedTuple):
    """Where a record stands."""

    topic: str
    partition: int
    offset: int

    @override
    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Entry(msgspec.Struct, frozen=True):
    """A dead letter without what it holds."""

    origin: Place
    place: Place | None
    """In the dead-letter topic; None in the table."""
    reason: str
    detail: str
    recorded_at: int
    """The original's record timestamp, milliseconds since 1970 UTC."""


class Letter(msgspec.Struct, frozen=True):
    """A dead letter with all it holds."""

    entry: Entry
    written_by: str
    """The consumer group of the flow that wrote it."""
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    """The original's own."""
    whole: bool
    """Whether key, value and headers are there: a topic does not take what is too large."""


def letter_of(message: Message) -> Letter | None:
    """Read a record of a dead-letter topic; None where it does not say where it came from."""
    headers = _headers(message)
    said = {name: _text(value) for name, value in headers if name.startswith(PROVENANCE)}

    def told(name: str) -> str:
        return said.get(PROVENANCE + name, "")

    try:
        origin = Place(told("topic"), int(told("partition")), int(told("offset")))
    except ValueError:
        return None
    place = Place(message.topic() or "", message.partition() or 0, message.offset() or 0)
    reason, detail = told("exception.class.name"), told("exception.message")
    return Letter(
        Entry(origin, place, reason, detail, message.timestamp()[1]),
        told("connector.name"),
        message.key(),
        message.value(),
        tuple(header for header in headers if header[0] not in said),
        PROVENANCE + "payload" not in said,
    )


def _headers(message: Message) -> list[Header]:
    found = message.headers() or []
    return list(found.items()) if isinstance(found, dict) else found


def _text(value: bytes | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return value.decode(errors="replace")
