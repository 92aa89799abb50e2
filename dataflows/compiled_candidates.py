"""Offline recipients of messages, found in C."""

from collections.abc import Iterator
from itertools import compress

from typing_extensions import override

from dataflows.candidates import Candidates, Recipients, hold
from native.candidates import Taken
from native.columns import MessageColumns
from native.join import Join
from schemas.columns import Texts
from schemas.events import TopicPartition


class RecipientColumns:
    """Offline recipients of many messages, column by column; none of them has a reason of its own.

    None is the sender, none came back within the grace, and no message is about a call: what is
    left to decide is whether they are stale, or what the directory says of them.
    """

    def __init__(self, taken: Taken) -> None:
        assert taken.messages is not None, "there is at least one"
        self.messages: MessageColumns = taken.messages
        self.sources: list[TopicPartition] = taken.sources
        ends = list(taken.ends)
        self.counts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
        """How many recipients each message has."""
        self.users: Texts = taken.away
        """Those of the first message, then those of the second one."""

    def __iter__(self) -> Iterator[Recipients]:
        users = iter(self.users)
        for source, message, count in zip(self.sources, self.messages, self.counts, strict=True):
            yield Recipients(source, message, tuple(next(users) for _ in range(count)))


class CompiledCandidates(Candidates):
    """The offline recipients; those whom C has found are fetched when their order matters."""

    def __init__(self, join: Join) -> None:
        super().__init__()
        self._join = join

    @override
    def release(self, user_id: str, *, returned: bool) -> None:
        if self._join.apart.holding or user_id in self.held:
            self._fetch_apart()
        super().release(user_id, returned=returned)

    def fetch(self) -> None:
        """Take over what C has found so far."""
        alike = self._join.taken(alike=True)
        if alike.count:
            self.found.append(RecipientColumns(alike))
        self._fetch_apart()

    def _fetch_apart(self) -> None:
        apart = self._join.taken(alike=False)
        if apart.messages is None:
            return
        away, leaving, begin = list(apart.away), apart.is_leaving, 0
        for message, source, end in zip(apart.messages, apart.sources, apart.ends, strict=True):
            users = away[begin:end]
            if 1 in leaving[begin:end]:
                waiting = list(compress(users, leaving[begin:end]))
                for user_id in waiting:
                    self.held.add(user_id, hold(source, message))
                users = [user_id for user_id in users if user_id not in waiting]
            if users:
                self.found.append(Recipients(source, message, tuple(users)))
            begin = end
