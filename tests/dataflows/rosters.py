"""Users of one shard after some events, and what became of them."""

from dataflows.groups import Groups
from dataflows.roster import Roster
from dataflows.timeline import SIGNS_OF_LIFE, Instant
from schemas.directory import Directory
from schemas.events import UserEvent
from tests.builders import CHAT, USERS, Event, instant

TIMEOUT, GRACE = 1800, 10


def everybody(user_id: str) -> bool:
    return True


def roster(*events: Event, grace: int = GRACE, directory: Directory | None = None) -> Roster:
    """The users after these events, in the order of their time."""
    groups = Groups(directory or Directory(), everybody)
    found = Roster(TIMEOUT * 1000, grace * 1000, groups, everybody)
    for event in events:
        see(found, event)
    return found


def see(found: Roster, event: Event) -> None:
    time, at = event.event_time, event.recorded_at
    if not isinstance(event, UserEvent):
        found.see(Instant(time, [], [(at, CHAT, event)]))
    elif event.event_type in SIGNS_OF_LIFE:
        found.see(Instant(time, [event], []))
    else:
        found.see(Instant(time, [], [(at, USERS, event)]))


def changes(found: Roster, until: float | None = None) -> list[tuple[str, str, str, float]]:
    if until is not None:
        found.advance(instant(until))
    return [(c.user_id, c.status, c.reason, (c.at - instant(0)) / 1000) for c in found.changes]


def candidates(found: Roster, until: float | None = None) -> list[tuple[int, list[str], bool]]:
    if until is not None:
        found.advance(instant(until))
    return [(r.message.kafka_offset, sorted(r.users), r.returned) for r in found.candidates.found]
