"""How far event time has come, over all partitions.

The watermark is the event time of the slowest active partition. A partition that ended, or that
has had nothing to read for a while, does not hold it back. When no partition is active it goes on
with the time that passes from the newest event on, measured by the monotonic clock, so that quiet
hours close windows and expire sessions, and a jump of the wall clock or a downtime does nothing.
"""

from collections.abc import Iterable

from schemas.events import Progress, TopicPartition


class Watermark:
    """The watermark of one stream of batches; never goes back."""

    def __init__(self, expected: Iterable[TopicPartition] = ()) -> None:
        """`expected` are partitions that announce themselves later, from other processes."""
        # A partition that has announced itself and nothing else: it may hold the oldest event.
        self._latest = {source: Progress(source, 0, None) for source in expected}
        self._value: int | None = None

    def update(self, progress: Progress) -> None:
        """Take note of how far a partition has come."""
        self._latest[progress.source] = progress

    @property
    def value(self) -> int | None:
        """Milliseconds since 1970 UTC: no older event is expected. None: nothing is known yet."""
        found = _watermark(list(self._latest.values()))
        if found is not None and (self._value is None or found > self._value):
            self._value = found
        return self._value

    @property
    def complete(self) -> bool:
        """Every partition has ended: what was read is all there is."""
        return bool(self._latest) and all(found.ended for found in self._latest.values())


def _watermark(partitions: list[Progress]) -> int | None:
    active = [found for found in partitions if not found.ended and found.idle_for is None]
    if active:
        times = [found.event_time for found in active if found.event_time is not None]
        # A partition that has not yielded its first event may still hold the oldest one.
        return min(times) if len(times) == len(active) else None
    known = [found.event_time for found in partitions if found.event_time is not None]
    if not known:
        return None
    quiet = [found.idle_for for found in partitions if found.idle_for is not None]
    return max(known) + min(quiet, default=0)
