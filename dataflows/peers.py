"""What the processes of one flow tell each other while they run.

Each of them says a few times a second how far it has come: so that no partition runs ahead of one
that another process reads, that nobody sends faster than the first process takes, and that all end
when one of them is told to, or when all have read everything.
"""

import logging
import math
from collections.abc import Callable, Iterable

import msgspec

from dataflows.alignment import Alignment
from dataflows.pace import Pace
from dataflows.workers import Workers

log = logging.getLogger(__name__)

_STEP = 10_000
"""Events after which it is told how many were taken."""
MAX_AHEAD = 100_000
"""Events on their way to the first process, from each of the others: bounds its memory."""


class Word(msgspec.Struct, frozen=True):
    """What one process tells another."""

    of: int
    to: int
    slowest: float
    """Where its slowest partition stands; see `Alignment.news`."""
    taken: int
    """How many events of the other one it has taken, about."""
    has_finished: bool
    """It has read everything that it is to read."""
    stops: bool
    """It ends, and so are the others to."""


class Peers:
    """This process among the others; its parts all run in the engine's one thread.

    `has_finished` and `stops` are asked about this process; `stop` tells it to end.
    """

    def __init__(
        self,
        workers: Workers,
        alignment: Alignment,
        pace: Pace,
        *,
        has_finished: Callable[[], bool],
        stops: Callable[[], bool],
        stop: Callable[[], None],
        connected: Callable[[], None] = lambda: None,
        parted: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._workers = workers
        self._others = [n for n in range(workers.processes) if n != workers.process]
        self._alignment = alignment
        self._has_finished = has_finished
        self._stops = stops
        self._stop = stop
        self._finished: set[int] = set()
        self._sent = 0
        self._taken_of_mine = 0
        self._taken = dict.fromkeys(self._others, 0)
        self.pace = pace
        self.alive = alive
        """Called whenever the engine moves, also while it waits for the other processes."""
        self.looks = 0
        """How often the engine has asked whether there is something to read."""
        self.connected = connected
        """Called when the engine runs, which is when all processes are there."""
        self.parted = parted
        """Called when nobody reads any more."""
        self.have_ended = False
        """Whether nobody reads any more: the epoch that closes next is the last one."""
        for other in self._others:
            # Until it has said where it stands, nobody may run ahead of it.
            alignment.hear(other, -math.inf)
        alignment.is_held = self._is_held

    def sent(self, events: int) -> None:
        """So many events are on their way to the first process."""
        self._sent += events

    def took(self, process: int, events: int) -> None:
        """So many have come from there."""
        self.pace.found()
        if process in self._taken:
            self._taken[process] += events

    def words(self) -> list[Word]:
        """What is to be told now, one for each of the others."""
        finished, stops = self._has_finished(), self._stops()
        self.have_ended = stops or (finished and len(self._finished) == len(self._others))
        return [
            Word(
                self._workers.process,
                other,
                self._alignment.news(),
                self._taken[other] // _STEP * _STEP,
                finished,
                stops,
            )
            for other in self._others
        ]

    def hear(self, words: Iterable[Word]) -> None:
        """Take what others have told."""
        for word in words:
            self._alignment.hear(word.of, word.slowest)
            if word.of == 0:
                self._taken_of_mine = word.taken
            if word.has_finished:
                self._finished.add(word.of)
            if word.stops:
                if not self._stops():
                    log.info("process %d ends: finishing what was read", word.of)
                self._stop()

    def _is_held(self) -> bool:
        return not self._workers.is_first and self._sent - self._taken_of_mine > MAX_AHEAD
