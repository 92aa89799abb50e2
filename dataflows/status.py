"""What is said of a user's status, and when time alone changes it: rules on frozen values."""

import msgspec

from dataflows.sessions import OFFLINE, Coordinates, Person, expiry

CONNECTED = "connected"
DISCONNECTED = "disconnected"
EXPIRED = "expired"


class Change(msgspec.Struct, frozen=True, gc=False):
    """A published change of a user's status."""

    user_id: str
    status: str
    reason: str
    at: int
    by: Coordinates


def leaves(person: Person, at: int, last_seen: int, reason: str, by: Coordinates) -> Person:
    """The user whose last session has just ended; nobody is told before the grace is over."""
    return msgspec.structs.replace(
        person, left_at=at, last_seen=last_seen, left_because=reason, left_by=by
    )


def stays(person: Person) -> Person:
    """The user without a grace running."""
    return published(person, person.status, person.since)


def published(person: Person, status: str, at: int) -> Person:
    """The user with a status that everybody may know: no grace is running any more."""
    return Person(person.sessions, person.last_seen, status, at, ended=person.ended)


def is_forgettable(person: Person, now: int, timeout: int) -> bool:
    """Whether nothing that is still to come can depend on what is known of the user."""
    gone = not person.sessions and person.left_at is None and person.status == OFFLINE
    return gone and _last_sign(person) + timeout <= now


def next_due(person: Person, active_at: int, timeout: int, grace: int) -> int:
    """When time alone changes something about the user."""
    sessions = person.sessions
    if len(sessions) == 1:
        return expiry(sessions[0], active_at, timeout)
    if sessions:
        return min(expiry(session, active_at, timeout) for session in sessions)
    if person.left_at is not None:
        return person.left_at + grace
    return _last_sign(person) + timeout


def _last_sign(person: Person) -> int:
    last = max(person.last_seen, 0)
    for ended in person.ended:
        last = max(last, ended.at)
    return last
