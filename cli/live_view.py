"""How a running demo is shown: a picture that changes, or lines for a file or a pipe."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import typer
from rich.console import Console
from rich.live import Live

from cli.tables import Stage, clock, picture
from cli.watch import Frame


class View(Protocol):
    """Shows frames as they come."""

    @property
    def interval(self) -> float:
        """Seconds from one frame to the next."""

    def show(self, frame: Frame) -> None:
        """Show one."""


class PictureView:
    """Fills the terminal."""

    interval = 0.5

    def __init__(self, live: Live, stage: Stage) -> None:
        self._live = live
        self._stage = stage

    def show(self, frame: Frame) -> None:
        """Draw the frame over the last one."""
        width = self._live.console.width
        self._live.update(picture(frame, self._stage, width), refresh=True)


class LinesView:
    """Prints one line a frame."""

    interval = 1.0

    def show(self, frame: Frame) -> None:
        """Print the frame's figures."""
        typer.echo(line(frame))


def view_of(stage: Stage) -> tuple[View, AbstractContextManager[object]]:
    """The view that fits stdout, and what has to be open while it shows something."""
    console = Console()
    if not console.is_terminal or console.is_dumb_terminal:
        return LinesView(), nullcontext()
    live = Live(console=console, screen=True, auto_refresh=False)
    return PictureView(live, stage), live


def line(frame: Frame) -> str:
    """A frame in one line."""
    figures = frame.figures
    decided = {"sent": 0, "suppressed": 0}
    for decision, _, count in figures.decisions:
        decided[decision] += count
    return (
        f"{clock(frame.elapsed)}  {frame.records:,} events in ({frame.record_rate:,.0f}/s)"
        f"  {figures.rows['messages']:,} messages stored"
        f"  {figures.online:,} online"
        f"  {decided['sent']:,} pushes sent, {decided['suppressed']:,} suppressed"
        f"  {figures.rows['dead_letters']:,} dead letters"
        f"  lag {frame.lag:,}" + ("  finishing" if frame.finishing else "")
    )
