"""The options that say which part of the time is meant, and what is written of it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from typer import BadParameter, Option

from analytics.query import FORMATS, Format, Query
from analytics.span import Span, default_span, last_full_end, parse_instant
from config.settings import Settings

StartOption = Annotated[
    str | None, Option(metavar="ISO", help="First instant, or day.", show_default="a span before")
]
EndOption = Annotated[
    str | None, Option(metavar="ISO", help="First instant, or day, that does not count.")
]
ZoneOption = Annotated[
    str | None, Option(metavar="NAME", help="Time zone.", show_default="analytics.timezone")
]


def with_analytics(
    settings: Settings, *, timezone: str | None = None, output_dir: Path | None = None
) -> Settings:
    """The settings with what the command line says instead."""
    analytics = settings.analytics
    if timezone is not None:
        try:
            ZoneInfo(timezone)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise BadParameter(
                f"{timezone!r} is no time zone such as UTC or Europe/Berlin",
                param_hint="--timezone",
            ) from error
        analytics = analytics.model_copy(update={"timezone": timezone})
    if output_dir is not None:
        analytics = analytics.model_copy(update={"output_dir": output_dir})
    return settings.model_copy(update={"analytics": analytics})


def given_formats(formats: Sequence[str] | None, query: Query) -> tuple[Format, ...]:
    """What to write: as the command line says, or the query."""
    if not formats:
        return query.output
    if wrong := [form for form in formats if form not in FORMATS]:
        raise BadParameter(f"{wrong[0]!r} is none of {', '.join(FORMATS)}", param_hint="--format")
    return tuple(form for form in FORMATS if form in formats)


def given_span(
    query: Query, start: str | None, end: str | None, full: datetime, zone: ZoneInfo
) -> Span:
    """The span of a query: as the command line says, else its own.

    Args:
        query: Says how long a span is without a start.
        start: What was given, if anything.
        end: The same.
        full: The instant before which periods are full; the last of them is the end by default.
        zone: Whose clock is meant by what has no offset.
    """
    until = instant(end, "--end", zone) if end else last_full_end(query.every, full, zone)
    if start is None:
        return default_span(query, until, zone)
    return checked(Span(instant(start, "--start", zone), until, zone))


def instant(text: str, option: str, zone: ZoneInfo) -> datetime:
    """Read an option."""
    try:
        return parse_instant(text, zone)
    except (ValueError, OverflowError) as error:
        raise BadParameter(
            f"{text!r} is not a day or a time such as 2026-01-31 or 2026-01-31T12:00:00Z",
            param_hint=option,
        ) from error


def checked(span: Span) -> Span:
    """The span, if there is time in it."""
    if span.start >= span.end:
        raise BadParameter(f"the span {span.words} ends before it starts", param_hint="--start")
    return span
