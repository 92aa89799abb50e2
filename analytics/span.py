"""Which part of the time a query is about: periods that are full, and the span before their end."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analytics.query import Query

_DAY = timedelta(days=1)
_FIRST_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - on the clock of a wall, whichever it is
_STAMP = "%Y-%m-%dT%H%M%SZ"


class Span(NamedTuple):
    """The instants [start, end), aware, and the time zone whose days and hours count."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def words(self) -> str:
        """Start and end on the clock of the zone."""
        return f"{_minute(self.start, self.zone)} to {_minute(self.end, self.zone)}"


def last_full_end(every: timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last period that is over, in UTC.

    Periods follow the clock on the wall of the zone, from midnight on; those of several days begin
    on a Monday, counted from the first one of 1970. A day on which the clock is changed is still
    one period, of 23 or 25 hours.
    """
    wall = now.astimezone(zone).replace(tzinfo=None)
    floor = wall - (wall - _FIRST_MONDAY) % every
    # What the clock shows twice a year is the later one of both, if that is over.
    return max(end for fold in (0, 1) if (end := _instant(floor, zone, fold)) <= now)


def full_ends(every: timedelta, now: datetime, zone: ZoneInfo, count: int) -> Iterator[datetime]:
    """The ends of the last `count` full periods, newest first."""
    for _ in range(count):
        end = last_full_end(every, now, zone)
        yield end
        now = end - timedelta(microseconds=1)


def default_span(query: Query, end: datetime, zone: ZoneInfo) -> Span:
    """The span of a query's own length that ends there."""
    return Span(before(end, query.span, zone), end.astimezone(UTC), zone)


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read a day or an instant in ISO 8601; without an offset it is on the clock of the zone.

    Raises:
        ValueError: It is neither.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        return _instant(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - a wall's
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else _instant(found, zone)


def stamp(instant: datetime) -> str:
    """An instant as a part of a file's name, which sorts as instants do."""
    whole = instant.astimezone(UTC)
    fraction = f"{whole.microsecond:06d}".rstrip("0")
    text = whole.strftime(_STAMP)
    return f"{text[:-1]}.{fraction}Z" if fraction else text


def parse_stamp(text: str) -> datetime:
    """Read what `stamp` wrote.

    Raises:
        ValueError: It did not write this.
    """
    form = _STAMP.replace("%S", "%S.%f") if "." in text else _STAMP
    found = datetime.strptime(text, form).replace(tzinfo=UTC)
    if stamp(found) != text:
        raise ValueError(f"{text!r} is no stamp")
    return found


def before(end: datetime, span: timedelta, zone: ZoneInfo) -> datetime:
    """The start of a span; whole days are days of the zone, also where they have 23 or 25 hours."""
    if span % _DAY:
        return end.astimezone(UTC) - span
    return _instant(end.astimezone(zone).replace(tzinfo=None) - span, zone)


def _instant(wall: datetime, zone: ZoneInfo, fold: int = 0) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _minute(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
