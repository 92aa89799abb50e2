"""The join in C; where it cannot be, it is in Python."""

from collections.abc import Iterator

from typing_extensions import override

from dataflows.compiled_groups import CompiledGroups
from dataflows.compiled_roster import CompiledRoster
from dataflows.compiled_timeline import CompiledTimeline
from dataflows.event_types import CLOSING, JOINING, LEAVING, OPENING, PUSHED_TYPES
from dataflows.groups import Groups
from dataflows.join import JoinLogic
from dataflows.join_states import USERS, user_of
from dataflows.roster import Roster
from dataflows.timeline import SIGNS_OF_LIFE, Timeline
from native.join import CLOSE, JOIN, LEAVE, OPEN, PUSHED, SIGN, Join
from native.library import library
from schemas.columns import Numbers, Texts
from schemas.directory import Directory
from schemas.rows import Rows

KINDS = {
    **dict.fromkeys(SIGNS_OF_LIFE, SIGN),
    **dict.fromkeys(OPENING, OPEN),
    CLOSING: CLOSE,
    **dict.fromkeys(JOINING, JOIN),
    **dict.fromkeys(LEAVING, LEAVE),
    **dict.fromkeys(PUSHED_TYPES, PUSHED),
}
"""What events of each type can do in C."""


class CompiledJoinLogic(JoinLogic):
    """The same for the only shard of a flow: events are kept and looked at in C."""

    @override
    def _new_state(self, directory: Directory, timeout: int, grace: int) -> tuple[Groups, Roster]:
        self._join = Join(KINDS, timeout, grace)
        groups = CompiledGroups(self._join, directory)
        self._compiled = CompiledRoster(timeout, grace, groups, self._join)
        return groups, self._compiled

    @override
    def _recall_users(self) -> None:
        roster, unread = self._compiled, []
        for keys, states in self._memory.packed_states(USERS):
            assert isinstance(states, Texts), "states are bytes"
            unread += roster.store(keys, states)
        if unread:
            roster.restore((user_id, *user_of(state), 0) for user_id, state in unread)
        for ids, active_at in self._memory.packed_active_users():
            assert isinstance(active_at, Numbers), "instants are integers"
            self._join.restore_active(ids, active_at)

    @override
    def _users_left(self) -> Iterator[Rows]:
        return self._compiled.left()

    @override
    def _new_timeline(self, released_until: int | None) -> Timeline:
        return CompiledTimeline(self._join, released_until)

    @override
    def _hand_out(self, timeline: Timeline, until: int | None, now: int) -> bool:
        assert isinstance(timeline, CompiledTimeline), "it was made above"
        end, count = timeline.begin(until, now)
        if count:
            self._compiled.go_on(end)
        timeline.end(end)
        return count > 0


def is_in_c(shards: int) -> bool:
    """Whether the join is done in C: the library was built, and no user is in another shard."""
    return shards == 1 and library() is not None


def join_kind(shards: int) -> type[JoinLogic]:
    """The join in C where it can be, else the one in Python."""
    return CompiledJoinLogic if is_in_c(shards) else JoinLogic
