"""Where the flow stands at this instant: for gauges, for health, for who asks while it runs."""

import time
from collections.abc import Callable, Mapping

from dataflows.watermark import Watermark
from schemas.events import Progress, TopicPartition


class FlowStanding:
    """Written by the flow's threads without a lock; read by any, a moment old at worst.

    Seconds are monotonic, instants of events and of the wall clock milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Both count seconds."""
        self._clock = clock
        self._wall = wall
        self._beat_at: float | None = None
        self._epoch_ended_at = clock()
        self._commit_began_at: float | None = None
        self._waiting_since: float | None = None
        self._waited_at = 0.0
        self._watermark = Watermark()
        self._progress: dict[TopicPartition, Progress] = {}
        self._committing: Mapping[TopicPartition, int] = {}
        self.durable: dict[TopicPartition, int] = {}
        """Offset up to which each partition is stored for certain."""
        self.committed_at = 0.0
        """By the wall clock, in seconds since 1970; 0 before the first commit."""
        self.shards: dict[int, tuple[int, int, int]] = {}
        """By shard, users online, users known, and late events of presence."""
        self.late_messages = 0

    def beat(self) -> None:
        """The flow moves."""
        self._beat_at = self._clock()

    def progress(self, progress: Progress) -> None:
        """All rows of a partition up to here were given to the store.

        The first word about a partition, whichever process reads it, is where it begins.
        """
        self.durable.setdefault(progress.source, progress.next_offset)
        self._progress[progress.source] = progress
        self._watermark.update(progress)

    def epoch_ended(self) -> None:
        """The engine closed an epoch."""
        self._epoch_ended_at = self._clock()

    def commit_began(self) -> None:
        """What was given to the store so far becomes durable."""
        self._committing = {s: found.next_offset for s, found in self._progress.items()}
        self._commit_began_at = self._clock()

    def committed(self) -> None:
        """It has."""
        self.durable.update(self._committing)
        self._commit_began_at = self._waiting_since = None
        self.committed_at = self._wall()

    def waits(self) -> None:
        """Somebody else holds what the store needs; that is no standstill of the flow's own."""
        now = self._clock()
        if self._waiting_since is None or now - self._waited_at > 1:
            self._waiting_since = now
        self._waited_at = now
        # What is waited for before the engine reads does not make the flow a running one.
        if self._beat_at is not None:
            self._beat_at = now

    @property
    def started(self) -> bool:
        """Whether the engine has begun to read."""
        return self._beat_at is not None

    @property
    def idle_for(self) -> float:
        """Seconds since the flow last moved; 0 before it started."""
        return self._clock() - self._beat_at if self._beat_at is not None else 0.0

    @property
    def epoch_age(self) -> float:
        """Seconds since the engine closed an epoch."""
        return self._clock() - self._epoch_ended_at

    @property
    def committing_for(self) -> float:
        """Seconds that the commit under way has lasted; 0 without one."""
        began = self._commit_began_at
        return self._clock() - began if began is not None else 0.0

    @property
    def waiting_for(self) -> float:
        """Seconds that the database's lock has been waited for; 0 when it is not."""
        since, now = self._waiting_since, self._clock()
        return now - since if since is not None and now - self._waited_at < 1 else 0.0

    @property
    def watermark_delay(self) -> float:
        """Seconds by which the watermark is behind the wall clock; 0 while there is none."""
        return self._behind(self._watermark.value)

    def partition_delays(self) -> dict[TopicPartition, float]:
        """The same of each partition, by its newest event; 0 of one that is idle or at its end."""
        return {
            source: 0.0 if found.idle_for is not None or found.ended else self._behind(at)
            for source, found in list(self._progress.items())
            for at in (found.event_time,)
        }

    def _behind(self, instant: int | None) -> float:
        return max(0.0, self._wall() - instant / 1000) if instant is not None else 0.0
