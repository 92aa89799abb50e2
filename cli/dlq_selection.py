"""What the options of `chatflow dlq` mean."""

import typer

from cli.dlq_options import Asked
from cli.options import instant_of
from config.settings import Settings
from dead_letters.letter import Place
from dead_letters.reading import source_topic
from dead_letters.selection import Selection


def named_topics(settings: Settings, named: list[str] | None) -> list[str]:
    """The topics somebody means by their names or those of their dead letters; without any, all."""
    suffix = settings.dead_letters.topic_suffix
    found = [source_topic(name, suffix, settings.kafka) for name in named or ()]
    return list(dict.fromkeys(found)) or list(settings.kafka.topics.names)


def selection_of(asked: Asked) -> Selection:
    """What the options ask for.

    Raises:
        typer.BadParameter: A time or a place is none.
    """
    return Selection(
        reasons=frozenset(reason.value for reason in asked.reasons or ()),
        since=None if asked.since is None else instant_of(asked.since, "--since"),
        until=None if asked.until is None else instant_of(asked.until, "--until"),
        places=frozenset(_place(text) for text in asked.records or ()),
    )


def _place(text: str) -> Place:
    topic, *numbers = text.split("/")
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        raise typer.BadParameter(
            f"{text!r} is not TOPIC/PARTITION/OFFSET, such as chat-messages/0/17",
            param_hint="--record",
        )
    return Place(topic, int(numbers[0]), int(numbers[1]))
