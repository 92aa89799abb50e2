"""Asks a running flow again and again, and shows what it says."""

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import typer
from rich.console import Console
from rich.live import Live

from cli.interrupt import interruptible
from cli.scrape import FlowSilentError, fetch
from cli.top_frame import TopFrame, Window
from cli.top_view import line, picture

_NAP = 0.05
"""Seconds after which a waiting view looks again whether it is to finish."""
_ONCE = 1.0
"""Seconds between the two answers from which one table tells rates."""
_WIDE = 100
"""Columns of a table that does not go to a terminal."""

Show = Callable[[TopFrame], None]


def print_once(url: str) -> None:
    """Print one table.

    Raises:
        FlowSilentError: No flow answers at the URL.
    """
    window = Window()
    window.add(fetch(url, time.monotonic()))
    time.sleep(_ONCE)
    window.add(fetch(url, time.monotonic()))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(picture(window.frame(time.monotonic()), url, console.width))


def watch(url: str, interval: float) -> None:
    """Show the flow until a signal; it may stop and come back meanwhile.

    Raises:
        FlowSilentError: No flow answers at the URL to begin with.
        KeyboardInterrupt: At the second Ctrl-C.
    """
    window = Window()
    with interruptible() as asked:
        window.add(fetch(url, time.monotonic()))
        show, opened = _view(url)
        with opened:
            while not asked():
                show(window.frame(time.monotonic()))
                until = time.monotonic() + interval
                while time.monotonic() < until and not asked():
                    time.sleep(_NAP)
                _look(url, window)


def _look(url: str, window: Window) -> None:
    with contextlib.suppress(FlowSilentError):  # the frame says for how long
        window.add(fetch(url, time.monotonic()))


def _view(url: str) -> tuple[Show, AbstractContextManager[object]]:
    """What shows a frame, and what has to be open while it does."""
    console = Console()
    if not console.is_terminal or console.is_dumb_terminal:
        return lambda frame: typer.echo(line(frame)), nullcontext()
    live = Live(console=console, screen=True, auto_refresh=False)
    return lambda frame: live.update(picture(frame, url, console.width), refresh=True), live
