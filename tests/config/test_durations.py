from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.durations import Duration, DurationOrZero, format_duration, parse_duration

FORMS: dict[str, tuple[object, timedelta]] = {
    "seconds": (30, timedelta(seconds=30)),
    "fraction": (0.5, timedelta(milliseconds=500)),
    "seconds as text": ("90", timedelta(seconds=90)),
    "number and unit": ("30 s", timedelta(seconds=30)),
    "no space": ("10m", timedelta(minutes=10)),
    "min": ("5 min", timedelta(minutes=5)),
    "milliseconds": ("500ms", timedelta(milliseconds=500)),
    "parts": ("1h 30m", timedelta(minutes=90)),
    "fraction of a unit": ("1.5h", timedelta(minutes=90)),
    "day": ("1d", timedelta(days=1)),
    "ISO 8601": ("PT1H30M", timedelta(minutes=90)),
    "timedelta": (timedelta(seconds=3), timedelta(seconds=3)),
}
NO_DURATIONS = ["", "s", "30 x", "1h or so 30m", "1:30", "P", True, None, [30], float("nan"), 1e300]


@pytest.mark.parametrize(("written", "span"), FORMS.values(), ids=FORMS)
def test_every_form_is_read(written: object, span: timedelta) -> None:
    assert parse_duration(written) == span


@pytest.mark.parametrize("written", NO_DURATIONS, ids=repr)
def test_what_is_no_duration_is_refused_with_the_forms(written: object) -> None:
    with pytest.raises(ValueError, match="30 s, 500ms, 10 min, 1h30m, PT30S"):
        parse_duration(written)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)))
def test_what_is_written_reads_back(span: timedelta) -> None:
    assert parse_duration(format_duration(span)) == span


@pytest.mark.parametrize("written", [0, "0 s", -1, "-PT1S"], ids=repr)
def test_a_duration_is_longer_than_nothing(written: object) -> None:
    with pytest.raises(ValidationError, match="longer than 0 s"):
        TypeAdapter(Duration).validate_python(written)


def test_some_durations_may_be_nothing_but_not_less() -> None:
    or_zero: TypeAdapter[timedelta] = TypeAdapter(DurationOrZero)
    assert or_zero.validate_python("0") == timedelta(0)
    with pytest.raises(ValidationError, match="must not be negative"):
        or_zero.validate_python("-1")
