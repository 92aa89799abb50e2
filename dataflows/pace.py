"""When the readers of all partitions have nothing to do, they rest together."""

import time
from collections.abc import Callable

_REST = 0.005
"""Seconds until the next look; a spinning loop would cost a core."""


class Pace:
    """Lets the only thread of the engine sleep when a whole round of looks found nothing.

    The engine itself would pause by the wall clock, and stand still when that goes back.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._readers = 0
        self._in_vain = 0

    def join(self) -> None:
        """One reader more."""
        self._readers += 1

    def leave(self) -> None:
        """A reader that has finished."""
        self._readers -= 1

    def found(self) -> None:
        """A reader has something to hand on."""
        self._in_vain = 0

    def nothing(self) -> None:
        """A reader looked in vain; sleeps when all others did since somebody found something."""
        self._in_vain += 1
        if self._in_vain >= self._readers:
            self._in_vain = 0
            self._sleep(_REST)
