"""Candidates that the join in C has found: messages, and who was away of each."""

import ctypes
from array import array
from collections.abc import Sequence

from native.columns import Batch, MessageColumns
from native.join_structures import CCandidates
from native.owner import Owner
from schemas.columns import Texts
from schemas.events import TopicPartition


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
        size = found.released_count
        released = Texts(owner, found.released.ends, found.released.bytes, size, False)
        returned = ctypes.string_at(found.has_returned, size) if size else b""
        times = array("q", ctypes.string_at(found.released_at, 8 * size) if size else b"")
        self.released = list(zip(released, map(bool, returned), times, strict=True))
        """Users whose grace is over, whether they came back, and how many messages came before."""
