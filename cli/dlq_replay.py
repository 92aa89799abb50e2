"""Runs a replay: a plan, a question, and dead letters back into their topics."""

import sys
from collections import Counter
from collections.abc import Iterator

import typer

from cli.dlq_options import Asked
from cli.dlq_selection import named_topics, selection_of
from config.load import load_settings
from config.settings import Settings
from dead_letters.campaign import Order, judged, portions
from dead_letters.letter import Letter, Place
from dead_letters.markers import read_markers
from dead_letters.reading import LetterReader, open_letters
from dead_letters.replay import Replayer
from dead_letters.verdict import Verdict
from inspection.evidence import milliseconds
from sinks.kafka_span import Span

Counts = Counter[tuple[str, str, Verdict]]
"""By topic, reason and what becomes of it."""


def run_replay(asked: Asked, limit: int | None, *, force: bool, dry_run: bool, yes: bool) -> None:
    """Say what is to be replayed, ask, and replay it.

    Raises:
        typer.Abort: The answer is no.
        ChatflowError: The brokers refuse, or somebody else has begun to replay.
    """
    settings = load_settings()
    tolerance = milliseconds(settings.source.future_tolerance)
    order = Order(selection_of(asked), tolerance, force, limit)
    suffix = settings.dead_letters.topic_suffix
    dead = [name + suffix for name in named_topics(settings, asked.topics)]
    with open_letters(settings.kafka) as letters:
        spans = {name: letters.spans([name]) for name in dead}
        counts = _plan(settings, letters, spans, order)
        typer.echo(_table(counts), nl=False)
        whole = _total(counts)
        if dry_run or not whole:
            typer.echo(f"{'would replay' if whole else 'nothing to replay'}{_records(whole)}")
            return
        _ask(whole, yes=yes)
        done = 0
        for name in dead:
            done += _replay(settings, letters, name, spans[name], order.after(done))
    typer.echo(f"replayed{_records(done)}")


def _plan(
    settings: Settings, letters: LetterReader, spans: dict[str, list[Span]], order: Order
) -> Counts:
    counts: Counts = Counter()
    for name, whole in spans.items():
        markers = read_markers(settings.kafka, name)
        for letter, verdict in judged(letters.read(whole), order.after(_total(counts)), markers):
            counts[letter.entry.origin.topic, letter.entry.reason, verdict] += 1
    return counts


def _replay(
    settings: Settings, letters: LetterReader, name: str, spans: list[Span], order: Order
) -> int:
    """Replay those of one dead-letter topic; says how many."""
    replayed = 0
    with Replayer(settings.kafka, name) as replayer:
        for portion in portions(_chosen(letters.read(spans), order, replayer.done)):
            replayer.replay(portion)
            replayed += len(portion)
    return replayed


def _chosen(found: Iterator[Letter], order: Order, done: set[Place]) -> Iterator[Letter]:
    return (letter for letter, verdict in judged(found, order, done) if verdict is Verdict.REPLAY)


def _ask(count: int, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to ask: give --yes or --dry-run")
    typer.confirm(f"Replay{_records(count)}?", abort=True)


def _total(counts: Counts) -> int:
    return sum(count for (_, _, verdict), count in counts.items() if verdict is Verdict.REPLAY)


def _records(count: int) -> str:
    return f" {count:,} record{'' if count == 1 else 's'}" if count else ""


def _table(counts: Counts) -> str:
    return "".join(
        f"{topic:<18} {reason:<18} {count:>8,}  {verdict}\n"
        for (topic, reason, verdict), count in sorted(counts.items())
    )
