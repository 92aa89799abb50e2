"""The users of the only shard: what happens at most events is done in C, all rules are Python's.

C knows who is online, in which sessions, in which groups, and when each was last active. It stops
at an event that can open or end a session, and when a timer is due; it is told what came of it.

After a start C has the states of all users as the store has them. A `Person` is made of one, and
the timer set, when something happens to the user or that timer is due: so `people`, `online` and
`candidates.leaving` have only those of whom one was made.
"""

from array import array
from collections.abc import Iterable, Iterator
from ctypes import string_at
from itertools import compress

from typing_extensions import override

from dataflows import sessions as rules
from dataflows import status
from dataflows.compiled_candidates import CompiledCandidates
from dataflows.compiled_users import CompiledActivity, everybody
from dataflows.groups import Groups
from dataflows.holding import Held
from dataflows.join_states import user_of
from dataflows.roster import Roster
from dataflows.sessions import Person
from native.join import DONE, EVENT, TIMERS, Join
from native.rows import user_event_of
from schemas.columns import Texts

_NEVER = 2**63 - 1


class CompiledRoster(Roster):
    """State of the users; `see` is not called, but `go_on`."""

    candidates: CompiledCandidates
    activity: CompiledActivity

    def __init__(self, timeout: int, grace: int, groups: Groups, join: Join) -> None:
        super().__init__(timeout, grace, groups, everybody)
        self._join = join
        self._stored = join.stored
        self.candidates = CompiledCandidates(join)
        self.activity = CompiledActivity(join)

    def go_on(self, end: int) -> None:
        """Let everything before this instant happen, in order."""
        run, stopped, timers = self._join.run, self._join.stopped, self._timers
        while True:
            due = timers.next_due
            why = run(end, self.time, _NEVER if due is None else due)
            if why == EVENT:
                _, source, active_at, at, size, renewals = stopped()
                event = user_event_of(string_at(at, size))
                self._know(event.user_id, active_at, renewals)
                self._on_user_event(self._join.sources[source], event)
            elif why == TIMERS:
                self.advance(stopped()[0])
            else:
                self.candidates.fetch()
                if why == DONE:
                    break
        self.time = max(self.time, stopped()[0])

    @override
    def restore(self, users: Iterable[tuple[str, Person, list[Held], int]]) -> None:
        ids: list[str] = []
        leaving, times, counts, names = bytearray(), array("q"), array("i"), []

        def noted() -> Iterator[tuple[str, Person, list[Held], int]]:
            for user in users:
                user_id, person, _, active_at = user
                if person.sessions or person.left_at is not None:
                    ids.append(user_id)
                    leaving.append(person.left_at is not None)
                    times.append(active_at)
                    counts.append(len(person.sessions))
                    names.extend([session.name for session in person.sessions])
                yield user

        super().restore(noted())
        self._join.restore_users(ids, bytes(leaving), times, counts, names)

    def store(self, keys: Texts, states: Texts) -> list[tuple[str, bytes]]:
        """Go on with users as the store has them; returns those who are to be restored one by one.

        They are such as another release left.
        """
        rows = self._join.store_users(keys, states, self._timeout, self._grace)
        return [(keys.text(row), states.raw(row)) for row in rows]

    @override
    def counts(self) -> tuple[int, int]:
        present, known = super().counts()
        return present + self._stored.present, known + self._stored.left

    @override
    def person(self, user_id: str) -> Person | None:
        found = self.people.get(user_id)
        if found is None and self._stored.left:
            name = user_id.encode()
            if self._join.take_user(name, len(name)):
                found = self._taken()
        return found

    def _taken(self) -> Person:
        """Make a person of the state that C has just given; exactly as `restore` does."""
        user_id, state = self._stored.user()
        person = self.people[user_id] = user_of(state)[0]
        if person.sessions:
            self.online.add(user_id)
        elif person.left_at is not None:
            self.candidates.leaving.add(user_id)
        self._timers.set(user_id, status.next_due(person, 0, self._timeout, self._grace))
        return person

    @override
    def advance(self, now: int) -> None:
        while self._join.take_due(now):
            self._taken()
        super().advance(now)

    @override
    def look_back(self) -> None:
        self._join.report()
        found = self._join.reported
        who = found.who.texts()
        for number, place, at in found.renewals.triples():
            self._renew(who[number], place, at)
        times = array("q", string_at(found.active_at, 8 * len(who))) if who else ()
        is_active = string_at(found.is_active, len(who)) if who else b""
        self.activity.reported = dict(zip(who, times, strict=True))
        self.activity.active = set(compress(who, is_active))

    def _know(self, user_id: str, active_at: int, renewals: int) -> None:
        """Take note of what C has said of this user."""
        self.activity.known = {user_id: active_at}
        if renewals:
            for _, place, at in self._join.stop.renewals.triples():
                self._renew(user_id, place, at)

    def _renew(self, user_id: str, place: int, at: int) -> None:
        person = self.person(user_id)
        assert person is not None, "whoever is online is known"
        self.people[user_id] = rules.renewed(person, at, person.sessions[place].name)
        self.touched.add(user_id)

    @override
    def _fire(self, user_id: str, now: int) -> None:
        if user_id in self.online:
            name = user_id.encode()
            self._join.look(name, len(name))
            _, _, active_at, _, _, renewals = self._join.stopped()
            self._know(user_id, active_at, renewals)
        super()._fire(user_id, now)

    @override
    def _put(self, user_id: str, person: Person) -> None:
        super()._put(user_id, person)
        name, sessions = user_id.encode(), person.sessions
        if not sessions:
            self._join.put_away(name, len(name), person.left_at is not None)
            return
        if len(sessions) == 1 and person.left_at is None:
            only = sessions[0].name.encode()
            self._join.put_online(name, len(name), only, len(only))
            return
        names = [session.name.encode() for session in sessions]
        sizes, told = array("i", map(len, names)), b"".join(names)
        at, count = sizes.buffer_info()
        is_leaving = person.left_at is not None
        self._join.put(name, len(name), is_leaving, count, at, told, len(told))
