"""When time alone changes something about a user."""

import heapq
from collections.abc import Iterator, Mapping


class Timers:
    """At most one timer a user counts: the earliest that was set."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self._armed: dict[str, int] = {}

    def set(self, user_id: str, due: int) -> None:
        """Wake for the user at `due`, unless something wakes earlier and will look anew."""
        armed = self._armed.get(user_id)
        if armed is None or due < armed:
            self._armed[user_id] = due
            heapq.heappush(self._heap, (due, user_id))

    def restore(self, timers: Mapping[str, int]) -> None:
        """Set one timer for each of many users, where there are none yet."""
        self._armed.update(timers)
        self._heap = [(due, user_id) for user_id, due in timers.items()]
        heapq.heapify(self._heap)

    def fired(self, now: int) -> Iterator[tuple[int, str]]:
        """Timers due at or before `now`, in order of time; those set meanwhile included."""
        while self._heap and self._heap[0][0] <= now:
            due, user_id = heapq.heappop(self._heap)
            if self._armed.get(user_id) == due:
                del self._armed[user_id]
                yield due, user_id
