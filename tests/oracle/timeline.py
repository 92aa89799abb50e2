"""Plays all events in their order: sections 4 and 5 of the semantics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.oracle.messages import MessageRow
from tests.oracle.person import Decided, Person
from tests.oracle.sessions import session_of
from tests.oracle.values import Directory, Event, Rules

_OPENING = ("user_online", "heartbeat", "user_heartbeat")
_RENEWING = ("user_typing", "typing", "message_read")
_PUSHED = ("message", "group_message")


class Timeline:
    """The people and groups of the chat; ask after `play`."""

    def __init__(self, rules: Rules, directory: Directory) -> None:
        self._rules = rules
        self._directory = directory
        self._people: dict[str, Person] = {}
        self._members: dict[str, set[str]] = {}

    @property
    def people(self) -> Mapping[str, Person]:
        return self._people

    def play(
        self, user_events: Iterable[Event], messages: Iterable[MessageRow], newest_ms: int
    ) -> None:
        """Let all of it happen, and time then stand at `newest_ms`."""
        rows = {row.event.record.coordinates: row for row in messages}
        everything = [*user_events, *(row.event for row in rows.values())]
        for event in sorted(everything, key=_order):
            row = rows.get(event.record.coordinates)
            if row is None:
                self._user_event(event)
            else:
                self._message(row)
        for person in self._people.values():
            person.advance(newest_ms)

    def reason(self, decided: Decided) -> str:
        """Why a candidate was pushed to, or not."""
        message, user_id = decided.message, decided.user_id
        rules, directory = self._rules, self._directory
        max_age = rules.call_max_age if message.is_invitation else rules.push_max_age
        muted = directory.muted.get(user_id, frozenset())
        claims = {
            "sender": user_id == message.from_user,
            "signalling": message.is_call and not message.is_invitation,
            "online": decided.came_back,
            "muted": user_id in directory.mute_all or message.conversation_id in muted,
            "no_device": directory.devices.get(user_id) == (),
            "stale": rules.clock >= message.event.event_ms + max_age,
        }
        return next((reason for reason, holds in claims.items() if holds), "offline")

    def _person(self, user_id: str, now: int) -> Person:
        person = self._people.get(user_id)
        if person is None:
            person = self._people[user_id] = Person(user_id, self._rules)
        person.advance(now)
        return person

    def _user_event(self, event: Event) -> None:
        now = event.event_ms
        person = self._person(event.user_id, now)
        session = session_of(event)
        if event.event_type in _OPENING:
            person.open(now, session, event.record)
        elif event.event_type == "user_offline":
            person.close(now, session, event.record)
        elif event.event_type in _RENEWING:
            person.renew(now, session.name)
        group_id = event.metadata.get("group_id")
        if isinstance(group_id, str) and group_id:
            if event.event_type == "group_join":
                self._members.setdefault(group_id, set()).add(event.user_id)
            elif event.event_type == "group_leave":
                self._members.get(group_id, set()).discard(event.user_id)

    def _message(self, row: MessageRow) -> None:
        now = row.event.event_ms
        if row.from_user:
            self._person(row.from_user, now).renew(now, None)
            if row.group_id:
                self._members.setdefault(row.group_id, set()).add(row.from_user)
        if row.event.event_type in _PUSHED:
            for user_id in self._recipients(row):
                self._person(user_id, now).be_candidate(now, row)

    def _recipients(self, row: MessageRow) -> Iterable[str]:
        if row.group_id is None:
            return [row.to_user] if row.to_user else []
        listed = self._directory.groups.get(row.group_id)
        return self._members.get(row.group_id, set()) if listed is None else listed


@dataclass(frozen=True, order=True)
class _Place:
    event_ms: int
    recorded_ms: int
    is_message: bool
    topic: str
    partition: int
    offset: int


def _order(event: Event) -> _Place:
    record = event.record
    is_message = event.payload is not None
    return _Place(event.event_ms, record.timestamp_ms, is_message, *record.coordinates)
