"""Whether the flow moves, and whether it can do its work: the verdicts, without the server."""

from collections.abc import Callable, Mapping

from dataflows.standing import FlowStanding
from schemas.events import TopicPartition

_SLOW = 30.0
"""Seconds after which a commit, or the wait for the database, means that it is not reachable."""


class Health:
    """Answers in words: none is good."""

    def __init__(
        self, standing: FlowStanding, stuck_after: float, stopping: Callable[[], bool]
    ) -> None:
        """`stuck_after` is in seconds."""
        self._standing = standing
        self._stuck_after = stuck_after
        self._stopping = stopping
        self.ends: Callable[[], Mapping[TopicPartition, int | None]] = dict
        """Where partitions end, as the brokers say; none are known while the flow starts."""

    def troubles_of_life(self) -> list[str]:
        """Why the process should be ended, if it should: the flow does not move any more.

        Waiting for brokers, for another program that holds the database or for a provider is no
        standstill: ending the process would not help.
        """
        idle = self._standing.idle_for
        return [f"stuck: no look at a partition for {idle:.0f} s"] if self._is_stuck(idle) else []

    def troubles_of_work(self) -> list[str]:
        """Why records are not stored as they should be."""
        if self._stopping():
            return ["draining"]
        if not self._standing.started:
            return ["starting"]
        return [*self.troubles_of_life(), *self._of_brokers(), *self._of_store()]

    def _is_stuck(self, idle: float) -> bool:
        # While a commit lasts the flow may have to wait for it; ending it would begin it anew.
        waits = self._standing.committing_for > 0
        return idle > self._stuck_after and not waits and not self._stopping()

    def _of_brokers(self) -> list[str]:
        silent = sorted(source for source, end in self.ends().items() if end is None)
        if not silent:
            return []
        names = ", ".join(f"{topic} [{partition}]" for topic, partition in silent[:3])
        more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
        return [f"brokers: nobody says where {names}{more} ends"]

    def _of_store(self) -> list[str]:
        waiting, committing = self._standing.waiting_for, self._standing.committing_for
        if waiting > _SLOW:
            return [f"database: held by another program for {waiting:.0f} s"]
        if committing > _SLOW:
            return [f"database: a commit has lasted for {committing:.0f} s"]
        return []
