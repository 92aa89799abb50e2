"""How long to wait before the next attempt: exponential back-off with full jitter."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_DOUBLINGS = 32
"""Beyond these the ceiling is `longest` anyway, and a float would overflow some day."""


@dataclass(frozen=True)
class Backoff:
    """Waits between nothing and a ceiling that doubles with each failure.

    Full jitter, because requests that failed together must not come back together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """

    first: float
    """The ceiling after the first failure, in seconds."""
    longest: float
    """The ceiling never exceeds this, in seconds."""
    uniform: Callable[[float, float], float] = random.uniform

    def delay(self, failures: int) -> float:
        """Seconds to wait after that many failures in a row, counted from 1."""
        return self.uniform(0.0, self.ceiling(failures))

    def ceiling(self, failures: int) -> float:
        """The longest `delay` can be."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, _DOUBLINGS))
