"""Who is in which group: the directory's word, else what the traffic shows."""

from collections.abc import Callable, Iterable, Iterator, Set

from schemas.directory import Directory

_NOBODY: frozenset[str] = frozenset()


class Groups:
    """The members, in one shard, of every group; changed by events in order of time."""

    def __init__(self, directory: Directory, mine: Callable[[str], bool]) -> None:
        self._directory = directory
        self._mine = mine
        self._listed: dict[str, Set[str]] = {}
        self._seen: dict[str, set[str]] = {}
        self._changed: set[tuple[str, str]] = set()

    def members(self, group_id: str, sender: str | None) -> Set[str]:
        """Members of a group: all that the directory lists, or those who sent or joined.

        The sender of a message to the group is a member from that message on.
        """
        seen = self._seen.get(group_id, _NOBODY)
        if sender is not None and sender not in seen:
            self.join(group_id, sender)
            seen = self._seen[group_id]
        if group_id not in self._directory.groups:
            return seen
        listed = self._listed.get(group_id)
        if listed is None:
            members = self._directory.groups[group_id]
            listed = self._listed[group_id] = {user for user in members if self._mine(user)}
        return listed

    def join(self, group_id: str, user_id: str) -> None:
        """A user who sends to a group, or joins it, is a member."""
        members = self._seen.get(group_id)
        if members is None:
            members = self._seen[group_id] = set()
        if user_id not in members and self._mine(user_id):
            members.add(user_id)
            self._changed.add((group_id, user_id))

    def leave(self, group_id: str, user_id: str) -> None:
        """A user who leaves a group is none."""
        if user_id in self._seen.get(group_id, _NOBODY):
            self._seen[group_id].discard(user_id)
            self._changed.add((group_id, user_id))

    def taken(self) -> Iterator[tuple[str, str, bool]]:
        """Memberships that changed since the last call: group, user, and whether it is one now."""
        changed, self._changed = self._changed, set()
        for group_id, user_id in changed:
            yield group_id, user_id, user_id in self._seen.get(group_id, _NOBODY)

    def restore(self, memberships: Iterable[tuple[str, str]]) -> None:
        """Go on with memberships, of group and user, as of the last commit."""
        for group_id, user_id in memberships:
            self._seen.setdefault(group_id, set()).add(user_id)
