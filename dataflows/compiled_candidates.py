"""Offline recipients of messages, found in C."""

from array import array
from collections.abc import Callable
from ctypes import string_at
from itertools import compress

from typing_extensions import override

from dataflows.candidates import Candidates, Recipients, hold
from native.columns import Batch, MessageColumns
from native.join import Join


class CompiledCandidates(Candidates):
    """The offline recipients; those whom C has found are fetched when their order matters."""

    def __init__(self, join: Join, touch: Callable[[str], None]) -> None:
        super().__init__()
        self._join, self._touch = join, touch

    @override
    def release(self, user_id: str, *, returned: bool) -> None:
        if self._join.candidates.holding or user_id in self.held:
            self.fetch()
        super().release(user_id, returned=returned)

    def fetch(self) -> None:
        """Take over what C has found so far."""
        new = self._join.candidates
        count = new.count
        if not count:
            return
        messages = list(MessageColumns(Batch(new.rows)))
        sources = array("i", string_at(new.sources, 4 * count))
        ends = array("q", string_at(new.ends, 8 * count))
        away, leaving = new.away.texts(), string_at(new.is_leaving, new.away.count)
        held = bool(new.holding)
        self._join.candidates_taken()
        begin = 0
        for message, number, end in zip(messages, sources, ends, strict=True):
            source, users = self._join.sources[number], away[begin:end]
            if held and 1 in leaving[begin:end]:
                waiting = list(compress(users, leaving[begin:end]))
                for user_id in waiting:
                    self.held.setdefault(user_id, []).append(hold(source, message))
                    self._touch(user_id)
                users = [user_id for user_id in users if user_id not in waiting]
            if users:
                self.found.append(Recipients(source, message, tuple(users)))
            begin = end
