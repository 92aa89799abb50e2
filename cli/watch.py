"""Broker and store side by side: what came in, what is stored, and how fast."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.figures import Figures
from schemas.events import TopicPartition

_SPAN = 10.0
"""Seconds over which a rate is taken: the store grows in steps of an epoch."""


class Rate:
    """How fast a count grows, over the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now: float, count: int) -> None:
        """Take note of the count at an instant; instants, in seconds, never go back."""
        self._samples.append((now, count))
        while len(self._samples) > 2 and self._samples[1][0] <= now - _SPAN:
            self._samples.popleft()

    @property
    def value(self) -> float:
        """A second; 0 until there is a second to speak of."""
        if not self._samples:
            return 0.0
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        return (last - first) / (ended - began) if ended - began >= 1 else 0.0


@dataclass(frozen=True)
class Frame:
    """Everything a view shows at one instant."""

    elapsed: float
    """Seconds since the traffic began."""
    finishing: bool
    """Whether no more traffic comes, and the flow is given time to decide everything."""
    records: int
    record_rate: float
    row_rate: float
    lag: int
    """Records at the broker that are no rows yet."""
    unsettled: int
    """Records at the broker whose presence and pushes are not decided, those of `lag` included."""
    figures: Figures


class Watch:
    """Turns looks at broker and store into frames."""

    def __init__(
        self,
        ends: Callable[[], Mapping[TopicPartition, int]],
        figures: Callable[[], Figures],
        began: float,
    ) -> None:
        self._ends = ends
        self._figures = figures
        self._began = began
        self._last = Figures()
        self._records = Rate()
        self._rows = Rate()

    def look(self, now: float, *, finishing: bool = False) -> Frame:
        """Look at both; `now` is on the clock of `began`."""
        # The store first: what it holds is at the broker by then, and no lag is below 0.
        figures = self._figures()
        ends = self._ends()
        records = sum(ends.values())
        self._records.add(now, records)
        if figures is not self._last:
            self._last = figures
            self._rows.add(now, figures.all_rows)
        return Frame(
            elapsed=now - self._began,
            finishing=finishing,
            records=records,
            record_rate=self._records.value,
            row_rate=self._rows.value,
            lag=_behind(ends, figures.stored),
            unsettled=_behind(ends, figures.settled),
            figures=figures,
        )


def _behind(ends: Mapping[TopicPartition, int], marks: Mapping[TopicPartition, int]) -> int:
    return sum(end - marks.get(partition, 0) for partition, end in ends.items())
