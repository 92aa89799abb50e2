"""Runs the doctor: evidence from the brokers, findings out of it, and a report."""

import time

import typer

from cli.doctor_report import as_json, as_text
from cli.options import Format
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


def run_doctor(
    records: int, since: int | None, seconds: float, output: Format, *, from_beginning: bool
) -> None:
    """Examine and report; `since` is milliseconds since 1970 UTC.

    Raises:
        typer.Exit: With status 1, when a problem was found.
        ChatflowError: The brokers or the directory file are not there or not usable.
    """
    settings = load_settings()
    refuse_unusable_properties(settings.kafka.properties)
    extent = Extent(records, "beginning" if from_beginning else "newest", 0, seconds)
    if since is not None:
        extent = Extent(records, "since", since, seconds)
    evidence = gather(settings, extent)
    findings = examine(evidence)
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
