"""The users of one shard: their sessions, timers and groups, event by event in order of time."""

from collections.abc import Callable, Set

import msgspec

from dataflows import sessions as rules
from dataflows import status
from dataflows.groups import Groups
from dataflows.held import Held, hold
from dataflows.sessions import Coordinates, Person
from dataflows.status import Change
from dataflows.timers import Timers
from schemas.events import ChatMessage, TopicPartition, UserEvent

_OPENING = frozenset({"user_online", "heartbeat", "user_heartbeat"})
_CLOSING = "user_offline"
_JOINING = frozenset({"group_join"})
_LEAVING = frozenset({"group_leave"})
_RENEWING = frozenset({"user_typing", "typing", "message_read"})
_PUSHED = frozenset({"message", "group_message"})
"""Event types that can cause a push; a message of an unknown type is only stored."""


class Recipients(msgspec.Struct, frozen=True):
    """Users who were offline at the time of a message: candidates for a push.

    `returned` says that they came back within the grace: they get the message itself.
    """

    source: TopicPartition
    message: ChatMessage
    users: tuple[str, ...]
    returned: bool = False


class Roster:
    """State of the users of a shard; gathers changes and recipients as time goes on."""

    def __init__(
        self, timeout: int, grace: int, groups: Groups, mine: Callable[[str], bool]
    ) -> None:
        self._timeout = timeout
        self._grace = grace
        self._groups = groups
        self._mine = mine
        self.people: dict[str, Person] = {}
        self.held: dict[str, list[Held]] = {}
        self.active_at: dict[str, int] = {}
        """When users who are online last sent or typed: what changes with every message."""
        self.touched: set[str] = set()
        """Users whose sessions or status changed since they were last written."""
        self.renewed: set[str] = set()
        """Users who were active since they were last written."""
        self.forgotten: dict[str, Person] = {}
        """Users forgotten since they were last written, as they were at last."""
        self.changes: list[Change] = []
        self.recipients: list[Recipients] = []
        self._online: set[str] = set()
        self._leaving: set[str] = set()
        self._timers = Timers()

    def restore(self, user_id: str, person: Person, held: list[Held], active_at: int) -> None:
        """Go on with a user as of the last commit; `active_at` 0: never active."""
        if held:
            self.held[user_id] = held
        if person.sessions and active_at:
            self.active_at[user_id] = active_at
        self._put(user_id, person)
        self.touched.discard(user_id)

    def advance(self, now: int) -> None:
        """Let time pass: expire sessions, end graces, forget the long gone, in order of time."""
        for due, user_id in self._timers.fired(now):
            self._fire(user_id, due)

    def on_user_event(self, source: TopicPartition, event: UserEvent) -> None:
        """A user came, went, or gave a sign of life."""
        user_id, kind = event.user_id, event.event_type
        if kind in _RENEWING:
            if user_id in self._online:
                self._on_activity(user_id, event)
            return
        if event.group_id is not None and kind in _JOINING:
            self._groups.join(event.group_id, user_id)
        elif event.group_id is not None and kind in _LEAVING:
            self._groups.leave(event.group_id, user_id)
        before = self.people.get(user_id) or Person()
        by = Coordinates(*source, event.kafka_offset)
        if kind in _OPENING:
            after = rules.opened(before, event)
            self._settle(user_id, before, after, event.event_time, status.CONNECTED, by)
        elif kind == _CLOSING:
            after = rules.closed(before, event)
            self._settle(user_id, before, after, event.event_time, status.DISCONNECTED, by)

    def on_message(self, source: TopicPartition, message: ChatMessage) -> None:
        """A message: a sign of life of its sender, and maybe something to push."""
        sender, group_id = message.from_user, message.group_id
        online = self._online
        if sender is not None and sender in online:
            at = message.event_time
            # As `_renew`, without the call: this is done once a message.
            if at > self.active_at.get(sender, 0):
                self.active_at[sender] = at
                self.renewed.add(sender)
        if group_id is not None:
            away = self._groups.members(group_id, sender) - online
            if away and message.event_type in _PUSHED:
                self._candidates(source, message, away)
        else:
            user_id = message.to_user
            if user_id is None or user_id in online or not self._mine(user_id):
                return
            if message.event_type in _PUSHED:
                self._candidates(source, message, {user_id})

    def _on_activity(self, user_id: str, event: UserEvent) -> None:
        person = self.people[user_id]
        name, sessions = event.session_id, person.sessions
        # Renewing the only session is renewing all of them, which is cheaper.
        if name is None or (len(sessions) == 1 and sessions[0].name == name):
            self._renew(user_id, event.event_time)
            return
        after = rules.renewed(person, event.event_time, name)
        if after is not person:
            self.people[user_id] = after
            self.touched.add(user_id)

    def _renew(self, user_id: str, at: int) -> None:
        if at > self.active_at.get(user_id, 0):
            self.active_at[user_id] = at
            self.renewed.add(user_id)

    def _candidates(self, source: TopicPartition, message: ChatMessage, away: Set[str]) -> None:
        leaving = away & self._leaving
        for user_id in leaving:
            self.held.setdefault(user_id, []).append(hold(source, message))
            self.touched.add(user_id)
        if gone := away - leaving if leaving else away:
            self.recipients.append(Recipients(source, message, tuple(gone)))

    def _fire(self, user_id: str, now: int) -> None:
        person = self.people[user_id]
        after = rules.expired(person, self.active_at.get(user_id, 0), now, self._timeout)
        if after is not person:
            self._settle(user_id, person, after, now, status.EXPIRED, Coordinates())
        elif person.left_at is not None and person.left_at + self._grace <= now:
            self._go_away(user_id, person)
        elif status.is_forgettable(person, now, self._timeout):
            del self.people[user_id]
            if person.since:
                self.forgotten[user_id] = person
            self.touched.add(user_id)
        else:
            self._put(user_id, person)

    def _settle(
        self, user_id: str, before: Person, after: Person, at: int, reason: str, by: Coordinates
    ) -> None:
        """Draw the consequences of a change of a user's sessions."""
        if after.sessions:
            if after.left_at is not None:
                after = status.stays(after)
                self._release(user_id, returned=True)
            if after.status != rules.ONLINE:
                after = status.published(after, rules.ONLINE, at)
                self.changes.append(Change(user_id, rules.ONLINE, reason, at, by))
        elif before.sessions:
            last_seen = max(after.last_seen, self.active_at.pop(user_id, 0))
            after = status.leaves(after, at, last_seen, reason, by)
            if self._grace == 0:
                return self._go_away(user_id, after)
        return self._put(user_id, after)

    def _go_away(self, user_id: str, person: Person) -> None:
        at = person.left_at or 0
        by, reason = person.left_by, person.left_because
        self.changes.append(Change(user_id, rules.OFFLINE, reason, at, by))
        self._release(user_id, returned=False)
        self._put(user_id, status.published(status.stays(person), rules.OFFLINE, at))

    def _release(self, user_id: str, *, returned: bool) -> None:
        for held in self.held.pop(user_id, ()):
            self.recipients.append(Recipients(held.source, held.message, (user_id,), returned))

    def _put(self, user_id: str, person: Person) -> None:
        self.people[user_id] = person
        self.touched.add(user_id)
        (self._online.add if person.sessions else self._online.discard)(user_id)
        (self._leaving.discard if person.left_at is None else self._leaving.add)(user_id)
        active_at = self.active_at.get(user_id, 0)
        due = status.next_due(person, active_at, self._timeout, self._grace)
        self._timers.set(user_id, due)
