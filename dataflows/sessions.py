"""Who is online: the rules, on frozen values, with the time passed in.

    away ──user_online──► online ──last session ends or expires──► leaving ──offline_grace──► away
                            ▲                                        │
                            └───────────user_online (silent)─────────┘

A user is online while any session lives. A status is published when it has lasted: going away is
said after the grace, so that a reconnect within it is silent. All instants are event times.
"""

import msgspec

from schemas.events import UserEvent

ONLINE = "online"
OFFLINE = "offline"


class Coordinates(msgspec.Struct, frozen=True, array_like=True, gc=False):
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


class Person(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of one user."""

    sessions: tuple[Session, ...] = ()
    last_seen: int = 0
    """Last sign that came with a session; what the user sent is not in it."""
    status: str = OFFLINE
    since: int = 0
    left_at: int | None = None
    """The last session ended then, and the grace is not over."""
    left_because: str = ""
    left_by: Coordinates = Coordinates()
    ended: tuple[Ended, ...] = ()


_REMEMBERED = 8
"""Ends of sessions kept for one user; more cannot be out of order at the same time."""


def opened(person: Person, event: UserEvent) -> Person:
    """The user with the session of an online event, or as before when that session is over."""
    at = event.event_time
    name = event.session_id or _worker_name(event.worker_id)
    if person.ended and _is_over(person, event, name):
        return person
    session = Session(name, event.worker_id, event.connection_time, at, at)
    others = person.sessions
    for known in others:
        if known.name == name:
            session = _again(known, session)
            others = tuple([each for each in others if each is not known])
            break
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
    gone = [
        session.name
        for session in person.sessions
        if session.opened_at <= at and _is_meant(session, event)
    ]
    mark = Ended(event.session_id or _worker_name(event.worker_id), at)
    # The event's own mark comes last: it is the one that a later online event is held against.
    ends = (*person.ended, *[Ended(name, at) for name in gone if name != mark.name], mark)
    return msgspec.structs.replace(
        person,
        sessions=tuple([session for session in person.sessions if session.name not in gone]),
        last_seen=max(person.last_seen, at) if gone else person.last_seen,
        ended=ends[-_REMEMBERED:],
    )


def renewed(person: Person, at: int, session_id: str) -> Person:
    """The user after a sign of life in one session."""
    sessions = list(person.sessions)
    for place, session in enumerate(sessions):
        if session.name == session_id:
            sessions[place] = msgspec.structs.replace(
                session, renewed_at=max(session.renewed_at, at)
            )
            last_seen = max(person.last_seen, at)
            return msgspec.structs.replace(person, sessions=tuple(sessions), last_seen=last_seen)
    return person


def expired(person: Person, active_at: int, now: int, timeout: int) -> Person:
    """The user without the sessions that nothing renewed for `timeout`.

    `active_at` is when the user last sent or typed without saying in which session: it renews all.
    """
    live = tuple([s for s in person.sessions if expiry(s, active_at, timeout) > now])
    if len(live) == len(person.sessions):
        return person
    return msgspec.structs.replace(person, sessions=live)


def expiry(session: Session, active_at: int, timeout: int) -> int:
    """When the session is over unless something renews it."""
    return max(session.renewed_at, active_at) + timeout


def _again(known: Session, session: Session) -> Session:
    """A session opened once more: what the new event does not say is still true."""
    return Session(
        known.name,
        known.worker_id if session.worker_id is None else session.worker_id,
        known.connection_time if session.connection_time is None else session.connection_time,
        known.opened_at,
        max(known.renewed_at, session.renewed_at),
    )


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
    at = event.event_time
    # Nearly always nothing ended later: the names are made only when something did.
    later = [ended for ended in person.ended if ended.at >= at]
    if not later:
        return False
    names = (name, _worker_name(event.worker_id), _worker_name(None))
    return any(
        (ended.at > at and ended.name in names)
        or (ended.at == at and ended.name == name and event.session_id is not None)
        for ended in later
    )


def _worker_name(worker_id: int | None) -> str:
    return "any" if worker_id is None else f"worker-{worker_id}"
