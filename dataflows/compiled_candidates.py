"""Offline recipients of messages, found in C."""

from collections.abc import Iterable, Iterator
from itertools import compress

from typing_extensions import override

from dataflows.candidates import AnyRecipients, Candidates, Recipients, hold
from dataflows.holding import Held
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
    """The offline recipients: C finds them, and says in which order graces are over meanwhile."""

    def __init__(self, join: Join) -> None:
        super().__init__()
        self._join = join

    @override
    def restore(self, rows: Iterable[tuple[str, bytes]]) -> None:
        super().restore(rows)
        for user_id in self.held:
            self._join.hold(user_id)

    def hold(self, user_id: str, held: Held) -> None:
        """A message waits for the end of this user's grace; it came before all that C has found."""
        self.held.add(user_id, held)
        self._join.hold(user_id)

    @override
    def take_found(self) -> list[AnyRecipients]:
        self.fetch()
        return super().take_found()

    def fetch(self) -> None:
        """Take over what C has found so far."""
        alike = self._join.taken(alike=True)
        if alike.count:
            self.found.append(RecipientColumns(alike))
        apart = self._join.taken(alike=False)
        begin = released = 0
        for place, end in enumerate(apart.ends):
            released = self._release(apart, released, place)
            self._take(apart, place, begin, end)
            begin = end
        self._release(apart, released, len(apart.ends))

    def _release(self, apart: Taken, first: int, until: int) -> int:
        """Let go what waited for graces that were over before a message; returns who is next."""
        while first < len(apart.released) and apart.released[first][2] <= until:
            user_id, has_returned, _ = apart.released[first]
            self.release(user_id, returned=has_returned)
            first += 1
        return first

    def _take(self, apart: Taken, place: int, begin: int, end: int) -> None:
        assert apart.messages is not None, "there is this one"
        message, source = apart.messages[place], apart.sources[place]
        users, leaving = apart.away[begin:end], apart.is_leaving[begin:end]
        if 1 in leaving:
            for user_id in compress(users, leaving):
                self.held.add(user_id, hold(source, message))
            users = [user_id for user_id, waits in zip(users, leaving, strict=True) if not waits]
        if users:
            self.found.append(Recipients(source, message, tuple(users)))
