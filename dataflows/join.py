"""Messages and presence of one shard, joined in order of time: the stateful heart of `presence`."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

import msgspec
from bytewax.operators import StatefulBatchLogic
from typing_extensions import override

from config.settings import PresenceSettings
from dataflows.candidates import AnyRecipients, Held
from dataflows.groups import Groups
from dataflows.marks import lowest
from dataflows.roster import Roster
from dataflows.sessions import Person
from dataflows.shards import shard_of
from dataflows.status import Change
from dataflows.timeline import EventBatch, Timeline
from dataflows.watermark import Watermark
from schemas.directory import Directory
from schemas.events import MessageBatch, TopicPartition, UserEventBatch
from schemas.rows import Rows
from schemas.tables import FLOW_STATE, PRESENCE
from sinks.epoch import mark_rows
from sinks.memory import STORE, Memory
from sinks.observer import UNOBSERVED, Observer

MARK = "presence"
"""Name of the mark: below it nothing waits for its turn any more."""
_USERS, _MEMBERS, _TIME = "presence.users", "presence.members", "presence.time"

_MILLISECOND = timedelta(milliseconds=1)


class Found(NamedTuple):
    """What a shard found out."""

    changes: list[Change]
    recipients: list[AnyRecipients]


class Part(NamedTuple):
    """What one shard gets of a batch."""

    shard: int
    batch: EventBatch


class _State(NamedTuple):
    """A user as left with the store, in MessagePack."""

    person: Person
    held: list[Held]


_encode = msgspec.msgpack.Encoder().encode
_decode_state = msgspec.msgpack.Decoder(_State).decode
_decode_membership = msgspec.msgpack.Decoder(tuple[str, str]).decode


class JoinLogic(StatefulBatchLogic[Part, Found, None]):
    """Puts the events of a shard in order, lets the roster see them, and remembers where it is.

    `waiting` is shared by the shards of this process: first waiting offset by shard and partition.
    """

    def __init__(
        self,
        memory: Memory,
        shards: int,
        directory: Directory,
        settings: PresenceSettings,
        waiting: dict[int, dict[TopicPartition, int]],
        observer: Observer = UNOBSERVED,
        expected: Collection[TopicPartition] = (),
    ) -> None:
        self._memory, self._marks = memory, memory.marks(STORE)
        self._shards, self._shard = shards, 0
        self._lateness = settings.allowed_lateness // _MILLISECOND
        self._waiting, self._observer = waiting, observer
        self._next: dict[TopicPartition, int] = {}
        self._left: dict[TopicPartition, int] = {}
        # Each class of batches has its own: both must have come before time may go on.
        self._clocks = {kind: Watermark(expected) for kind in (MessageBatch, UserEventBatch)}
        self._timeline: Timeline | None = None
        timeout, grace = settings.session_timeout, settings.offline_grace
        spans = timeout // _MILLISECOND, grace // _MILLISECOND
        self._groups, self._roster = self._new_state(directory, *spans)
        self._released = False

    @override
    def on_batch(self, values: list[Part]) -> tuple[Iterable[Found], bool]:
        timeline = self._timeline or self._recall(values[0].shard)
        for _, batch in values:
            progress = batch.progress
            timeline.take(batch, self._marks.get(progress.source, 0))
            self._next[progress.source] = progress.next_offset
            self._clocks[type(batch)].update(progress)
        self._go_on(timeline)
        roster = self._roster
        online = len(roster.online) + len(roster.candidates.leaving)
        self._observer.people(self._shard, online, len(roster.people), timeline.late)
        found = Found(roster.changes, roster.candidates.found)
        roster.changes, roster.candidates.found = [], []
        return ((found,), StatefulBatchLogic.RETAIN)

    @override
    def snapshot(self) -> None:
        """Leave with the store what has changed; nothing for the engine."""
        timeline = self._timeline
        if timeline is None:
            return
        roster = self._roster
        roster.look_back()
        # While nothing comes, time goes on but nothing depends on it: no commit is needed.
        if states := list(self._changed_states(timeline)):
            self._memory.leave(Rows.of(FLOW_STATE, states))
        if present := list(_present(roster)):
            self._memory.leave(Rows.of(PRESENCE, present))
        roster.touched, roster.forgotten = set(), {}
        self._leave_marks(timeline)

    def _go_on(self, timeline: Timeline) -> None:
        times = [clock.value for clock in self._clocks.values()]
        complete = all(clock.complete for clock in self._clocks.values())
        if None in times and (complete or timeline.released_until is None):
            return
        # Until every partition has yielded something, only what is late goes on.
        now = min(time or 0 for time in times)
        until = now - self._lateness
        self._released |= self._hand_out(timeline, None if complete else until, now)
        # After a bounded read, whole seconds count as handed out: further than time has come.
        self._roster.advance(now if complete else min(until, timeline.released_until or 0))

    def _new_state(self, directory: Directory, timeout: int, grace: int) -> tuple[Groups, Roster]:
        groups = Groups(directory, self._is_mine)
        return groups, Roster(timeout, grace, groups, self._is_mine)

    def _new_timeline(self, released_until: int | None) -> Timeline:
        return Timeline(released_until)

    def _hand_out(self, timeline: Timeline, until: int | None, now: int) -> bool:
        """Let the roster see what is before `until`, or all; returns whether there was anything."""
        instant = None
        for instant in timeline.release(until, now):
            self._roster.see(instant)
        return instant is not None

    def _leave_marks(self, timeline: Timeline) -> None:
        """What still waits must be read again by the next execution: the mark stays below it."""
        self._waiting[self._shard] = {**self._next, **timeline.waiting_from()}
        marks = lowest(self._waiting.values())
        if marks != self._left:
            self._left = marks
            self._memory.leave(mark_rows(MARK, marks.items()))

    def _changed_states(self, timeline: Timeline) -> Iterator[tuple[str, str, bytes | None]]:
        roster = self._roster
        for user_id in roster.touched:
            person = roster.people.get(user_id)
            held = roster.candidates.held.get(user_id, [])
            yield _USERS, user_id, _encode(_State(person, held)) if person else None
        for group_id, user_id, joined in self._groups.taken():
            state = _encode((group_id, user_id)) if joined else None
            yield _MEMBERS, f"{len(group_id)}:{group_id}{user_id}", state
        if self._released or roster.touched:
            self._released = False
            yield _TIME, "", str(timeline.released_until or 0).encode()

    def _recall(self, shard: int) -> Timeline:
        self._shard = shard
        times = dict(self._memory.states(_TIME))
        self._timeline = self._new_timeline(int(times[""]) if "" in times else None)
        self._roster.time = self._timeline.released_until or 0
        active_at = dict(self._memory.active_users())
        self._roster.restore(
            (user_id, *_decode_state(state), active_at.get(user_id, 0))
            for user_id, state in self._memory.states(_USERS)
            if self._is_mine(user_id)
        )
        memberships = (_decode_membership(state) for _, state in self._memory.states(_MEMBERS))
        self._groups.restore(each for each in memberships if self._is_mine(each[1]))
        return self._timeline

    def _is_mine(self, user_id: str) -> bool:
        return shard_of(user_id, self._shards) == self._shard


def _present(roster: Roster) -> Iterator[tuple[str, str, int, int, int, int | None]]:
    """The row of `presence` of everybody who changed; of those who were ever online."""
    for user_id, at in roster.activity.lately(roster.touched, roster.online).items():
        person = roster.people.get(user_id)
        if person is None or not person.since:
            # Forgotten in this epoch, and maybe known anew since, but not seen online.
            person = roster.forgotten.get(user_id)
        if person is not None and person.since:
            sessions, active_at = len(person.sessions), at if person.sessions else 0
            seen = max(person.last_seen, active_at)
            yield user_id, person.status, sessions, person.since, seen, active_at or None
