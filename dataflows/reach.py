"""Whether the brokers can be reached, and where partitions end, as their readers see it.

Silence of a partition means that nothing happens in it only as long as somebody says so: a client
that cannot reach the brokers yields nothing either. So a thread of its own asks again and again,
and only time between two answers counts as time in which a partition was known to be quiet.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from confluent_kafka import KafkaException

from dataflows.broker import NO_ANSWER, Seen
from dataflows.complaints import Seldom
from dataflows.identity import Identity
from schemas.events import TopicPartition

log = logging.getLogger(__name__)

_PAUSE = 0.5
"""Seconds between two questions: as exactly is known how long a partition has been quiet."""
_PATIENCE = 2.0
"""Seconds after which brokers that do not answer are silent."""
_UNWATCHED = 10.0
"""Seconds between two answers after which nobody knows what was meanwhile."""


class Answering(Protocol):
    """Who answers: see `Brokers`."""

    def look(self, sources: Sequence[TopicPartition], patience: float) -> Seen:
        """What brokers say about partitions and their topics."""


class Standing(NamedTuple):
    """What is known of a partition."""

    end: int | None = None
    """Where it ends; None while nobody says."""
    answered: float = 0.0
    """Seconds, altogether, in which it was known where it ends."""
    since: float = 0.0
    """What `answered` was when that began to be known, the last time."""


class Reach:
    """Asks the brokers while any partition is watched; what they said is there at once."""

    def __init__(
        self,
        brokers: Answering,
        identity: Identity,
        now: Callable[[], float] = time.monotonic,
        pause: float = _PAUSE,
    ) -> None:
        self._brokers = brokers
        self._identity = identity
        self._now = now
        self._pause = pause
        self._watched: Counter[TopicPartition] = Counter()
        self._standings: dict[TopicPartition, Standing] = {}
        self._asked_at = 0.0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._complain = Seldom(now)
        self.failure: Exception | None = None
        """Why the topics cannot be read on; when nobody asks any more, nobody may believe that."""

    def watch(self, *sources: TopicPartition) -> None:
        """Ask about these from now on, until all who want to know have forgotten them."""
        with self._changed:
            self._watched.update(sources)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reach", daemon=True)
                self._thread.start()

    def forget(self, *sources: TopicPartition) -> None:
        """Ask about them no more; returns when nothing is asked any more, if they were the last."""
        with self._changed:
            self._watched -= Counter(sources)
            thread = None if self._watched else self._thread
            self._changed.notify()
        if thread is not None:
            thread.join(2 * _PATIENCE)
            self._thread = None

    def standing(self, source: TopicPartition) -> Standing:
        """What is known of a partition now; never waits."""
        return self._standings.get(source, _UNKNOWN)

    def ends(self) -> dict[TopicPartition, int | None]:
        """Where the watched partitions end; None where nobody says now."""
        with self._changed:
            return {source: self.standing(source).end for source in self._watched}

    def ask(self, sources: Sequence[TopicPartition]) -> None:
        """Ask once, and take note of what is said and of what is not."""
        asked_at = self._now()
        try:
            found = self._brokers.look(sources, _PATIENCE)
        except KafkaException as error:
            log.debug("the brokers were not asked: %s", error.args[0].name())
            found = NO_ANSWER
        for source in sources:
            self._note(source, found.ends.get(source), asked_at - self._asked_at)
        self._asked_at = asked_at
        self._identity.check(found.facts, asked_at)

    def _note(self, source: TopicPartition, end: int | None, passed: float) -> None:
        before = self.standing(source)
        if end is None:
            if before.end is not None and self._complain():
                log.warning(
                    "nobody says where %s [%d] ends: for this partition no time passes until the"
                    " brokers are back",
                    *source,
                    extra=source._asdict(),
                )
            after = Standing(None, before.answered, before.answered)
        elif before.end is None or passed > _UNWATCHED:
            after = Standing(end, before.answered, before.answered)
        else:
            after = Standing(end, before.answered + passed, before.since)
        self._standings[source] = after

    def _run(self) -> None:
        while True:
            with self._changed:
                sources = sorted(self._watched)
            if not sources or self.failure is not None:
                return
            try:
                self.ask(sources)
            except Exception as error:
                self.failure = error
            with self._changed:
                self._changed.wait_for(lambda: not self._watched, self._pause)


_UNKNOWN = Standing()
