"""What the decoder promises for any bytes at all, checked for one record."""

from itertools import count

import msgspec

from dataflows.decode import DeadLetterLimit, Decoder
from schemas.events import (
    ChatMessage,
    DeadLetter,
    Header,
    RecordBatch,
    TopicPartition,
    UserEvent,
)
from schemas.reasons import Reason
from sinks.memory import NoMemory
from tests.builders import Record
from tests.long_ids import LONGEST
from tests.wire import decode

SOURCE = TopicPartition("chat-messages", 0)
_TOLERANCE = 60_000
_RECORDED_AT = 1_756_700_000_000
_HEADERS: tuple[Header, ...] = (("trace", b"1"),)
_LONGEST_DETAIL = 200
_COPIES = 4
"""A text may stand in two columns, and two users make a conversation; none is longer than that."""
_NAMES = 200
"""Characters that come from elsewhere than the value: a message's id made of its coordinates."""
_MEMORY = 10_000
"""Records after which the ids of messages are forgotten, so that a long run does not grow."""
_NO_IDS = {"content": None, "file_name": None, "conversation_id": 2 * LONGEST + 1}
"""Texts of an event that are none, with how many bytes they may have."""
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


class BrokenPromiseError(AssertionError):
    """The decoder does not do what is said of it; quotes nothing of the record."""


class Promises:
    """Feeds records one by one to a decoder of its own and looks at what comes out."""

    def __init__(self) -> None:
        self._offsets = count()
        self._begin()

    def _begin(self) -> None:
        self._decoder, self._plain = (
            Decoder(NoMemory(), _TOLERANCE, DeadLetterLimit(1.0, 1000), compiled=compiled)
            for compiled in (True, False)
        )
        self._ids: set[str] = set()

    def check(
        self, value: bytes | None, recorded_at: int = _RECORDED_AT
    ) -> ChatMessage | UserEvent | DeadLetter | None:
        """What this record becomes; None for a repeat of a message that was given before.

        Raises:
            BrokenPromiseError: It becomes none or several things, or something no store takes; or
                the compiled library and Python read it differently.
        """
        offset = next(self._offsets)
        if offset % _MEMORY == 0:
            self._begin()
        record = Record(value, offset, recorded_at, b"key", _HEADERS)
        batch = RecordBatch(SOURCE, offset + 1, [record])
        found, plain = (
            [(each.progress, event) for each in decoder([batch]) for event in each.events]
            for decoder in (self._decoder, self._plain)
        )
        if found != plain:
            raise BrokenPromiseError("the compiled reading is not that of Python")
        if len(found) > 1:
            raise BrokenPromiseError(f"one record became {len(found)} things")
        if not found:
            self._is_repeat(record)
            return None
        ((_, event),) = found
        self._look_at(event, value or b"", offset)
        return event

    def _look_at(
        self, event: ChatMessage | UserEvent | DeadLetter, value: bytes, offset: int
    ) -> None:
        if event.kafka_offset != offset:
            raise BrokenPromiseError("an event has the offset of another record")
        if isinstance(event, DeadLetter):
            return _is_whole(event, value)
        if isinstance(event, ChatMessage):
            self._ids.add(event.message_id)
        return _is_storable(event, len(value))

    def _is_repeat(self, record: Record) -> None:
        event = decode(record, SOURCE, _TOLERANCE)
        if not isinstance(event, ChatMessage) or event.message_id not in self._ids:
            raise BrokenPromiseError("a record that repeats nothing is lost")


def _is_whole(letter: DeadLetter, value: bytes) -> None:
    kept = (letter.payload or b"", letter.key, tuple(letter.headers))
    if kept != (value, b"key", _HEADERS):
        raise BrokenPromiseError("a dead letter is not the record as it came")
    if letter.reason not in set(Reason) or not 0 < len(letter.detail) <= _LONGEST_DETAIL:
        raise BrokenPromiseError("a dead letter has no reason of the list, or a long detail")


def _is_storable(event: ChatMessage | UserEvent, size: int) -> None:
    texts = 0
    for name, value in msgspec.structs.asdict(event).items():
        if isinstance(value, str):
            texts += _length(name, value)
        elif value is not None and not _SMALLEST <= value <= _LARGEST:
            raise BrokenPromiseError(f"{name} fits no column")
    if texts > _COPIES * size + _NAMES:
        raise BrokenPromiseError(f"{size} bytes became {texts} bytes of text")
    if not event.event_type or event.created_at < 0:
        raise BrokenPromiseError("an event has no type or no time")


def _length(name: str, value: str) -> int:
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise BrokenPromiseError(f"{name} is no text") from error
    longest = _NO_IDS.get(name, LONGEST)
    if longest is not None and size > longest:
        raise BrokenPromiseError(f"{name} is longer than a key may be")
    return size
