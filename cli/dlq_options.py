"""Options of `chatflow dlq`, and what they mean."""

from typing import Annotated

import typer
from typer import Option

from cli.options import instant_of
from config.settings import Settings
from dead_letters.letter import Place
from dead_letters.reading import source_topic
from dead_letters.selection import Selection
from schemas.reasons import Reason

Topics = Annotated[
    list[str] | None,
    Option("--topic", metavar="TOPIC", help="Only of this topic; may be repeated."),
]
Reasons = Annotated[
    list[Reason] | None,
    Option("--reason", metavar="REASON", help="Only with this reason; may be repeated."),
]


def named_topics(settings: Settings, named: list[str] | None) -> list[str]:
    """The topics somebody means by their names or those of their dead letters; without any, all."""
    suffix = settings.dead_letters.topic_suffix
    found = [source_topic(name, suffix, settings.kafka) for name in named or ()]
    return list(dict.fromkeys(found)) or list(settings.kafka.topics.names)


def selection_of(
    reasons: list[Reason] | None,
    since: str | None,
    until: str | None,
    places: list[str] | None = None,
) -> Selection:
    """What the options ask for."""
    return Selection(
        places=frozenset(_place(text) for text in places or ()),
        reasons=frozenset(reason.value for reason in reasons or ()),
        since=None if since is None else instant_of(since, "--since"),
        until=None if until is None else instant_of(until, "--until"),
    )


def _place(text: str) -> Place:
    topic, *numbers = text.split("/")
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        raise typer.BadParameter(
            f"{text!r} is not TOPIC/PARTITION/OFFSET, such as chat-messages/0/17",
            param_hint="--record",
        )
    return Place(topic, int(numbers[0]), int(numbers[1]))
