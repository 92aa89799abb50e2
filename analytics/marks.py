"""The charts as Vega-Lite, one function a kind; columns are called x, y and color by now."""

from collections.abc import Callable, Mapping

from analytics.axes import (
    Picture,
    Spec,
    along,
    colour,
    figures,
    height,
    named,
    numbers,
    own,
    room,
    steps,
    upright,
)
from analytics.query import Kind

_BAR_STEP, _FUNNEL_STEP = 26, 46
_WIDEST_BAR = 64.0
_HOVER_POINTS = 1500
"""Most points of a line that say their value to a pointer."""
_LABEL = {"field": "label", "type": "nominal"}


def marks(kind: Kind, picture: Picture) -> Spec:
    """The chart of a kind, without what all have in common."""
    return {"width": picture.width, **_KINDS[kind](picture)}


def _line(picture: Picture) -> Spec:
    shared = {"x": along(picture), "y": upright(picture), **colour(picture)}
    line = {"mark": {"type": "line", "strokeWidth": 2, **own(picture, "stroke")}}
    points = {
        "mark": {
            "type": "point",
            "size": 70,
            "filled": True,
            "opacity": 1 if len(picture.rows) < 3 else 0,
            **own(picture, "fill"),
        },
        "encoding": {"description": _LABEL},
    }
    hover = (picture.wide and len(picture.rows) <= _HOVER_POINTS) or len(picture.rows) < 3
    layers = [line, points] if hover else [line]
    return {"height": height(picture), "encoding": shared, "layer": layers}


def _area(picture: Picture) -> Spec:
    return {
        "height": height(picture),
        "mark": {"type": "area", "opacity": 0.85, **own(picture, "fill")},
        "encoding": {"x": along(picture), "y": upright(picture), **colour(picture)},
    }


def _bar(picture: Picture) -> Spec:
    if picture.x.form == "text":
        return _lying_bars(picture)
    bar = {"type": "bar", "cornerRadiusEnd": 2, **own(picture, "fill")}
    x = along(picture)
    if picture.x.form == "number":
        x = steps("x", picture.x)
    else:  # on an axis of time a bar has no width of its own
        slots = len({str(row["x"]) for row in picture.rows})
        width = min(_WIDEST_BAR, max(1.0, 0.7 * (picture.width - 60) / slots))
        bar["width"] = width
        x["scale"] = {"type": "utc", "padding": width / 2 + 4}
    return {
        "height": height(picture),
        "mark": bar,
        "encoding": {"x": x, "y": upright(picture), "description": _LABEL, **colour(picture)},
    }


def _lying_bars(picture: Picture) -> Spec:
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2, **own(picture, "fill")},
        "encoding": {"description": _LABEL, **colour(picture)},
    }
    figures = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fill": "var(--muted)"},
        "encoding": {"text": {"field": "figure", "type": "nominal"}},
    }
    return {
        "height": {"step": _BAR_STEP},
        "encoding": {
            "x": {
                "field": "y",
                "type": "quantitative",
                "axis": numbers(picture.y),
                "scale": room(picture),
            },
            "y": named("x", picture),
        },
        "layer": [bars] if picture.color else [bars, figures],
    }


def _heatmap(picture: Picture) -> Spec:
    assert picture.color is not None, "checked with the header"
    legend = {
        "title": picture.color.name,
        "symbolType": "square",
        "symbolFillColor": "var(--s1)",
        "columns": 6 if picture.wide else 3,
        **figures(picture.color),
    }
    return {
        "height": {"step": _BAR_STEP if picture.wide else 22},
        "mark": {
            "type": "rect",
            "fill": "var(--s1)",
            "stroke": "var(--card)",
            "strokeWidth": 1.5,
            "cornerRadius": 3,
        },
        "encoding": {
            "x": steps("x", picture.x),
            "y": named("y", picture),
            "opacity": {
                "field": "color",
                "type": "quantitative",
                "scale": {"range": [0.06, 1], "zero": True},
                "legend": legend,
            },
            "description": _LABEL,
        },
    }


def _funnel(picture: Picture) -> Spec:
    bar = {"type": "bar", "fill": "var(--s1)", "cornerRadius": 3, "height": _FUNNEL_STEP - 20}
    shares = {"type": "text", "fill": "var(--ink)", "baseline": "top", "dy": 14}
    middle = {"field": "middle", "type": "quantitative"}
    return {
        "height": {"step": _FUNNEL_STEP},
        "encoding": {"y": named("x", picture)},
        "layer": [
            {
                "mark": {**bar, "yOffset": -8},
                "encoding": {
                    "x": {"field": "y", "type": "quantitative", "stack": "center", "axis": None},
                    "description": _LABEL,
                },
            },
            {
                "mark": {**shares, "yOffset": -8},
                "encoding": {"x": middle, "text": {"field": "share", "type": "nominal"}},
            },
        ],
    }


_KINDS: Mapping[Kind, Callable[[Picture], Spec]] = {
    "line": _line,
    "area": _area,
    "bar": _bar,
    "heatmap": _heatmap,
    "funnel": _funnel,
}
