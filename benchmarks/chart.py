"""The comparison as bars: events a second, CPU-seconds for a million events, peak memory."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import altair as alt

from benchmarks.outcomes import Comparison, Outcome

_WIDTH, _BAR = 260, 22


class _Panel(NamedTuple):
    title: str
    form: str
    figure: Callable[[Outcome], float]


_PANELS = (
    _Panel("events a second", ",.0f", lambda outcome: outcome.rate),
    _Panel("CPU-seconds for a million events", ",.1f", lambda outcome: outcome.cpu_per_million),
    _Panel("peak memory, MiB", ",.0f", lambda outcome: outcome.peak_mib),
)
_PEERS, _LIMIT, _OWN = "#e8a33d", "#9aa0a6", "#2f6f9f"


def draw(found: Comparison, file: Path) -> None:
    """Write the chart; the ending of the file's name says in which format."""
    charts = [_bars(found, panel, labelled=panel is _PANELS[0]) for panel in _PANELS]
    alt.hconcat(*charts).configure_view(stroke=None).save(str(file))


def _bars(found: Comparison, panel: _Panel, *, labelled: bool) -> alt.LayerChart | alt.FacetChart:
    rows = [
        {"program": each.title, "figure": panel.figure(each), "colour": _colour(each)}
        for each in found.outcomes
    ]
    room = max(panel.figure(each) for each in found.outcomes) * 1.25
    scale = alt.Scale(domain=[0, room])
    axis = alt.Axis(labelLimit=300, title=None) if labelled else None
    base = alt.Chart(alt.InlineData(values=rows), width=_WIDTH, height=alt.Step(_BAR)).encode(
        x=alt.X("figure:Q", title=panel.title, scale=scale),
        y=alt.Y("program:N", sort=[each.title for each in found.outcomes], axis=axis),
    )
    colour = alt.Color("colour:N", scale=None)
    label = alt.Text("figure:Q", format=panel.form)
    return alt.layer(
        base.mark_bar().encode(color=colour), base.mark_text(align="left", dx=3).encode(text=label)
    )


def _colour(outcome: Outcome) -> str:
    if outcome.program.is_peer:
        return _PEERS
    return _LIMIT if outcome.program.name == "raw" else _OWN
