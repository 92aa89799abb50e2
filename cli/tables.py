"""A frame of figures in, what the terminal shows out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.figures import ClosedWindow
from cli.watch import Frame

_SIDE_BY_SIDE = 72
"""Columns from which on two panels stand beside each other."""
_MOST_LINES = 7
"""Lines of a panel: as many as there are reasons, and 24 lines of a terminal hold them all."""


@dataclass(frozen=True)
class Stage:
    """What does not change while a demo runs."""

    users: int
    seconds: float | None
    """How long it is to run; None is until it is told to stop."""
    broker: str
    database: str


def picture(frame: Frame, stage: Stage, width: int) -> RenderableType:
    """All figures, for a terminal of this many columns."""
    panels = [
        _kafka(frame),
        _store(frame, stage),
        _pushes(frame),
        _dead_letters(frame),
    ]
    body = side_by_side(panels, width)
    return Group(*_head(frame, stage), body, _window(frame.figures.window))


def side_by_side(panels: Sequence[Panel], width: int) -> RenderableType:
    """Four panels in two rows; one below the other where the terminal is narrow."""
    if width < _SIDE_BY_SIDE:
        return Group(*panels)
    body = Table.grid(expand=True)
    body.add_column(ratio=1)
    body.add_column(ratio=1)
    body.add_row(*panels[:2])
    body.add_row(*panels[2:])
    return body


def clock(seconds: float) -> str:
    """Seconds as `0:00:42`."""
    return str(timedelta(seconds=int(seconds)))


def _head(frame: Frame, stage: Stage) -> list[RenderableType]:
    until = "" if stage.seconds is None else f" of {clock(stage.seconds)}"
    what = "finishing: the last events are being decided" if frame.finishing else "Ctrl-C finishes"
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    line.add_row(
        Text.assemble(("chatflow demo", "bold"), f"  {clock(frame.elapsed)}{until}"),
        Text(what, "yellow" if frame.finishing else "dim"),
    )
    path = Text(
        f"simulated chat → Kafka at {stage.broker} → flow → {stage.database}",
        "dim",
        no_wrap=True,
        overflow="ellipsis",
    )
    return [line, path]


def _kafka(frame: Frame) -> Panel:
    figures = frame.figures
    return panel(
        "Kafka",
        [
            ("events", _count(frame.records)),
            ("events a second", f"{frame.record_rate:,.0f}"),
            ("lag: not stored yet", _count(frame.lag)),
            ("dead letters", _count(figures.rows["dead_letters"])),
        ],
    )


def _store(frame: Frame, stage: Stage) -> Panel:
    figures = frame.figures
    return panel(
        "Stored",
        [
            ("messages", _count(figures.rows["messages"])),
            ("user events", _count(figures.rows["user_events"])),
            ("rows a second, all tables", f"{frame.row_rate:,.0f}"),
            ("users online now", f"{figures.online:,} of {stage.users:,}"),
        ],
    )


def _pushes(frame: Frame) -> Panel:
    rows = [
        (f"{decision}: {reason}", _count(count))
        for decision, reason, count in frame.figures.decisions
    ]
    return panel("Push decisions", rows)


def _dead_letters(frame: Frame) -> Panel:
    rows = [(reason, _count(count)) for reason, count in frame.figures.dead_letters]
    return panel("Dead letters", rows)


def _window(window: ClosedWindow | None) -> Panel:
    if window is None:
        return panel("Busiest groups", [("the first window has not closed yet", "")])
    span = f"{_time(window.start)} to {_time(window.end)}"
    return panel(
        f"Busiest groups, {span}",
        [(group, _messages(count)) for group, count in window.groups]
        or [(f"{_messages(window.messages)}, none to a group", "")],
    )


def panel(title: str, rows: Sequence[tuple[str, str]]) -> Panel:
    """Names and values in a frame; of very many the first ones."""
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", no_wrap=True)
    for name, value in rows[:_MOST_LINES] or [("none so far", "")]:
        table.add_row(name, Text(value, "bold"))
    return Panel(table, title=title, title_align="left", border_style="dim")


def _messages(count: int) -> str:
    return f"{count:,} message{'' if count == 1 else 's'}"


def _count(count: int) -> str:
    return f"{count:,}"


def _time(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1000).astimezone().strftime("%H:%M:%S")
