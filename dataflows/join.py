"""Messages and presence of one shard, joined in order of time: the stateful heart of `presence`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from bytewax.operators import StatefulBatchLogic
from typing_extensions import override

from config.settings import PresenceSettings
from dataflows import join_states as left
from dataflows.candidates import AnyRecipients
from dataflows.groups import Groups
from dataflows.holding import user_in
from dataflows.marks import lowest
from dataflows.roster import Roster
from dataflows.shards import shard_of
from dataflows.status import Change
from dataflows.timeline import EventBatch, Timeline
from dataflows.watermark import Watermark
from schemas.directory import Directory
from schemas.events import MessageBatch, TopicPartition, UserEventBatch
from schemas.rows import Rows
from sinks.epoch import mark_rows
from sinks.memory import STORE, Memory
from sinks.observer import UNOBSERVED, Observer

MARK = "presence"
"""Name of the mark: below it nothing waits for its turn any more."""

_MILLISECOND = timedelta(milliseconds=1)


class Found(NamedTuple):
    """What a shard found out."""

    changes: Sequence[Change]
    recipients: list[AnyRecipients]


class Part(NamedTuple):
    """What one shard gets of a batch."""

    shard: int
    batch: EventBatch


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
        self._observer.people(self._shard, *roster.counts(), timeline.late)
        found = Found(roster.take_changes(), roster.candidates.take_found())
        return ((found,), StatefulBatchLogic.RETAIN)

    @override
    def snapshot(self) -> None:
        """Leave with the store what has changed; nothing for the engine."""
        timeline = self._timeline
        if timeline is None:
            return
        roster = self._roster
        users = list(self._users_left())
        for rows in users:
            self._memory.leave(rows)
        if waiting := left.waiting(roster.candidates.held):
            self._memory.leave(waiting)
        if changed := list(self._groups.taken()):
            self._memory.leave(left.memberships(changed))
        # While nothing comes, time goes on but nothing depends on it: no commit is needed.
        if self._released or users:
            self._released = False
            self._memory.leave(left.time(timeline.released_until or 0))
        self._leave_marks(timeline)

    def _users_left(self) -> Iterator[Rows]:
        """What the store is to know of users since the last time."""
        roster = self._roster
        if roster.touched:
            yield left.users(roster)
        if present := left.presence(roster):
            yield present
        roster.touched, roster.forgotten = set(), {}

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

    def _recall(self, shard: int) -> Timeline:
        self._shard = shard
        times = dict(self._memory.states(left.TIME))
        self._timeline = self._new_timeline(int(times[""]) if "" in times else None)
        self._roster.time = self._timeline.released_until or 0
        self._recall_users()
        held = self._memory.states(left.HELD)
        self._roster.candidates.restore(row for row in held if self._is_mine(user_in(row[0])))
        memberships = (left.membership_of(state) for _, state in self._memory.states(left.MEMBERS))
        self._groups.restore(each for each in memberships if self._is_mine(each[1]))
        return self._timeline

    def _recall_users(self) -> None:
        active_at = dict(self._memory.active_users())
        self._roster.restore(
            (user_id, *left.user_of(state), active_at.get(user_id, 0))
            for user_id, state in self._memory.states(left.USERS)
            if self._is_mine(user_id)
        )

    def _is_mine(self, user_id: str) -> bool:
        return shard_of(user_id, self._shards) == self._shard
