"""The text of a query's file in, the query out; every mistake names the file and the key.

-- title: Messages per hour by type
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 90d
-- chart: line x=hour y=messages color=event_type
-- description: One or two sentences for the reader.
SELECT … $start … $end … $timezone
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from analytics.parameters import named_parameters
from analytics.query import CHANNELS, FORMATS, KINDS, PARAMETERS, Chart, Format, Query
from config.durations import format_duration, parse_duration
from config.errors import ConfigurationError

KEYS = ("title", "every", "span", "output", "timeout", "keep", "chart", "description")
"""The keys of a header; each stands there once, in any order."""

_LINE = re.compile(r"-- ([a-z]+): +(\S.*)")
_COLUMN = re.compile(r"([a-z]+)=([A-Za-z_]\w*)")
_DAY = timedelta(days=1)
_NEEDED = {"line": "x y", "bar": "x y", "heatmap": "x y color", "area": "x y", "funnel": "x y"}

T = TypeVar("T")


def parse_query(name: str, text: str, origin: str) -> Query:
    """Read a query.

    Args:
        name: What the query is called.
        text: What its file holds.
        origin: The file, as errors name it.

    Raises:
        ConfigurationError: A key is unknown, missing, there twice or wrong; names file and key.
    """
    values, sql = _header(text, origin)

    def read(key: str, form: Callable[[str], T]) -> T:
        try:
            return form(values[key])
        except ValueError as error:
            raise ConfigurationError(f"{origin}: {key} {error}") from error

    return Query(
        name,
        title=values["title"],
        every=read("every", _period),
        span=read("span", _span),
        output=read("output", _formats),
        timeout=read("timeout", _span),
        keep=read("keep", _span),
        chart=read("chart", _chart),
        description=values["description"],
        sql=parse_sql(sql, origin),
    )


def parse_sql(text: str, origin: str) -> str:
    """The statement of a file; whether it can be run is known when it runs.

    Raises:
        ConfigurationError: There is none, or it asks for a parameter that does not exist.
    """
    if unknown := named_parameters(text) - PARAMETERS:
        asked = ", ".join(f"${name}" for name in sorted(unknown))
        raise ConfigurationError(f"{origin}: there is no {asked}, only $start, $end and $timezone")
    if not text.strip():
        raise ConfigurationError(f"{origin}: there is no SQL below the header")
    return text


def _header(text: str, origin: str) -> tuple[Mapping[str, str], str]:
    lines = text.splitlines(keepends=True)
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.startswith("--"):
            break
        key, value = _entry(line.rstrip(), f"{origin}:{number}")
        if key in values:
            raise ConfigurationError(f"{origin}:{number}: {key} is there twice")
        values[key] = value
    if missing := [key for key in KEYS if key not in values]:
        raise ConfigurationError(f"{origin}: the header lacks {', '.join(missing)}")
    return values, "".join(lines[len(values) :])


def _entry(line: str, place: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ConfigurationError(f"{place}: the header is made of lines like `-- every: 1h`")
    if found[1] not in KEYS:
        raise ConfigurationError(f"{place}: unknown key {found[1]}; there is {', '.join(KEYS)}")
    return found[1], found[2]


def _span(text: str) -> timedelta:
    span = parse_duration(text)
    if span < timedelta(seconds=1):
        raise ValueError("must be a second or longer")
    return span


def _period(text: str) -> timedelta:
    """A period divides the day, or is made of whole days: so each begins at an hour of the day."""
    span = _span(text)
    if span % _DAY and _DAY % span:
        raise ValueError(
            f"must divide a day or be whole days, such as 5m, 1h or 7d, not {format_duration(span)}"
        )
    return span


def _formats(text: str) -> tuple[Format, ...]:
    named = [word.strip() for word in text.split(",")]
    if wrong := [word for word in named if word not in FORMATS]:
        raise ValueError(f"must be some of {', '.join(FORMATS)}, not {wrong[0]!r}")
    return tuple(form for form in FORMATS if form in named)


def _chart(text: str) -> Chart:
    kind, *words = text.split()
    if kind not in KINDS:
        raise ValueError(f"must begin with one of {', '.join(KINDS)}, not {kind!r}")
    columns: dict[str, str] = {}
    for word in words:
        found = _COLUMN.fullmatch(word)
        if found is None or found[1] not in CHANNELS or found[1] in columns:
            raise ValueError(f"must name columns as in x=hour y=messages color=type, not {word!r}")
        columns[found[1]] = found[2]
    if missing := [channel for channel in _NEEDED.get(kind, "").split() if channel not in columns]:
        raise ValueError(f"lacks {' and '.join(missing)}, which a {kind} needs")
    return Chart(kind, columns.get("x"), columns.get("y"), columns.get("color"))
