"""Options that the commands of `chatflow dlq` have in common."""

from typing import Annotated, NamedTuple

from typer import Option

from schemas.reasons import Reason

Topics = Annotated[
    list[str] | None,
    Option("--topic", metavar="TOPIC", help="Only of this topic; may be repeated."),
]
Reasons = Annotated[
    list[Reason] | None,
    Option("--reason", metavar="REASON", help="Only with this reason; may be repeated."),
]


class Asked(NamedTuple):
    """What somebody asks for, as it was typed."""

    topics: list[str] | None
    reasons: list[Reason] | None
    since: str | None
    until: str | None
    records: list[str] | None = None
