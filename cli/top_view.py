"""A frame of a running flow in, what the terminal shows out."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.tables import panel, side_by_side
from cli.top_frame import TopFrame

_SILENT = 5.0
"""Seconds without an answer after which that is said."""


def picture(frame: TopFrame, url: str, width: int) -> RenderableType:
    """All figures, for a terminal of this many columns."""
    panels = [_input(frame), _store(frame), _pushes(frame), _dead_letters(frame)]
    return Group(_head(frame, url), side_by_side(panels, width))


def line(frame: TopFrame) -> str:
    """A frame in one line."""
    sent, waiting = frame.pushes.get("sent", 0.0), frame.pushes.get("pending")
    return (
        f"{_state(frame)}  {frame.rate:,.0f} records/s  lag {_count(frame.lag)}"
        f"  delay {_seconds(frame.delay)}"
        f"  commit p50 {_seconds(frame.commit_p50)} p99 {_seconds(frame.commit_p99)}"
        f"  {_count(frame.online)} online  {sent:,.0f} pushes sent, {_count(waiting)} pending"
        f"  {sum(frame.dead_letters.values()):,.0f} dead letters  {_bytes(frame.memory)}"
    )


def _head(frame: TopFrame, url: str) -> RenderableType:
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True, overflow="ellipsis")
    head.add_column(justify="right", no_wrap=True)
    good = frame.ready and frame.silent_for < _SILENT
    head.add_row(
        Text.assemble(("chatflow top", "bold"), (f"  {url}  version {frame.version}", "dim")),
        Text(_state(frame), "green" if good else "bold red"),
    )
    return head


def _state(frame: TopFrame) -> str:
    if frame.silent_for >= _SILENT:
        return f"no answer for {frame.silent_for:.0f} s"
    return "ready" if frame.ready else "not ready"


def _input(frame: TopFrame) -> Panel:
    rows = [(f"{topic}, a second", f"{rate:,.0f}") for topic, rate in frame.rates.items()]
    rows += [
        ("lag, records", _count(frame.lag)),
        ("watermark delay", _seconds(frame.delay)),
        ("late events", f"{frame.late:,.0f}"),
        ("memory", _bytes(frame.memory)),
    ]
    return panel("Read", rows)


def _store(frame: TopFrame) -> Panel:
    return panel(
        "Stored",
        [
            ("rows a second, all tables", f"{frame.stored:,.0f}"),
            ("commit, median", _seconds(frame.commit_p50)),
            ("commit, 99 %", _seconds(frame.commit_p99)),
            ("waiting for the database", f"{frame.lock_wait:.0%}"),
            ("users online", _count(frame.online)),
            ("users known", _count(frame.known)),
        ],
    )


def _pushes(frame: TopFrame) -> Panel:
    return panel("Pushes", [(name, f"{count:,.0f}") for name, count in frame.pushes.items()])


def _dead_letters(frame: TopFrame) -> Panel:
    found = frame.dead_letters.items()
    return panel("Dead letters", [(reason, f"{count:,.0f}") for reason, count in found])


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{value:,.1f} s"


def _bytes(value: float) -> str:
    return f"{value / 1024**2:,.0f} MiB"
