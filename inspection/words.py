"""Counts, shares and spans as people read them."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta


def share(part: int, whole: int) -> str:
    """A part in percent; `0 %` and `100 %` only where it is none or all."""
    if part in (0, whole) or not whole:
        return "100 %" if part and part == whole else "0 %"
    percent = min(max(100 * part / whole, 0.1), 99.9)
    return f"{percent:.1f} %" if percent < 10 or percent > 90 else f"{percent:.0f} %"


def counted(counts: Mapping[str, int] | Counter[str], most: int = 6) -> str:
    """Names and how often, most frequent first."""
    found = Counter(counts).most_common()
    named = ", ".join(f"{name}: {count:,}" for name, count in found[:most])
    return named + (f" and {len(found) - most} more" if len(found) > most else "")


def many(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def lasting(milliseconds: int) -> str:
    """A span of time in the unit that suits it."""
    seconds = abs(milliseconds) / 1000
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h" if seconds < 172_800 else f"{seconds / 86_400:,.0f} d"


def span_of(setting: timedelta) -> str:
    """A setting, as such a span."""
    return lasting(setting // timedelta(milliseconds=1))


def octets(count: int) -> str:
    """A size in the unit that suits it."""
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:,} bytes"
