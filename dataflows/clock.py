"""The wall clock, watched: the engine measures epochs by it, and closes none while it is behind."""

import time
from collections.abc import Callable

from config.errors import ChatflowError

_TOLERATED = 5.0
"""Seconds by which the clock may go back: an epoch lasts longer by as much, and nothing else."""


class ClockError(ChatflowError):
    """The wall clock went back, and the engine would not commit until it has caught up."""


class WallClock:
    """How far the wall clock has gone back since this was made; it never waits for it."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Both clocks count seconds; `steady` is one that nobody sets."""
        self._wall = wall
        self._steady = steady
        self._ahead = wall() - steady()
        self._back = 0.0

    def went_back(self) -> bool:
        """Whether it has ever gone back by more than an epoch can bear."""
        ahead = self._wall() - self._steady()
        self._ahead = max(self._ahead, ahead)
        self._back = max(self._back, self._ahead - ahead)
        return self._back > _TOLERATED

    def refuse(self) -> ClockError | None:
        """What to end with, once everything is durable; None when the clock was right."""
        if not self.went_back():
            return None
        return ClockError(
            f"the clock of this machine went back by {self._back:.0f} s, by which the engine"
            " measures its epochs. What was read is stored; start again"
        )
