"""Who is in which group, known in C."""

from collections.abc import Iterable, Iterator
from ctypes import string_at

from typing_extensions import override

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
        self._join.take_memberships()
        found = self._join.memberships
        groups, members = found.groups.texts(), found.members.texts()
        is_member = string_at(found.is_member, len(members)) if members else b""
        return zip(groups, members, map(bool, is_member), strict=True)

    @override
    def restore(self, memberships: Iterable[tuple[str, str]]) -> None:
        pairs = list(memberships)
        self._join.restore_members([pair[0] for pair in pairs], [pair[1] for pair in pairs])
