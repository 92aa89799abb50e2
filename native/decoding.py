"""Records of one partition in, their columns out: the compiled form of `schemas.decoding`."""

import ctypes
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate

from native.append import append_message, append_user_event
from native.columns import Batch, MessageColumns, UserEventColumns
from native.library import function
from schemas.decoding import Events, decode_all
from schemas.events import ChatMessage, DeadLetter, Record, TopicPartition, UserEvent

MOST_BYTES = 2**30
"""Of one batch: a column holds no more than 2 GiB."""
_MADE = 512
"""Bytes of a row that may not be in its record: of an id that is made of the coordinates."""


class PartitionDecoder:
    """Decodes the records of a partition, and leaves out repeats.

    What looks as servers write it today is decoded in C; the rest by `schemas.decoding`, record by
    record, in its place among the others.
    """

    def __init__(
        self,
        source: TopicPartition,
        tolerance: int,
        horizon: int,
        ids: Iterable[tuple[str, int]],
    ) -> None:
        """`ids` are those seen lately, with the partition's clock then."""
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        self._free = function("decoder_free", None, pointer)
        self._decode = function("decode", number, *[pointer] * 6, number, number)
        identified = (pointer, ctypes.c_char_p, number, number)
        self._again = function("decoder_again", ctypes.c_int, *identified)
        restore = function("decoder_restore", None, *identified)
        new = function("decoder_new", pointer, ctypes.c_char_p, number, number, number)
        self._source, self._tolerance = source, tolerance
        prefix = f"{source.topic}-{source.partition}-".encode()
        self._handle: int = new(prefix, len(prefix), tolerance, horizon)
        for name, at in ids:
            restore(self._handle, data := name.encode(), len(data), at)

    def __del__(self) -> None:
        self._free(self._handle)

    def decode(self, records: Sequence[Record]) -> Events:
        """The events of records in offset order, and how new the newest of them is."""
        values = [record.value() or b"" for record in records]
        ends = array("q", accumulate(map(len, values)))
        count = len(records)
        if count > 1 and ends[-1] + _MADE * count > MOST_BYTES:
            return _one_after(*map(self.decode, (records[: count // 2], records[count // 2 :])))
        batch = Batch()
        letters: list[DeadLetter] = []
        together = b"".join(values)
        offsets = array("q", _offsets(records))
        times = array("q", [record.timestamp()[1] for record in records])
        columns = [column.buffer_info()[0] for column in (ends, offsets, times)]
        place = 0
        while True:
            place = self._decode(self._handle, batch.address, together, *columns, place, count)
            if place == count:
                break
            letters += self._one(records[place], batch)
            place += 1
        events = MessageColumns(batch), UserEventColumns(batch)
        return Events(*events, letters, batch.struct.newest)

    def _one(self, record: Record, batch: Batch) -> list[DeadLetter]:
        """Decode a record that is not as servers write them today."""
        messages, user_events, letters = decode_all([record], self._source, self._tolerance)
        for message in messages:
            self._saw(message, batch)
            name = message.message_id.encode()
            if not self._again(self._handle, name, len(name), message.event_time):
                append_message(batch, message)
        for event in user_events:
            self._saw(event, batch)
            append_user_event(batch, event)
        return letters

    def _saw(self, event: ChatMessage | UserEvent, batch: Batch) -> None:
        batch.struct.newest = max(batch.struct.newest, event.event_time)


def _offsets(records: Sequence[Record]) -> Sequence[int]:
    """Those of the records; nearly always without a gap, and then two of them tell all."""
    if not records:
        return ()
    first, last = records[0].offset() or 0, records[-1].offset() or 0
    if last - first == len(records) - 1:
        return range(first, last + 1)
    return [record.offset() or 0 for record in records]


def _one_after(first: Events, other: Events) -> Events:
    """Events of records too large for one column, those of the first ones before the others."""
    return Events(
        [*first.messages, *other.messages],
        [*first.user_events, *other.user_events],
        first.letters + other.letters,
        max(first.newest, other.newest),
    )
