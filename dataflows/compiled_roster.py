"""The users of the only shard, all of them in C, with the rules of `sessions` and `status`.

Python has only the messages that wait for the end of a grace. Of a user nothing is unpacked until
something happens: what the store has is kept as it is, and so a start makes nothing of users.
"""

from collections.abc import Iterable, Iterator, Sequence

from typing_extensions import override

from dataflows.compiled_candidates import CompiledCandidates
from dataflows.compiled_groups import everybody
from dataflows.groups import Groups
from dataflows.holding import Held
from dataflows.join_states import USERS, state_of, user_of
from dataflows.roster import Roster
from dataflows.sessions import Coordinates, Person
from dataflows.status import Change
from native.join import DONE, Join
from schemas.columns import LazyList, Texts
from schemas.packed import packed_rows
from schemas.rows import Rows


class ChangeColumns(LazyList[Change]):
    """Changes found in C: they are made only when somebody asks for one."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(len(rows))
        self.rows = rows
        """The same, for the store."""

    @override
    def _all(self) -> Iterator[Change]:
        columns = self.rows.columns
        for user_id, status, reason, at, *by in zip(*columns[3:], *columns[:3], strict=True):
            yield Change(user_id, status, reason, at, Coordinates(*by))


class CompiledRoster(Roster):
    """State of the users; `see` is not called, but `go_on`, and `people` stays empty."""

    candidates: CompiledCandidates

    def __init__(self, timeout: int, grace: int, groups: Groups, join: Join) -> None:
        super().__init__(timeout, grace, groups, everybody)
        self._join = join
        self._changes: list[Rows] = []
        self.candidates = CompiledCandidates(join)

    def go_on(self, end: int) -> None:
        """Let everything before this instant happen, in order."""
        while self._join.run(end, self.time) != DONE:
            self._fetch()

    @override
    def advance(self, now: int) -> None:
        while self._join.advance(now) != DONE:
            self._fetch()

    def _fetch(self) -> None:
        self.candidates.fetch()
        self._fetch_changes()

    def _fetch_changes(self) -> None:
        if changes := self._join.changes():
            self._changes.append(changes)

    @override
    def take_changes(self) -> Sequence[Change]:
        self._fetch_changes()
        parts, self._changes = [ChangeColumns(rows) for rows in self._changes], []
        return parts[0] if len(parts) == 1 else [each for part in parts for each in part]

    @override
    def counts(self) -> tuple[int, int]:
        return self._join.counts.present, self._join.counts.known

    @override
    def person(self, user_id: str) -> Person | None:
        state = self._join.state(user_id)
        return None if state is None else user_of(state)[0]

    def left(self) -> Iterator[Rows]:
        """What the store is to know of users since the last time."""
        return self._join.left(USERS)

    def store(self, keys: Texts, states: Texts) -> list[tuple[str, bytes]]:
        """Go on with users as the store has them; returns those who are to be restored one by one.

        They are such as another release left.
        """
        return [(keys.text(row), states.raw(row)) for row in self._join.store_users(keys, states)]

    @override
    def restore(self, users: Iterable[tuple[str, Person, list[Held], int]]) -> None:
        """See `Roster.restore`; when they were active is told to the join itself.

        Raises:
            OverflowError: A number is none that any release writes.
        """
        for user_id, person, held, _ in users:
            for each in held:
                self.candidates.hold(user_id, each)
            for keys, states in packed_rows([(user_id, state_of(person))]):
                assert isinstance(states, Texts), "states are bytes"
                if self._join.store_users(keys, states, is_touched=bool(held)):
                    raise OverflowError("a stored user has a number of more than 64 bits")
