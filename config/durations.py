"""Spans of time as people write them: `30 s`, `1h30m`, `PT30S`, or a number of seconds.

No library: of those that are kept, pytimeparse knows no milliseconds and durationpy accepts any
text between two parts (`1h or so 30m`).
"""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError

_FORMS = "must be a duration: 30 s, 500ms, 10 min, 1h30m, PT30S or a number of seconds"
_UNITS = {
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
    "d": timedelta(days=1),
    "m": timedelta(minutes=1),
}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PART = re.compile(rf"({_NUMBER})\s*(ms|min|us|[smhd])\s*")
_ISO_8601 = TypeAdapter(timedelta)


def parse_duration(value: object) -> timedelta:
    """Read a duration in any of the forms; negative ones are read too.

    Raises:
        ValueError: It is none of them; the text says which there are.
    """
    if isinstance(value, timedelta):
        return value
    try:
        if isinstance(value, str):
            return _parse_text(value.strip())
        if isinstance(value, int | float) and not isinstance(value, bool):
            return timedelta(seconds=value)
    except (ValueError, OverflowError):
        pass
    raise ValueError(_FORMS)


def _parse_text(text: str) -> timedelta:
    if re.fullmatch(rf"-?{_NUMBER}", text):
        return timedelta(seconds=float(text))
    if re.match("[+-]?P", text):
        try:
            return _ISO_8601.validate_python(text)
        except ValidationError as error:
            raise ValueError(_FORMS) from error
    if not re.fullmatch(f"(?:{_PART.pattern})+", text):
        raise ValueError(_FORMS)
    parts = _PART.findall(text)
    return sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta())


def format_duration(span: timedelta) -> str:
    """Write a duration in the largest unit that divides it; `parse_duration` reads it back."""
    if not span:
        return "0 s"
    unit = next(name for name, length in _UNITS.items() if not span % length)
    return f"{span // _UNITS[unit]} {unit}"


def _longer_than_zero(span: timedelta) -> timedelta:
    if span <= timedelta(0):
        raise ValueError("must be longer than 0 s")
    return span


def _not_negative(span: timedelta) -> timedelta:
    if span < timedelta(0):
        raise ValueError("must not be negative")
    return span


Duration = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_longer_than_zero)]
"""A span longer than nothing."""

DurationOrZero = Annotated[
    timedelta, BeforeValidator(parse_duration), AfterValidator(_not_negative)
]
"""A span that may be switched off with 0."""
