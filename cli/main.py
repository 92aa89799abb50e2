"""The command `chatflow`: its parts, and how it ends."""

import contextlib
import errno
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, NoReturn

import typer

from cli.analytics import app as analytics
from cli.config import app as config
from cli.demo import demo
from cli.dlq import app as dlq
from cli.doctor import doctor
from cli.report import report
from cli.send import app as send
from cli.simulate import simulate
from cli.store import app as store
from cli.top import top
from cli.topics import app as topics
from config.errors import ChatflowError

app = typer.Typer(
    # Plain text: the same in a terminal, a log and docs/cli.md.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command()(demo)
app.command(short_help="Watch a running flow.")(top)
app.command(short_help="Publish the traffic of a chat server, without one.")(simulate)
app.command(short_help="Say what the server really sends, and what follows.")(doctor)
app.add_typer(send, name="send")
app.add_typer(topics, name="topics")
app.add_typer(store, name="store")
app.add_typer(dlq, name="dlq")
app.add_typer(analytics, name="analytics")
app.command(short_help="Write one HTML page with a chart of every query.")(report)
app.add_typer(config, name="config")


def main() -> None:
    """Run the command; what went wrong is told in words, and in the exit status."""
    try:
        app(prog_name="chatflow")
    except ChatflowError as error:
        _end(str(error), error.exit_status)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _end(f"there is no room for what it writes: {error.strerror}", 1)


def _end(words: str, status: int) -> NoReturn:
    """Say it and go, with this status also where nobody can write it."""
    with contextlib.suppress(OSError):
        typer.echo(f"chatflow: {words}", err=True)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the interpreter would try again, and end with status 120
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
    sys.exit(status)


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        typer.echo(f"chatflow {version('chatflow')}")
    except PackageNotFoundError:
        typer.echo("chatflow (not installed, so the version is not known)")
    raise typer.Exit


@app.callback()
def _chatflow(
    asked_version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Everything around the flow that consumes a chat server's Kafka topics.

    The flow itself is started with `python -m bytewax.run dataflows.chat`. To see it work on this
    machine, with nothing installed and no server, start with `chatflow demo`. The other commands
    take brokers and topics from the configuration: see `chatflow config show`.
    """


if __name__ == "__main__":
    main()
