"""The users of one shard: their sessions, timers and groups, event by event in order of time."""

import heapq
from collections.abc import Callable, Set

import msgspec

from dataflows import sessions as rules
from dataflows.sessions import Change, Coordinates, Person
from schemas.directory import Directory
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


class Held(msgspec.Struct, frozen=True, array_like=True):
    """A message to a user who has just left: what becomes of it is known after the grace."""

    source: TopicPartition
    message: ChatMessage


class Roster:
    """State of the users of a shard; gathers changes and recipients as time goes on."""

    def __init__(
        self, timeout: int, grace: int, directory: Directory, mine: Callable[[str], bool]
    ) -> None:
        self._timeout = timeout
        self._grace = grace
        self._directory = directory
        self._mine = mine
        self.people: dict[str, Person] = {}
        self.held: dict[str, list[Held]] = {}
        self.members: dict[str, set[str]] = {}
        self.touched: set[str] = set()
        """Users whose state changed since it was last written."""
        self.changed_members: set[tuple[str, str]] = set()
        """Groups and users whose membership changed since it was last written."""
        self.changes: list[Change] = []
        self.recipients: list[Recipients] = []
        self._listed: dict[str, Set[str]] = {}
        self._online: set[str] = set()
        self._leaving: set[str] = set()
        self._timers: list[tuple[int, str]] = []
        self._armed: dict[str, int] = {}

    def restore(self, user_id: str, person: Person, held: list[Held]) -> None:
        """Go on with a user as of the last commit."""
        if held:
            self.held[user_id] = held
        self._put(user_id, person)
        self.touched.discard(user_id)

    def advance(self, now: int) -> None:
        """Let time pass: expire sessions, end graces, forget the long gone, in order of time."""
        timers = self._timers
        while timers and timers[0][0] <= now:
            due, user_id = heapq.heappop(timers)
            if self._armed.get(user_id) == due:
                del self._armed[user_id]
                self._fire(user_id, due)

    def on_user_event(self, source: TopicPartition, event: UserEvent) -> None:
        """A user came, went, or gave a sign of life."""
        user_id, kind = event.user_id, event.event_type
        if event.group_id is not None and kind in _JOINING:
            self._join(event.group_id, user_id)
        elif event.group_id is not None and kind in _LEAVING:
            self._leave_group(event.group_id, user_id)
        person = self.people.get(user_id)
        if kind in _OPENING:
            after = rules.opened(person or Person(), event)
        elif kind == _CLOSING:
            after = rules.closed(person or Person(), event)
        elif kind not in _RENEWING or person is None or not person.sessions:
            return
        else:
            after = rules.renewed(person, event.event_time, event.session_id)
        reason = rules.DISCONNECTED if kind == _CLOSING else rules.CONNECTED
        by = Coordinates(*source, event.kafka_offset)
        self._settle(user_id, person or Person(), after, event.event_time, reason, by)

    def on_message(self, source: TopicPartition, message: ChatMessage) -> None:
        """A message: a sign of life of its sender, and maybe something to push."""
        sender = message.from_user
        if sender is not None:
            if sender in self._online:
                person = self.people[sender]
                self.people[sender] = rules.renewed(person, message.event_time, None)
                self.touched.add(sender)
            if message.group_id is not None and self._mine(sender):
                self._join(message.group_id, sender)
        if message.event_type not in _PUSHED:
            return
        if message.group_id is not None:
            away = self._members(message.group_id) - self._online
        else:
            user_id = message.to_user
            if user_id is None or user_id in self._online or not self._mine(user_id):
                return
            away = {user_id}
        if away:
            self._candidates(source, message, away)

    def _candidates(self, source: TopicPartition, message: ChatMessage, away: Set[str]) -> None:
        leaving = away & self._leaving
        for user_id in leaving:
            self.held.setdefault(user_id, []).append(Held(source, message))
            self.touched.add(user_id)
        if gone := away - leaving:
            self.recipients.append(Recipients(source, message, tuple(sorted(gone))))

    def _members(self, group_id: str) -> Set[str]:
        listed = self._directory.members(group_id)
        if listed is None:
            return self.members.get(group_id, _NOBODY)
        mine = self._listed.get(group_id)
        if mine is None:
            mine = self._listed[group_id] = {user for user in listed if self._mine(user)}
        return mine

    def _join(self, group_id: str, user_id: str) -> None:
        members = self.members.setdefault(group_id, set())
        if user_id not in members:
            members.add(user_id)
            self.changed_members.add((group_id, user_id))

    def _leave_group(self, group_id: str, user_id: str) -> None:
        if user_id in self.members.get(group_id, _NOBODY):
            self.members[group_id].discard(user_id)
            self.changed_members.add((group_id, user_id))

    def _fire(self, user_id: str, now: int) -> None:
        person = self.people[user_id]
        after = rules.expired(person, now, self._timeout)
        if after is not person:
            self._settle(user_id, person, after, now, rules.EXPIRED, Coordinates())
        elif person.left_at is not None and person.left_at + self._grace <= now:
            self._go_away(user_id, person)
        elif rules.is_forgettable(person, now, self._timeout):
            del self.people[user_id]
            self.touched.add(user_id)
        else:
            self._put(user_id, person)

    def _settle(
        self, user_id: str, before: Person, after: Person, at: int, reason: str, by: Coordinates
    ) -> None:
        """Draw the consequences of a change of a user's sessions."""
        if after.sessions:
            if after.left_at is not None:
                after = rules.stays(after)
                self._release(user_id, returned=True)
            if after.status != rules.ONLINE:
                after = rules.published(after, rules.ONLINE, at)
                self.changes.append(Change(user_id, rules.ONLINE, reason, at, by))
        elif before.sessions:
            after = rules.leaves(after, at, reason, by)
            if self._grace == 0:
                return self._go_away(user_id, after)
        return self._put(user_id, after)

    def _go_away(self, user_id: str, person: Person) -> None:
        at = person.left_at or 0
        by, reason = person.left_by, person.left_because
        self.changes.append(Change(user_id, rules.OFFLINE, reason, at, by))
        self._release(user_id, returned=False)
        self._put(user_id, rules.published(rules.stays(person), rules.OFFLINE, at))

    def _release(self, user_id: str, *, returned: bool) -> None:
        for held in self.held.pop(user_id, ()):
            self.recipients.append(Recipients(held.source, held.message, (user_id,), returned))

    def _put(self, user_id: str, person: Person) -> None:
        self.people[user_id] = person
        self.touched.add(user_id)
        (self._online.add if person.sessions else self._online.discard)(user_id)
        (self._leaving.discard if person.left_at is None else self._leaving.add)(user_id)
        due = rules.next_due(person, self._timeout, self._grace)
        armed = self._armed.get(user_id)
        if armed is None or due < armed:
            self._armed[user_id] = due
            heapq.heappush(self._timers, (due, user_id))


_NOBODY: frozenset[str] = frozenset()
