"""`chatflow top`: what a running flow does, from its own metrics."""

from typing import Annotated

import typer
from typer import Option


def top(
    url: Annotated[str, Option(help="Where the flow tells its metrics.")] = "http://127.0.0.1:9464",
    interval: Annotated[float, Option(min=0.2, max=60, help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, Option("--once", help="Print one table and end.")] = False,
) -> None:
    """Watch a running flow: rates, lag, delay, commits, users, pushes, dead letters.

    The figures are the flow's own metrics; rates are of the last ten seconds, times of commits of
    the last minute, all else since the flow started. In a terminal one picture follows the other
    until Ctrl-C; into a pipe goes one line for each look.
    """
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter("must be an http:// or https:// URL", param_hint="--url")
    # Here, because `chatflow --help` should not wait for it.
    from cli.top_run import print_once, watch

    if once:
        print_once(url)
    else:
        watch(url, interval)
