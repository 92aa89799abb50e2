"""`chatflow topics`: the topics that must be there before the flow starts."""

from typing import Annotated

import typer

from config.load import load_settings
from sinks.topics import create_topics

app = typer.Typer(no_args_is_help=True, help="Create the Kafka topics.")


@app.callback()
def _topics() -> None:
    """Create the Kafka topics."""


@app.command()
def create(
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of each topic.")] = 3,
    replication_factor: Annotated[int, typer.Option(min=1, help="Replicas of each.")] = 1,
) -> None:
    """Create the three topics and their dead-letter topics where they are missing."""
    settings = load_settings()
    report = create_topics(
        settings.kafka,
        dead_letter_suffix=settings.dead_letters.topic_suffix,
        partitions=partitions,
        replication_factor=replication_factor,
    )
    for name in report.created:
        typer.echo(f"created  {name} ({partitions} partitions)")
    for name in report.existing:
        found = report.different.get(name)
        note = f" with {found} partitions instead of {partitions}; unchanged" if found else ""
        typer.echo(f"existed  {name}{note}")
