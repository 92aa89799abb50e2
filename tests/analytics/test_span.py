from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.span import default_span, full_ends, last_full_end, parse_instant, parse_stamp, stamp
from tests.analytics.query_files import query

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Cairo", "Asia/Tokyo"]
PERIODS = [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1)]
BERLIN = ZoneInfo("Europe/Berlin")

zones = st.sampled_from(ZONES).map(ZoneInfo)
periods = st.sampled_from([*PERIODS, timedelta(days=7)])
instants = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001
    lambda found: found.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("every", "now", "zone", "end"),
    [
        ("1h", "2026-11-23T05:59:59Z", "UTC", "2026-11-23T05:00:00Z"),
        ("1h", "2026-11-23T05:00:00Z", "UTC", "2026-11-23T05:00:00Z"),
        ("5m", "2026-11-23T05:09:00Z", "UTC", "2026-11-23T05:05:00Z"),
        ("1h", "2026-11-23T05:59:59Z", "Asia/Kolkata", "2026-11-23T05:30:00Z"),
        ("1d", "2026-11-23T05:00:00Z", "Europe/Berlin", "2026-11-22T23:00:00Z"),
        ("1d", "2026-03-29T12:00:00Z", "Europe/Berlin", "2026-03-28T23:00:00Z"),
        ("1d", "2026-03-30T12:00:00Z", "Europe/Berlin", "2026-03-29T22:00:00Z"),
        ("7d", "2026-11-22T23:00:00Z", "UTC", "2026-11-16T00:00:00Z"),
        ("7d", "2026-11-23T00:00:00Z", "UTC", "2026-11-23T00:00:00Z"),
        # The clock shows 2 o'clock twice, at 0:00 and at 1:00 UTC.
        ("1h", "2026-10-25T00:30:00Z", "Europe/Berlin", "2026-10-25T00:00:00Z"),
        ("1h", "2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("6h", "2026-10-25T03:00:00Z", "Europe/Berlin", "2026-10-24T22:00:00Z"),
    ],
)
def test_last_period_ends_where_the_clock_on_the_wall_says(
    every: str, now: str, zone: str, end: str
) -> None:
    found = last_full_end(query(every=every).every, datetime.fromisoformat(now), ZoneInfo(zone))
    assert found == datetime.fromisoformat(end)


@given(periods, instants, zones)
def test_period_that_is_over_is_the_last_one_until_the_next_is_over(
    every: timedelta, now: datetime, zone: ZoneInfo
) -> None:
    end = last_full_end(every, now, zone)
    assert end <= now < end + every + timedelta(hours=2)
    assert last_full_end(every, end, zone) == end


@given(periods, instants, st.timedeltas(timedelta(0), timedelta(days=2)), zones)
def test_time_that_goes_on_brings_no_earlier_end(
    every: timedelta, now: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    assert last_full_end(every, now, zone) <= last_full_end(every, now + later, zone)


@given(periods, instants, zones)
def test_periods_before_are_each_earlier(every: timedelta, now: datetime, zone: ZoneInfo) -> None:
    ends = list(full_ends(every, now, zone, 5))
    assert ends == sorted(set(ends), reverse=True)


def test_span_of_days_has_whole_days_also_where_the_clock_changes() -> None:
    span = default_span(query(span="7d"), datetime(2026, 3, 29, 22, tzinfo=UTC), BERLIN)
    assert span.start == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert span.words == "2026-03-23 00:00 to 2026-03-30 00:00"


def test_span_of_hours_has_that_many() -> None:
    end = datetime(2026, 3, 29, 2, tzinfo=UTC)
    assert default_span(query(span="6h"), end, BERLIN).start == end - timedelta(hours=6)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-30", "2026-03-29T22:00:00Z"),
        ("2026-03-30T01:00", "2026-03-29T23:00:00Z"),
        ("2026-03-30T01:00Z", "2026-03-30T01:00:00Z"),
    ],
)
def test_instant_without_an_offset_is_on_the_clock_of_the_zone(text: str, instant: str) -> None:
    assert parse_instant(text, BERLIN) == datetime.fromisoformat(instant)


@given(instants)
def test_stamp_says_exactly_which_instant_it_is(instant: datetime) -> None:
    assert parse_stamp(stamp(instant)) == instant


@pytest.mark.parametrize("text", ["2026-03-30", "2026-3-30T010000Z", "2026-03-30T010000.10Z", "x"])
def test_what_is_no_stamp_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"stamp|match"):
        parse_stamp(text)
