"""Days and hours as a clock on the wall shows them, and percentiles: plain Python, no SQL."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


class Span(NamedTuple):
    """The parameters of a query: [start, end), and the time zone of its days and hours."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def has(self, instant: datetime) -> bool:
        """Whether it lies in the span."""
        return self.start <= instant < self.end

    def wall(self, instant: datetime) -> datetime:
        """What the clock shows."""
        return instant.astimezone(self.zone)

    def day(self, instant: datetime) -> date:
        """The day that the clock shows."""
        return self.wall(instant).date()

    def last_day(self, end: datetime) -> date:
        """The day of the last moment before an end."""
        return self.day(end - _MOMENT)

    def hour(self, instant: datetime) -> datetime:
        """The instant at which the hour that the clock shows began."""
        wall = self.wall(instant)
        return wall.replace(minute=0, second=0, microsecond=0).astimezone(UTC)

    def days(self) -> list[date]:
        """Every day that has a part in the span."""
        first, last = self.day(self.start), self.last_day(self.end)
        return [first + DAY * number for number in range((last - first).days + 1)]

    def hours(self) -> list[datetime]:
        """Every hour that has a part in the span, by its beginning."""
        found = [self.hour(self.start)]
        while found[-1] + HOUR < self.end:
            found.append(found[-1] + HOUR)
        return found


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - DAY * day.weekday()


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of them lies, on the line between its two neighbours."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(part: float, whole: float) -> float | None:
    """A share; none of nothing."""
    return part / whole if whole else None
