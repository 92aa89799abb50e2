"""What C knows of users and groups, where Python asks for it."""

from collections.abc import Iterable, Iterator, Mapping, Set
from ctypes import string_at

from typing_extensions import override

from dataflows.activity import Activity
from dataflows.groups import Groups
from native.join import Join
from schemas.directory import Directory


def everybody(user_id: str) -> bool:
    """There is one shard, and all users are in it."""
    return True


class CompiledGroups(Groups):
    """The members of every group; C changes them."""

    def __init__(self, join: Join, directory: Directory) -> None:
        super().__init__(directory, everybody)
        self._join = join
        for group_id, members in directory.groups.items():
            join.list_group(group_id, list(members))

    @override
    def taken(self) -> Iterator[tuple[str, str, bool]]:
        found = self._join.reported
        groups, members = found.groups.texts(), found.members.texts()
        is_member = string_at(found.is_member, len(members)) if members else b""
        return zip(groups, members, map(bool, is_member), strict=True)

    @override
    def restore(self, memberships: Iterable[tuple[str, str]]) -> None:
        pairs = list(memberships)
        self._join.restore_members([pair[0] for pair in pairs], [pair[1] for pair in pairs])


class CompiledActivity(Activity):
    """The last activity of each user; C forgets it by itself when sessions begin or end."""

    def __init__(self, join: Join) -> None:
        super().__init__()
        self._join = join
        self.known: dict[str, int] = {}
        """Of those whose turn it is."""
        self.reported: dict[str, int] = {}
        """Of those of whom there was something to report."""
        self.active: set[str] = set()

    @override
    def at(self, user_id: str) -> int:
        if user_id in self.known:
            return self.known[user_id]
        name = user_id.encode()
        return self._join.active_at(name, len(name))

    @override
    def note(self, user_id: str, at: int) -> None:
        raise AssertionError("C notes it")

    @override
    def forget(self, user_id: str) -> None:
        self.known = {user_id: 0}

    @override
    def restore(self, user_id: str, at: int) -> None:
        """C is told of all at once."""

    @override
    def lately(self, touched: Set[str], online: Set[str]) -> Mapping[str, int]:
        # Who is not reported is not online.
        return {user_id: self.reported.get(user_id, 0) for user_id in touched | self.active}
