"""Users of one shard after some events, and what became of them."""

from typing import Any

from dataflows import join_states
from dataflows.candidates import one_by_one
from dataflows.compiled_groups import CompiledGroups
from dataflows.compiled_join import KINDS, is_in_c
from dataflows.compiled_roster import CompiledRoster
from dataflows.compiled_timeline import CompiledTimeline
from dataflows.groups import Groups
from dataflows.roster import Roster
from dataflows.timeline import SIGNS_OF_LIFE, Instant
from native.join import Join
from schemas.directory import Directory
from schemas.events import UserEvent
from schemas.rows import Rows
from schemas.tables import FLOW_STATE
from tests.builders import CHAT, USERS, Event, batch, instant

TIMEOUT, GRACE = 1800, 10


def everybody(user_id: str) -> bool:
    return True


class _Compiled(CompiledRoster):
    """Is shown one event after the other, as if each were all that waits."""

    def __init__(self, grace: int, directory: Directory) -> None:
        spans = TIMEOUT * 1000, grace * 1000
        join = Join(KINDS, *spans)
        super().__init__(*spans, CompiledGroups(join, directory), join)
        self._timeline = CompiledTimeline(join, None)

    def look_at(self, event: Event) -> None:
        self._timeline.take(batch(USERS if isinstance(event, UserEvent) else CHAT, [event]), 0)
        end, _ = self._timeline.begin(None)
        self.go_on(end)
        self._timeline.end(end)


def roster(*events: Event, grace: int = GRACE, directory: Directory | None = None) -> Roster:
    """The users after these events, in the order of their time; the kind is the flow's."""
    found: Roster
    directory = directory or Directory()
    if not is_in_c(1):
        groups = Groups(directory, everybody)
        found = Roster(TIMEOUT * 1000, grace * 1000, groups, everybody)
    else:
        found = _Compiled(grace, directory)
    for event in events:
        see(found, event)
    return found


def see(found: Roster, event: Event) -> None:
    time, at = event.event_time, event.recorded_at
    if isinstance(found, _Compiled):
        found.look_at(event)
    elif not isinstance(event, UserEvent):
        found.see(Instant(time, [], [(at, CHAT, event)]))
    elif event.event_type in SIGNS_OF_LIFE:
        found.see(Instant(time, [event], []))
    else:
        found.see(Instant(time, [], [(at, USERS, event)]))


def changes(found: Roster, until: float | None = None) -> list[tuple[str, str, str, float]]:
    if until is not None:
        found.advance(instant(until))
    if isinstance(found, _Compiled):
        found.changes += found.take_changes()
    return [(c.user_id, c.status, c.reason, (c.at - instant(0)) / 1000) for c in found.changes]


def candidates(found: Roster, until: float | None = None) -> list[tuple[int, list[str], bool]]:
    if until is not None:
        found.advance(instant(until))
    if isinstance(found, _Compiled):
        found.candidates.fetch()
    return [
        (r.message.kafka_offset, sorted(r.users), r.returned)
        for r in one_by_one(found.candidates.found)
    ]


def left(found: Roster) -> dict[str, dict[str, tuple[object, ...]]]:
    """What an epoch that ends now leaves with the store of users: rows by table and user."""
    rows: list[Rows | None] = [*found.left()] if isinstance(found, _Compiled) else _left(found)
    told = [each for each in rows if each is not None]
    return {
        each.table.name: {row[-2 if each.table is FLOW_STATE else 0]: row for row in rows_in(each)}
        for each in told
    }


def _left(found: Roster) -> list[Rows | None]:
    states = join_states.users(found) if found.touched else None
    seen = join_states.presence(found)
    found.touched, found.forgotten = set(), {}
    return [states, seen]


def rows_in(rows: Rows) -> list[tuple[Any, ...]]:
    return list(zip(*rows.columns, strict=True))
