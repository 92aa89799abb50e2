"""The wall clock, watched: the engine measures epochs by it, and closes none while it is behind."""

import time
from collections.abc import Callable

from config.errors import ChatflowError

_TOLERATED = 5.0
"""Seconds by which the clock may go back: an epoch lasts longer by as much, and nothing else."""


class ClockError(ChatflowError):
    """The wall clock went back, and the engine would not commit until it has caught up."""


class WallClock:
    """How far the wall clock is behind what it has shown: so long the engine would wait for it."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        """`wall` counts seconds."""
        self._wall = wall
        self._newest = wall()
        self._back = 0.0

    def went_back(self) -> bool:
        """Whether it has ever gone back by more than an epoch can bear."""
        shown = self._wall()
        self._newest = max(self._newest, shown)
        self._back = max(self._back, self._newest - shown)
        return self._back > _TOLERATED

    def refuse(self) -> ClockError | None:
        """What to end with, once everything is durable; None if `went_back` was never true."""
        if self._back <= _TOLERATED:
            return None
        return ClockError(
            f"the clock of this machine went back by {self._back:.0f} s, by which the engine"
            " measures its epochs. What was read is stored; start again"
        )
