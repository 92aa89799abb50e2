"""What the join leaves with the store: states to go on with, and who is online for others to read.

Column by column: a tuple for each row took twice as long.
"""

from collections.abc import Sequence

import msgspec

from dataflows.holding import Held, Holding
from dataflows.roster import Roster
from dataflows.sessions import Person
from schemas.rows import Rows
from schemas.tables import FLOW_STATE, PRESENCE

USERS, HELD = "presence.users", "presence.held"
MEMBERS, TIME = "presence.members", "presence.time"

_encode = msgspec.msgpack.Encoder().encode
user_of = msgspec.msgpack.Decoder(tuple[Person, list[Held]]).decode
"""The user; and, where 0.1.0 left it, the messages that wait for the end of the grace."""


def state_of(person: Person) -> bytes:
    """The user, as the store is to have it."""
    return _encode((person, ()))


membership_of = msgspec.msgpack.Decoder(tuple[str, str]).decode


def users(roster: Roster) -> Rows:
    """The states of everybody who changed; nothing of those who were forgotten."""
    people = roster.people
    states = [
        state_of(people[user_id]) if user_id in people else None for user_id in roster.touched
    ]
    return Rows(FLOW_STATE, ([USERS] * len(states), list(roster.touched), states))


def waiting(holding: Holding) -> Rows | None:
    """What began to wait for the end of a grace, and what waits no more."""
    changes = holding.changes()
    if not changes:
        return None
    keys, states = zip(*changes, strict=True)
    return Rows(FLOW_STATE, ([HELD] * len(keys), keys, states))


def memberships(changed: Sequence[tuple[str, str, bool]]) -> Rows:
    """The states of users in groups, of whom it is told whether they are members now."""
    keys = [f"{len(group_id)}:{group_id}{user_id}" for group_id, user_id, _ in changed]
    states = [
        _encode((group_id, user_id)) if joined else None for group_id, user_id, joined in changed
    ]
    return Rows(FLOW_STATE, ([MEMBERS] * len(keys), keys, states))


def time(released_until: int) -> Rows:
    """How far time has come."""
    return Rows.of(FLOW_STATE, [(TIME, "", str(released_until).encode())])


def presence(roster: Roster) -> Rows | None:
    """The row of `presence` of everybody who changed; of those who were ever online."""
    active_at = roster.activity.lately(roster.touched, roster.online)
    seen: dict[str, Person] = {}
    for user_id in active_at:
        person = roster.person(user_id)
        if person is None or not person.since:
            # Forgotten in this epoch, and maybe known anew since, but not seen online.
            person = roster.forgotten.get(user_id)
        if person is not None and person.since:
            seen[user_id] = person
    if not seen:
        return None
    people = list(seen.values())
    active = [active_at[user_id] if person.sessions else 0 for user_id, person in seen.items()]
    last_seen = [person.last_seen for person in people]
    columns = (
        list(seen),
        [person.status for person in people],
        [len(person.sessions) for person in people],
        [person.since for person in people],
        list(map(max, last_seen, active)),
        [at or None for at in active],
    )
    return Rows(PRESENCE, columns)
