"""Records as the Kafka client has them in memory; made into an object when one is asked for.

An object for each record, and a call for each of its parts, cost more than decoding it.
"""

import ctypes
from array import array
from collections.abc import Iterator, Sequence
from ctypes import POINTER, c_char_p, c_int, c_int32, c_int64, c_size_t, c_void_p
from functools import cached_property
from typing import overload

from typing_extensions import override

from native.librdkafka import librdkafka_function
from native.owner import Owner
from schemas.events import Header, Record


class CArrived(ctypes.Structure):
    """`arrived` of fetched.h."""

    _fields_ = (
        ("error", c_int32),
        ("topic", c_void_p),
        ("partition", c_int32),
        ("value", c_void_p),
        ("size", c_size_t),
        ("key", c_void_p),
        ("key_size", c_size_t),
        ("offset", c_int64),
        ("own", c_void_p),
    )


_Messages = POINTER(POINTER(CArrived))


class CFetched(ctypes.Structure):
    """`fetched` of fetched.h."""

    _fields_ = (
        ("count", c_int64),
        ("bytes", c_int64),
        ("records", c_void_p),
        ("messages", _Messages),
        ("told", _Messages),
        ("told_count", c_int64),
        ("ends_last", c_int64),
        ("client", c_void_p),
    )


RECORD_SIZE = 32
"""Bytes of a `record` of fetched.h: value, size, offset and record timestamp."""


class Fetched:
    """Owns a `fetched`: what a client handed out at once."""

    def __init__(self, at: int) -> None:
        # The last records of a client that is closed end it, which can take a while: an owner lets
        # other threads go on meanwhile.
        self._owner = Owner("fetched_free", at)
        self.struct = CFetched.from_address(at)

    def records(self) -> "FetchedRecords":
        """All records, in offset order."""
        return FetchedRecords(self, 0, self.struct.count)

    def told(self) -> list[tuple[int, str, int]]:
        """What else came, in its order: the code of each error or end, its words, its offset."""
        words = librdkafka_function("rd_kafka_message_errstr", c_char_p, POINTER(CArrived))
        found = (self.struct.told[place] for place in range(self.struct.told_count))
        return [
            (each[0].error, words(each).decode(errors="replace"), each[0].offset) for each in found
        ]


class FetchedRecord:
    """A record, read where it stands."""

    def __init__(self, owner: Fetched, place: int) -> None:
        self._owner = owner
        self._message = owner.struct.messages[place]

    def __len__(self) -> int:
        return int(self._message[0].size)

    def value(self) -> bytes | None:
        """See `Record`."""
        found = self._message[0]
        return None if found.value is None else ctypes.string_at(found.value, found.size)

    def key(self) -> bytes | None:
        """See `Record`."""
        found = self._message[0]
        return None if found.key is None else ctypes.string_at(found.key, found.key_size)

    def offset(self) -> int:
        """See `Record`."""
        return int(self._message[0].offset)

    def timestamp(self) -> tuple[int, int]:
        """See `Record`."""
        kind = c_int()
        at = librdkafka_function(
            "rd_kafka_message_timestamp", c_int64, POINTER(CArrived), POINTER(c_int)
        )(self._message, kind)
        return kind.value, at

    def headers(self) -> list[Header] | None:
        """See `Record`; a name that is not in UTF-8 has the replacement character."""
        found = c_void_p()
        read = librdkafka_function(
            "rd_kafka_message_headers", c_int, POINTER(CArrived), POINTER(c_void_p)
        )
        return list(_headers(found)) if read(self._message, found) == 0 else None


def _headers(all_of_them: c_void_p) -> Iterator[Header]:
    read = librdkafka_function(
        "rd_kafka_header_get_all",
        *(c_int, c_void_p, c_size_t),
        *(POINTER(c_char_p), POINTER(c_void_p), POINTER(c_size_t)),
    )
    name, value, size = c_char_p(), c_void_p(), c_size_t()
    place = 0
    while read(all_of_them, place, name, value, size) == 0:
        place += 1
        data = None if value.value is None else ctypes.string_at(value.value, size.value)
        yield (name.value or b"").decode(errors="replace"), data


class FetchedRecords(Sequence[FetchedRecord]):
    """Some of the records that were handed out at once, one after the other."""

    def __init__(self, owner: Fetched, begin: int, end: int) -> None:
        self._owner = owner
        self._begin, self._end = begin, end

    @property
    def at(self) -> int:
        """Where the first `record` of fetched.h stands."""
        return int(self._owner.struct.records) + RECORD_SIZE * self._begin

    @cached_property
    def bytes(self) -> int:
        """How long their values are together."""
        struct = self._owner.struct
        if len(self) == struct.count:
            return int(struct.bytes)
        return sum(array("q", ctypes.string_at(self.at, RECORD_SIZE * len(self)))[1::4])

    @override
    def __len__(self) -> int:
        return self._end - self._begin

    @overload
    def __getitem__(self, place: int) -> FetchedRecord: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[FetchedRecord]: ...

    @override
    def __getitem__(self, place: int | slice) -> FetchedRecord | Sequence[FetchedRecord]:
        places = range(self._begin, self._end)[place]
        if isinstance(places, int):
            return FetchedRecord(self._owner, places)
        if places.step == 1:
            return FetchedRecords(self._owner, places.start, max(places.start, places.stop))
        return [FetchedRecord(self._owner, each) for each in places]


def bytes_of(records: Sequence[Record]) -> int:
    """How long the values of records are together."""
    if isinstance(records, FetchedRecords):
        return records.bytes
    # The length of a record is that of its value; a loop in Python would cost thrice.
    return sum(map(len, records))  # type: ignore[arg-type]
