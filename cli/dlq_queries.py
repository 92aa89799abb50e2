"""`chatflow dlq list` and `show`: dead letters looked for, and reported."""

from collections.abc import Iterable, Set

import typer

from cli.dlq_options import Asked
from cli.dlq_report import Shown, as_json, as_text, kinds_as_json, kinds_as_text
from cli.dlq_selection import named_topics, selection_of
from cli.options import Format
from config.load import load_settings
from config.settings import Settings
from dead_letters import table
from dead_letters.letter import Entry, Letter, Place
from dead_letters.markers import read_markers
from dead_letters.reading import open_letters, source_topic
from dead_letters.selection import kinds_of
from dead_letters.verdict import refusal_of
from inspection.evidence import milliseconds


def print_kinds(asked: Asked, output: Format, *, from_table: bool) -> None:
    """Count what is asked for, by topic and reason."""
    settings = load_settings()
    topics, selection = named_topics(settings, asked.topics), selection_of(asked)
    if from_table:
        entries: Iterable[Entry] = table.entries(settings.store, topics)
        kinds = kinds_of(filter(selection.takes, entries))
    else:
        entries, replayed = _in_topics(settings, topics)
        kinds = kinds_of(filter(selection.takes, entries), replayed)
    show = kinds_as_text if output is Format.TEXT else kinds_as_json
    typer.echo(show(kinds), nl=False)


def print_letter(place: Place, output: Format, *, with_payload: bool, from_table: bool) -> None:
    """Say all about the dead letter of, or at, a place."""
    settings = load_settings()
    suffix = settings.dead_letters.topic_suffix
    source = source_topic(place.topic, suffix, settings.kafka)
    replayed: Set[Place] = frozenset()
    if from_table:
        letter = table.find(settings.store, place._replace(topic=source))
    else:
        letter = _one(settings, source + suffix, place)
        replayed = read_markers(settings.kafka, source + suffix)
    refusal = refusal_of(letter, milliseconds(settings.source.future_tolerance))
    shown = Shown(letter, refusal, letter.entry.origin in replayed, with_payload)
    typer.echo((as_text if output is Format.TEXT else as_json)(shown), nl=False)


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
