"""The users of one shard: their sessions, timers and groups, event by event in order of time."""

from collections.abc import Callable, Iterable, Sequence

from dataflows import sessions as rules
from dataflows import status
from dataflows.activity import Activity
from dataflows.candidates import Candidates
from dataflows.event_types import CLOSING, JOINING, LEAVING, OPENING, PUSHED_TYPES
from dataflows.groups import Groups
from dataflows.holding import Held
from dataflows.sessions import Coordinates, Person
from dataflows.status import Change
from dataflows.timeline import Instant
from dataflows.timers import Timers
from schemas.events import TopicPartition, UserEvent


class Roster:
    """State of the users of a shard; gathers changes and recipients as time goes on."""

    def __init__(
        self, timeout: int, grace: int, groups: Groups, mine: Callable[[str], bool]
    ) -> None:
        self._timeout, self._grace, self._groups, self._mine = timeout, grace, groups, mine
        self.people: dict[str, Person] = {}
        self.touched: set[str] = set()
        """Users whose sessions or status changed since they were last written."""
        self.forgotten: dict[str, Person] = {}
        """Users forgotten since they were last written, as they were at last."""
        self.changes: list[Change] = []
        self.candidates = Candidates()
        self.activity = Activity()
        self.online: set[str] = set()
        self.time = 0
        """How far time has come; what is older comes late."""
        self._timers = Timers()

    def restore(self, users: Iterable[tuple[str, Person, list[Held], int]]) -> None:
        """Go on with all users as of the last commit, each with the last activity; 0: none.

        Only 0.1.0 left what is held here; it is left elsewhere from now on.
        """
        people, online, due, timeout = self.people, self.online, {}, self._timeout
        for user_id, person, held, active_at in users:
            people[user_id] = person
            for each in held:
                self.candidates.held.add(user_id, each)
                self.touched.add(user_id)
            if person.sessions:
                online.add(user_id)
                if active_at:
                    self.activity.restore(user_id, active_at)
            elif person.left_at is not None:
                self.candidates.leaving.add(user_id)
            due[user_id] = status.next_due(person, 0, timeout, self._grace)
        self._timers.restore(due)

    def counts(self) -> tuple[int, int]:
        """How many users are online or in their grace, and of how many anything is known."""
        return len(self.online) + len(self.candidates.leaving), len(self.people)

    def person(self, user_id: str) -> Person | None:
        """What is known of a user."""
        return self.people.get(user_id)

    def take_changes(self) -> Sequence[Change]:
        """The changes that nobody has taken yet."""
        found, self.changes = self.changes, []
        return found

    def advance(self, now: int) -> None:
        """Let time pass: expire sessions, end graces, forget the long gone, in order of time."""
        self.time = max(self.time, now)
        for due, user_id in self._timers.fired(now):
            self._fire(user_id, due)

    def see(self, instant: Instant) -> None:
        """Let everything of an instant happen, in order.

        One loop with the frequent cases written out: this is done for each event, and with a call
        for each of them and the sets looked up anew it took twice as long.
        """
        time, late = instant.time, instant.time < self.time
        self.advance(time)
        for sign in instant.signs:
            self._on_sign(sign, late=late)
        online, recent, candidates = self.online, self.activity.recent, self.candidates
        for _, source, event in instant.events:
            if isinstance(event, UserEvent):
                self._on_user_event(source, event)
                continue
            sender, user_id = event.from_user, event.to_user
            if sender is not None:
                if late:
                    self.activity.note(sender, time)
                else:
                    recent[sender] = time
            if event.group_id is not None:
                members = self._groups.members(event.group_id, sender)
                if not members <= online and event.event_type in PUSHED_TYPES:
                    candidates.add(source, event, members - online)
            elif (
                user_id is not None
                and user_id not in online
                and event.event_type in PUSHED_TYPES
                and self._mine(user_id)
            ):
                candidates.add(source, event, {user_id})

    def _on_user_event(self, source: TopicPartition, event: UserEvent) -> None:
        """A user came or went, joined a group or left it."""
        user_id, kind = event.user_id, event.event_type
        if event.group_id is not None and kind in JOINING:
            self._groups.join(event.group_id, user_id)
        elif event.group_id is not None and kind in LEAVING:
            self._groups.leave(event.group_id, user_id)
        before = self.person(user_id) or Person()
        by = Coordinates(*source, event.kafka_offset)
        if kind in OPENING:
            after = rules.opened(before, event)
            self._settle(user_id, before, after, event.event_time, status.CONNECTED, by)
        elif kind == CLOSING:
            after = rules.closed(before, event)
            self._settle(user_id, before, after, event.event_time, status.DISCONNECTED, by)

    def _on_sign(self, event: UserEvent, *, late: bool) -> None:
        user_id, name, at = event.user_id, event.session_id, event.event_time
        if user_id not in self.online:
            return
        if name is not None:
            person = self.people[user_id]
            sessions = person.sessions
            # Renewing the only session is renewing all of them, which is cheaper.
            if len(sessions) != 1 or sessions[0].name != name:
                after = rules.renewed(person, at, name)
                if after is not person:
                    self.people[user_id] = after
                    self.touched.add(user_id)
                return
        if late:
            self.activity.note(user_id, at)
        else:
            self.activity.recent[user_id] = at

    def _fire(self, user_id: str, now: int) -> None:
        person, active_at = self.people[user_id], 0
        if person.sessions:
            active_at = self.activity.at(user_id)
            after = rules.expired(person, active_at, now, self._timeout)
            if after is not person:
                return self._settle(user_id, person, after, now, status.EXPIRED, Coordinates())
        elif person.left_at is not None and person.left_at + self._grace <= now:
            return self._go_away(user_id, person)
        elif status.is_forgettable(person, now, self._timeout):
            del self.people[user_id]
            if person.since:
                self.forgotten[user_id] = person
            self.touched.add(user_id)
            return None
        # It came too early, for something is known since it was set.
        due = status.next_due(person, active_at, self._timeout, self._grace)
        return self._timers.set(user_id, due)

    def _settle(
        self, user_id: str, before: Person, after: Person, at: int, reason: str, by: Coordinates
    ) -> None:
        """Draw the consequences of a change of a user's sessions."""
        if after.sessions:
            if not before.sessions:
                self.activity.forget(user_id)
            if after.left_at is not None:
                after = status.stays(after)
                self.candidates.release(user_id, returned=True)
            if after.status != rules.ONLINE:
                after = status.published(after, rules.ONLINE, at)
                self.changes.append(Change(user_id, rules.ONLINE, reason, at, by))
        elif before.sessions:
            last_seen = max(after.last_seen, self.activity.at(user_id))
            self.activity.forget(user_id)
            after = status.leaves(after, at, last_seen, reason, by)
            if self._grace == 0:
                return self._go_away(user_id, after)
        return self._put(user_id, after)

    def _go_away(self, user_id: str, person: Person) -> None:
        at = person.left_at or 0
        by, reason = person.left_by, person.left_because
        self.changes.append(Change(user_id, rules.OFFLINE, reason, at, by))
        self.candidates.release(user_id, returned=False)
        self._put(user_id, status.published(person, rules.OFFLINE, at))

    def _put(self, user_id: str, person: Person) -> None:
        """Keep the user. For one who was active the timer comes too early, and is set anew then."""
        self.people[user_id] = person
        self.touched.add(user_id)
        (self.online.add if person.sessions else self.online.discard)(user_id)
        leaving = self.candidates.leaving
        (leaving.discard if person.left_at is None else leaving.add)(user_id)
        self._timers.set(user_id, status.next_due(person, 0, self._timeout, self._grace))
