"""`chatflow doctor`: what the server really sends, and whether the flow is set up for it."""

from typing import Annotated

import typer
from typer import Option

from cli.options import Format, Since, instant_of


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
    if since is not None and from_beginning:
        raise typer.BadParameter("give --since or --from-beginning, not both")
    instant = None if since is None else instant_of(since, "--since")
    # Here, because it opens clients: `chatflow --help` should not wait for that.
    from cli.doctor_run import run_doctor

    run_doctor(records, instant, seconds, output, from_beginning=from_beginning)
