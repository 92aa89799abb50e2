"""`chatflow demo`: broker, traffic, flow and a view of them, with nothing to install or to set."""

from pathlib import Path
from typing import Annotated

from typer import Option


def demo(
    seconds: Annotated[
        float | None,
        Option(min=1, help="How long chat is simulated.", show_default="until Ctrl-C"),
    ] = None,
    rate: Annotated[float, Option(min=1, max=10_000, help="Events a second.")] = 200.0,
    users: Annotated[int, Option(min=2, help="How many people there are.")] = 500,
    groups: Annotated[int, Option(min=1, help="How many groups they have.")] = 50,
    seed: Annotated[int, Option(help="Another seed: other people, another chat.")] = 1,
    folder: Annotated[
        Path,
        Option(
            help="Where the database and the flow's log go; what a demo left there is replaced."
        ),
    ] = Path("var/demo"),
) -> None:
    """Watch the whole flow work, on this machine alone.

    Nothing needs to be installed or configured. Simulated chat goes into a Kafka broker inside this
    process; the flow stores it in a DuckDB file, from which the figures on screen are read. Ctrl-C
    finishes: the flow stores and decides what is left, and you get lines to query the file with. A
    second Ctrl-C stops at once.
    """
    # Here, because it opens databases: `chatflow --help` should not wait for that.
    from cli.demo_run import Scenario, run_demo

    run_demo(
        Scenario(seconds=seconds, rate=rate, users=users, groups=groups, seed=seed, folder=folder)
    )
