"""Records of one partition in, their columns out: the compiled form of `schemas.decoding`."""

import ctypes
from array import array
from collections.abc import Sequence
from itertools import accumulate

from native.append import append_message, append_user_event
from native.columns import Batch, MessageColumns, UserEventColumns
from native.fetched import RECORD_SIZE, FetchedRecords
from native.library import function
from schemas.columns import Numbers
from schemas.decoding import Events, decode_all
from schemas.events import ChatMessage, DeadLetter, Record, TopicPartition, UserEvent
from schemas.packed import PackedRows

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
        ids: PackedRows,
    ) -> None:
        """`ids` are those seen lately, in offset order, with the event time of each."""
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        self._free = function("decoder_free", None, pointer)
        self._decode = function("decode", number, *[pointer] * 3, number, number)
        self._again = function(
            "decoder_again", ctypes.c_int, pointer, ctypes.c_char_p, *[number] * 2
        )
        restore = function("decoder_restore", None, pointer, number, *[pointer] * 3)
        new = function("decoder_new", pointer, ctypes.c_char_p, number, number, number)
        self._source, self._tolerance = source, tolerance
        prefix = f"{source.topic}-{source.partition}-".encode()
        self._handle: int = new(prefix, len(prefix), tolerance, horizon)
        for names, times in ids:
            assert isinstance(times, Numbers), "event times are no texts"
            assert times.size == 8, "event times are milliseconds"
            restore(self._handle, len(names), names.ends, names.texts, times.at)

    def __del__(self) -> None:
        self._free(self._handle)

    def decode(self, records: Sequence[Record]) -> Events:
        """The events of records in offset order, and how new the newest of them is."""
        count = len(records)
        given = records if isinstance(records, FetchedRecords) else _Listed(records)
        if count > 1 and given.bytes + _MADE * count > MOST_BYTES:
            return _one_after(*map(self.decode, (records[: count // 2], records[count // 2 :])))
        batch = Batch()
        letters: list[DeadLetter] = []
        place = 0
        while (place := self._decode(self._handle, batch.address, given.at, place, count)) < count:
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


class _Listed:
    """Records that are Python's, as a table of `record` of fetched.h."""

    def __init__(self, records: Sequence[Record]) -> None:
        values = [record.value() or b"" for record in records]
        sizes = array("q", map(len, values))
        self.bytes = sum(sizes)
        """How long their values are together."""
        self._values = b"".join(values)
        begin = ctypes.cast(ctypes.c_char_p(self._values), ctypes.c_void_p).value or 0
        table = self._table = array("q", bytes(RECORD_SIZE * len(values)))
        table[::4] = array("q", list(accumulate(sizes, initial=begin))[:-1])
        table[1::4] = sizes
        table[2::4] = array("q", [record.offset() or 0 for record in records])
        table[3::4] = array("q", [record.timestamp()[1] for record in records])
        self.at = table.buffer_info()[0]
        """Where the table stands."""


def _one_after(first: Events, other: Events) -> Events:
    """Events of records too large for one column, those of the first ones before the others."""
    return Events(
        [*first.messages, *other.messages],
        [*first.user_events, *other.user_events],
        first.letters + other.letters,
        max(first.newest, other.newest),
    )
