"""The spans of time into which a store cuts its history; all instants are UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

Period = Literal["day", "month"]

_AHEAD = {"day": 7, "month": 2}
"""How many periods after the current one are made before they begin."""


class Span(NamedTuple):
    """From `start` to just before `end`."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether an instant is in both."""
        return self.start < other.end and other.start < self.end


def span_of(at: datetime, period: Period) -> Span:
    """The period in which an instant lies."""
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return Span(start, start + timedelta(days=1))
    start = start.replace(day=1)
    return Span(start, (start + timedelta(days=32)).replace(day=1))


def spans_ahead(now: datetime, period: Period) -> Iterator[Span]:
    """The current period and those that must be there before they begin."""
    span = span_of(now, period)
    for _ in range(1 + _AHEAD[period]):
        yield span
        span = span_of(span.end, period)


def kept_from(
    now: datetime, retention: timedelta, closed_until: datetime, period: Period
) -> datetime:
    """The first instant of which everything is kept; whole periods before it may go.

    Nothing of a window that is still open goes, however old: it is counted from its messages.
    """
    return span_of(min(now - retention, closed_until), period).start
