"""`chatflow doctor`: what the server really sends, and whether the flow is set up for it."""

import time
from typing import Annotated

import typer
from typer import Option

from cli.options import Format, Since, instant_of
from config.directory import read_directory
from config.librdkafka import refuse_unusable_properties
from config.load import load_settings
from config.settings import Settings
from inspection.administration import facts_of
from inspection.checkup import examine, has_problem
from inspection.evidence import Evidence, milliseconds
from inspection.sampling import Extent, take_sample
from sinks.contact import connect, has_controller
from sinks.topics import topic_names


def doctor(
    records: Annotated[
        int, Option(min=1, max=50_000, help="Most records of each partition.")
    ] = 5000,
    since: Since = None,
    from_beginning: Annotated[
        bool, Option("--from-beginning", help="The oldest records instead of the newest.")
    ] = False,
    seconds: Annotated[
        float, Option(min=1, max=3600, help="Longest time to read; the rest is left out.")
    ] = 60.0,
    output: Annotated[
        Format, Option("--format", help="For people, or for programs.")
    ] = Format.TEXT,
) -> None:
    """Say what the chat server really sends, and whether the flow is set up for it.

    Reads a sample of the three topics: the newest records of each partition. It joins no group,
    commits nothing and writes nothing, so it can run at any time, beside the flow or before it is
    started for the first time. Findings name counts, never users or what they write.

    Exit status 1 when a problem is found: something without which the flow does not start, stops,
    or misses what it is there for.
    """
    extent = _extent(records, since, seconds, from_beginning=from_beginning)
    settings = load_settings()
    refuse_unusable_properties(settings.kafka.properties)
    evidence = gather(settings, extent)
    findings = examine(evidence)
    # Here, because rich is slow to import: `chatflow --help` should not wait for that.
    from cli.doctor_report import as_json, as_text

    show = as_text if output is Format.TEXT else as_json
    typer.echo(show(evidence, findings), nl=False)
    if has_problem(findings):
        raise typer.Exit(1)


def gather(settings: Settings, extent: Extent) -> Evidence:
    """Ask the brokers, and read the sample.

    Raises:
        ChatflowError: The brokers or the directory file are not there or not usable.
    """
    directory = read_directory(settings.push.directory)
    cluster = connect(settings.kafka)
    wanted = topic_names(settings.kafka, settings.dead_letters.topic_suffix)
    facts = facts_of(settings.kafka, cluster, wanted)
    sample = take_sample(
        settings.kafka,
        facts.partitions,
        extent,
        milliseconds(settings.source.future_tolerance),
        finds_times=has_controller(cluster),
    )
    return Evidence(sample, settings, facts, time.time_ns() // 1_000_000, directory)


def _extent(records: int, since: str | None, seconds: float, *, from_beginning: bool) -> Extent:
    if since is not None and from_beginning:
        raise typer.BadParameter("give --since or --from-beginning, not both")
    if since is not None:
        return Extent(records, "since", instant_of(since, "--since"), seconds)
    return Extent(records, "beginning" if from_beginning else "newest", 0, seconds)
