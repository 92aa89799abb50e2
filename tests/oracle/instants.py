"""What instant an envelope's `timestamp` means."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_YEAR_10000 = 253_402_300_800_000


class NoInstantError(ValueError):
    """The value means no instant."""


def instant_ms(value: object, recorded_ms: int) -> int:
    """Milliseconds since 1970; those of the record where the value is as good as missing.

    Raises:
        NoInstantError: It is something, but no instant before the year 10000.
    """
    if value is None or value == "" or isinstance(value, bool):
        return recorded_ms
    if isinstance(value, str):
        found = _from_text(value.strip())
    elif isinstance(value, int | Decimal):
        found = _from_number(Decimal(value))
    else:
        raise NoInstantError("neither number nor text")
    if found <= 0:
        return recorded_ms
    if found >= _YEAR_10000:
        raise NoInstantError("beyond the year 9999")
    return found


def _from_text(text: str) -> int:
    if _NUMBER.fullmatch(text):
        try:
            return _from_number(Decimal(text))
        except InvalidOperation as error:
            raise NoInstantError("a number out of all bounds") from error
    parts = _RFC_3339.fullmatch(text)
    if parts is None:
        raise NoInstantError("neither a number nor RFC 3339")
    day, time, fraction, zone = parts.groups()
    zone = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        whole = datetime.fromisoformat(f"{day}T{time}{zone}")
    except ValueError as error:
        raise NoInstantError("there is no such instant") from error
    since = whole - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + int(((fraction or "") + "000")[:3])


def _from_number(number: Decimal) -> int:
    if number < Decimal(10) ** 11:
        return int(number * 1000)
    if number < Decimal(10) ** 14:
        return int(number)
    if number < Decimal(10) ** 17:
        return int(number / 1000)
    return int(number / 1_000_000)
