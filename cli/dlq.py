"""`chatflow dlq`: the records that could not be decoded: what they are, and back with them."""

from collections.abc import Iterable, Set
from typing import Annotated

import typer
from typer import Argument, Option

from cli.dlq_options import Reasons, Topics, named_topics, selection_of
from cli.dlq_replay import replay
from cli.options import Format, Since, Until
from config.load import load_settings
from config.settings import Settings
from dead_letters import table
from dead_letters.letter import Entry, Letter, Place
from dead_letters.markers import read_markers
from dead_letters.reading import open_letters, source_topic
from dead_letters.selection import kinds_of
from dead_letters.verdict import refusal_of
from inspection.evidence import milliseconds

app = typer.Typer(no_args_is_help=True, help="List, show and replay dead letters.")

FromTable = Annotated[
    bool, Option("--table", help="Ask the database instead of the dead-letter topics.")
]
Output = Annotated[Format, Option("--format", help="For people, or for programs.")]


@app.command("list", short_help="Count them by topic and reason.")
def list_kinds(
    topic: Topics = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    from_table: FromTable = False,
    output: Output = Format.TEXT,
) -> None:
    """Count dead letters by topic and reason, with the first and the last of them."""
    from cli.dlq_report import kinds_as_json, kinds_as_text

    settings = load_settings()
    topics = named_topics(settings, topic)
    asked = selection_of(reason, since, until)
    if from_table:
        entries: Iterable[Entry] = table.entries(settings.store.path, topics)
        kinds = kinds_of(filter(asked.takes, entries))
    else:
        entries, replayed = _in_topics(settings, topics)
        kinds = kinds_of(filter(asked.takes, entries), replayed)
    show = kinds_as_text if output is Format.TEXT else kinds_as_json
    typer.echo(show(kinds), nl=False)


@app.command(short_help="Say all about one of them.")
def show(
    topic: Annotated[str, Argument(help="The topic of the record, or its dead-letter topic.")],
    partition: Annotated[int, Argument(min=0, help="Its partition there.")],
    offset: Annotated[int, Argument(min=0, help="Its offset there.")],
    payload: Annotated[
        bool, Option("--payload", help="Also key and value, as bytes: what people wrote.")
    ] = False,
    from_table: FromTable = False,
    output: Output = Format.TEXT,
) -> None:
    """Say all about one dead letter; of key, value and headers only their sizes.

    Where it stood, why it is one, whether this release can decode it, whether it was replayed.
    """
    from cli.dlq_report import Shown, as_json, as_text

    settings = load_settings()
    place = Place(topic, partition, offset)
    suffix = settings.dead_letters.topic_suffix
    source = source_topic(topic, suffix, settings.kafka)
    replayed: Set[Place] = frozenset()
    if from_table:
        letter = table.find(settings.store.path, place._replace(topic=source))
    else:
        letter = _one(settings, source + suffix, place)
        replayed = read_markers(settings.kafka, source + suffix)
    refusal = refusal_of(letter, milliseconds(settings.source.future_tolerance))
    shown = Shown(letter, refusal, letter.entry.origin in replayed, payload)
    typer.echo((as_text if output is Format.TEXT else as_json)(shown), nl=False)


app.command(short_help="Put them back, each at most once.")(replay)


def _in_topics(settings: Settings, topics: list[str]) -> tuple[Iterable[Entry], set[Place]]:
    dead = [topic + settings.dead_letters.topic_suffix for topic in topics]
    replayed = [read_markers(settings.kafka, name) for name in dead]
    return _entries(settings, dead), set[Place]().union(*replayed)


def _entries(settings: Settings, dead: list[str]) -> Iterable[Entry]:
    with open_letters(settings.kafka) as letters:
        for letter in letters.read(letters.spans(dead)):
            yield letter.entry


def _one(settings: Settings, dead_topic: str, place: Place) -> Letter:
    with open_letters(settings.kafka) as letters:
        return letters.find(dead_topic, place)
