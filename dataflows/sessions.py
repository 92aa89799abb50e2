"""Who is online: the rules, on frozen values, with the time passed in.

    away ──user_online──► online ──last session ends or expires──► leaving ──offline_grace──► away
                            ▲                                        │
                            └───────────user_online (silent)─────────┘

A user is online while any session lives. A status is published when it has lasted: going away is
said after the grace, so that a reconnect within it is silent. All instants are event times.
"""

from typing import NamedTuple

import msgspec

from schemas.events import UserEvent

ONLINE = "online"
OFFLINE = "offline"

CONNECTED = "connected"
DISCONNECTED = "disconnected"
EXPIRED = "expired"


class Coordinates(NamedTuple):
    """The record that made a change; empty where time passing made it."""

    kafka_topic: str | None = None
    kafka_partition: int | None = None
    kafka_offset: int | None = None


class Session(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One connection of a user."""

    name: str
    worker_id: int | None
    connection_time: int | None
    opened_at: int
    renewed_at: int


class Ended(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A session (or a worker's) known to be over, against an online event that arrives late."""

    name: str
    at: int


class Person(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one user."""

    sessions: tuple[Session, ...] = ()
    active_at: int = 0
    """Last time the user sent or typed without saying in which session: renews all of them."""
    last_seen: int = 0
    status: str = OFFLINE
    since: int = 0
    left_at: int | None = None
    """The last session ended then, and the grace is not over."""
    left_because: str = ""
    left_by: Coordinates = Coordinates()
    ended: tuple[Ended, ...] = ()


class Change(NamedTuple):
    """A published change of a user's status."""

    user_id: str
    status: str
    reason: str
    at: int
    by: Coordinates


_REMEMBERED = 8
"""Ends of sessions kept for one user; more cannot be out of order at the same time."""


def opened(person: Person, event: UserEvent) -> Person:
    """The user with the session of an online event, or as before when that session is over."""
    at = event.event_time
    name = event.session_id or _worker_name(event.worker_id)
    if _is_over(person, event, name):
        return person
    known = next((session for session in person.sessions if session.name == name), None)
    session = Session(
        name,
        event.worker_id,
        event.connection_time,
        known.opened_at if known else at,
        max(known.renewed_at, at) if known else at,
    )
    others = tuple(session for session in person.sessions if session.name != name)
    return msgspec.structs.replace(
        person,
        sessions=(*others, session),
        last_seen=max(person.last_seen, at),
    )


def closed(person: Person, event: UserEvent) -> Person:
    """The user without the sessions that an offline event ends.

    It ends its own session; one that names none ends those of its worker, and one that names
    neither all of them. A session opened after it is not meant.
    """
    at = event.event_time
    gone = {
        session.name
        for session in person.sessions
        if session.opened_at <= at and _is_meant(session, event)
    }
    mark = Ended(event.session_id or _worker_name(event.worker_id), at)
    ends = (*person.ended, mark, *(Ended(name, at) for name in gone if name != mark.name))
    return msgspec.structs.replace(
        person,
        sessions=tuple(session for session in person.sessions if session.name not in gone),
        last_seen=max(person.last_seen, at) if gone else person.last_seen,
        ended=ends[-_REMEMBERED:],
    )


def renewed(person: Person, at: int, session_id: str | None) -> Person:
    """The user after a sign of life; one that names a session renews that one only."""
    if session_id is None:
        return msgspec.structs.replace(
            person, active_at=max(person.active_at, at), last_seen=max(person.last_seen, at)
        )
    if all(session.name != session_id for session in person.sessions):
        return person
    sessions = tuple(
        msgspec.structs.replace(session, renewed_at=max(session.renewed_at, at))
        if session.name == session_id
        else session
        for session in person.sessions
    )
    return msgspec.structs.replace(person, sessions=sessions, last_seen=max(person.last_seen, at))


def expired(person: Person, now: int, timeout: int) -> Person:
    """The user without the sessions that nothing renewed for `timeout`."""
    live = tuple(s for s in person.sessions if expiry(s, person.active_at, timeout) > now)
    if len(live) == len(person.sessions):
        return person
    return msgspec.structs.replace(person, sessions=live)


def expiry(session: Session, active_at: int, timeout: int) -> int:
    """When the session is over unless something renews it."""
    return max(session.renewed_at, active_at) + timeout


def leaves(person: Person, at: int, reason: str, by: Coordinates) -> Person:
    """The user whose last session has just ended; nobody is told before the grace is over."""
    return msgspec.structs.replace(person, left_at=at, left_because=reason, left_by=by)


def stays(person: Person) -> Person:
    """The user without a grace running."""
    return msgspec.structs.replace(person, left_at=None, left_because="", left_by=Coordinates())


def published(person: Person, status: str, at: int) -> Person:
    """The user with a status that everybody may know."""
    return msgspec.structs.replace(person, status=status, since=at)


def is_forgettable(person: Person, now: int, timeout: int) -> bool:
    """Whether nothing that is still to come can depend on what is known of the user."""
    gone = not person.sessions and person.left_at is None and person.status == OFFLINE
    return gone and _last_sign(person) + timeout <= now


def next_due(person: Person, timeout: int, grace: int) -> int:
    """When time alone changes something about the user."""
    if person.sessions:
        return min(expiry(session, person.active_at, timeout) for session in person.sessions)
    if person.left_at is not None:
        return person.left_at + grace
    return _last_sign(person) + timeout


def _last_sign(person: Person) -> int:
    return max(person.last_seen, *(ended.at for ended in person.ended), 0)


def _is_meant(session: Session, event: UserEvent) -> bool:
    if event.session_id is not None:
        return session.name == event.session_id or (
            event.connection_time is not None and session.connection_time == event.connection_time
        )
    return event.worker_id is None or session.worker_id == event.worker_id


def _is_over(person: Person, event: UserEvent, name: str) -> bool:
    """Whether the session's end is known already: servers send online late, offline at once.

    Within one second, the clock's step, only a named session can be told from the next one.
    """
    worker = _worker_name(event.worker_id)
    at = event.event_time
    return any(
        (ended.at > at and ended.name in (name, worker, _worker_name(None)))
        or (ended.at == at and ended.name == name and event.session_id is not None)
        for ended in person.ended
    )


def _worker_name(worker_id: int | None) -> str:
    return "any" if worker_id is None else f"worker-{worker_id}"
