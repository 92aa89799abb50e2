"""When users last sent or typed: what changes with every message, kept apart from all else."""

from collections.abc import Mapping, Set


class Activity:
    """The last activity of each user; it counts while the user has a session."""

    def __init__(self) -> None:
        self.recent: dict[str, int] = {}
        """Since the last `lately`. May be written to directly, with times that never go back; also
        of users without a session."""
        self._before: dict[str, int] = {}

    def at(self, user_id: str) -> int:
        """When the user was last active, in this session or an earlier one; 0: not known."""
        return self.recent.get(user_id) or self._before.get(user_id, 0)

    def note(self, user_id: str, at: int) -> None:
        """The user was active then; unlike a write to `recent`, this may come late."""
        if at > self.at(user_id):
            self.recent[user_id] = at

    def forget(self, user_id: str) -> None:
        """Nothing that was counts any more: a first session begins, or the last one has ended."""
        self.recent.pop(user_id, None)
        self._before.pop(user_id, None)

    def restore(self, user_id: str, at: int) -> None:
        """Go on with what was known at the last commit."""
        self._before[user_id] = at

    def lately(self, touched: Set[str], online: Set[str]) -> Mapping[str, int]:
        """`at` of users who were touched, or are online and were active since the last call."""
        recent, self.recent = self.recent, {}
        active = set()
        for user_id, at in recent.items():
            if user_id in online:
                self._before[user_id] = max(at, self._before.get(user_id, 0))
                active.add(user_id)
        return {user_id: self.at(user_id) for user_id in touched | active}
