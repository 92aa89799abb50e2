"""Options that several commands have in common."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from typer import Option

from config.durations import parse_duration


class Format(StrEnum):
    """For whom something is printed."""

    TEXT = "text"
    JSON = "json"


_TIME = "2026-03-01T08:30:00Z, or how long ago, such as 30min."

Since = Annotated[
    str | None,
    Option(
        metavar="TIME",
        help=f"What was recorded since then: {_TIME}",
    ),
]


Until = Annotated[
    str | None, Option(metavar="TIME", help=f"What was recorded before then: {_TIME}")
]


def instant_of(text: str, option: str) -> int:
    """An instant, or how long ago it was, as milliseconds since 1970 UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.now(UTC) - parse_duration(text)
        except (ValueError, OverflowError) as error:
            raise typer.BadParameter(
                f"{text!r} is neither a time such as 2026-03-01T08:30:00Z nor a span such as 30min",
                param_hint=option,
            ) from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
