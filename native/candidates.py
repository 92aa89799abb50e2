"""Candidates that the join in C has found: messages, and who was away of each."""

import ctypes
from array import array
from collections.abc import Sequence
from ctypes import c_int64, c_void_p

from native.columns import Batch, CTexts, MessageColumns
from native.owner import Owner
from schemas.columns import Texts
from schemas.events import TopicPartition


class CCandidates(ctypes.Structure):
    """`candidates` of candidates.h."""

    _fields_ = (
        ("rows", c_void_p),
        ("count", c_int64),
        ("sources", c_void_p),
        ("ends", c_void_p),
        ("away_count", c_int64),
        ("away", CTexts),
        ("is_leaving", c_void_p),
        *((name, c_int64) for name in ("holding", "source_room", "end_room", "leaving_room")),
    )


class Taken:
    """What was found since the last time."""

    def __init__(self, address: int, sources: Sequence[TopicPartition]) -> None:
        """Takes over the `candidates` at this address; `sources` are those of the join."""
        owner = Owner("candidates_drop", address)
        found = CCandidates.from_address(address)
        count = self.count = found.count
        self.messages = MessageColumns(Batch(found.rows)) if count else None
        found.rows = None  # the batch owns them
        numbers = array("i", ctypes.string_at(found.sources, 4 * count) if count else b"")
        self.sources = [sources[number] for number in numbers]
        """Where each message stands."""
        self.ends = array("q", ctypes.string_at(found.ends, 8 * count) if count else b"")
        """Of each message, where those end who were away from it."""
        size = found.away_count
        self.away = Texts(owner, found.away.ends, found.away.bytes, size, False)
        self.is_leaving = ctypes.string_at(found.is_leaving, size) if size else b""
        """Of each who was away: the grace was running."""
