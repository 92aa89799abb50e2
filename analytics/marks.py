"""The charts as Vega-Lite, one function a kind; columns are called x, y and color by now."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from analytics.query import Kind

Spec = dict[str, Any]  # Any: JSON, as Vega-Lite defines it

SERIES = 8
"""How many colours there are; series beyond them repeat them."""

_TIME_LABEL = (
    "utchours(datum.value) || utcminutes(datum.value)"
    " ? utcFormat(datum.value, '%H:%M') : utcFormat(datum.value, '{day}')"
)
_NUMBER_LABEL = "format(datum.value, abs(datum.value) >= 1000 ? '~s' : '~g')"
_SHARE_LABEL = "format(datum.value, '.0%')"
_DAY = {True: "%a %-d %b", False: "%-d %b"}
_BAR_STEP, _FUNNEL_STEP = 26, 46
_WIDEST_BAR = 64.0
_FIGURE_ROOM = 60
"""Pixels for the figure at the end of the longest bar."""
_HOVER_POINTS = 1500
"""Most points of a line that say their value to a pointer."""
_BARE = {"domain": False, "ticks": False}
_LABEL = {"field": "label", "type": "nominal"}


class Sort(NamedTuple):
    """What a column holds, for a chart."""

    name: str
    """How a reader is told of it."""
    form: str
    """`time`, `day`, `number` or `text`."""
    is_share: bool = False
    """Whether a number is a part of one."""


class Picture(NamedTuple):
    """What a chart is made from."""

    rows: list[dict[str, object]]
    """With `x`, `y` and maybe `color`, and a `label` that says all of them."""
    x: Sort
    y: Sort
    color: Sort | None
    width: int
    wide: bool
    """Whether there is room for everything; a phone gets less."""


def marks(kind: Kind, picture: Picture) -> Spec:
    """The chart of a kind, without what all have in common."""
    return {"width": picture.width, **_KINDS[kind](picture)}


def _line(picture: Picture) -> Spec:
    shared = {"x": _along(picture), "y": _upright(picture), **_colour(picture)}
    line = {"mark": {"type": "line", "strokeWidth": 2, **_own(picture, "stroke")}}
    points = {
        "mark": {
            "type": "point",
            "size": 70,
            "filled": True,
            "opacity": 1 if len(picture.rows) < 3 else 0,
            **_own(picture, "fill"),
        },
        "encoding": {"description": _LABEL},
    }
    hover = (picture.wide and len(picture.rows) <= _HOVER_POINTS) or len(picture.rows) < 3
    layers = [line, points] if hover else [line]
    return {"height": _height(picture), "encoding": shared, "layer": layers}


def _area(picture: Picture) -> Spec:
    return {
        "height": _height(picture),
        "mark": {"type": "area", "opacity": 0.85, **_own(picture, "fill")},
        "encoding": {"x": _along(picture), "y": _upright(picture), **_colour(picture)},
    }


def _bar(picture: Picture) -> Spec:
    if picture.x.form == "text":
        return _lying_bars(picture)
    bar = {"type": "bar", "cornerRadiusEnd": 2, **_own(picture, "fill")}
    x = _along(picture)
    if picture.x.form == "number":
        x = _steps("x", picture.x)
    else:  # on an axis of time a bar has no width of its own
        slots = len({str(row["x"]) for row in picture.rows})
        width = min(_WIDEST_BAR, max(1.0, 0.7 * (picture.width - 60) / slots))
        bar["width"] = width
        x["scale"] = {"type": "utc", "padding": width / 2 + 4}
    return {
        "height": _height(picture),
        "mark": bar,
        "encoding": {"x": x, "y": _upright(picture), "description": _LABEL, **_colour(picture)},
    }


def _lying_bars(picture: Picture) -> Spec:
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2, **_own(picture, "fill")},
        "encoding": {"description": _LABEL, **_colour(picture)},
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
                "axis": _numbers(picture.y),
                "scale": _room(picture),
            },
            "y": _named("x", picture),
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
        **_figures(picture.color),
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
            "x": _steps("x", picture.x),
            "y": _named("y", picture),
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
        "encoding": {"y": _named("x", picture)},
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


def _height(picture: Picture) -> int:
    return 280 if picture.wide else 210


def _along(picture: Picture) -> Spec:
    if picture.x.form == "number":
        axis = _numbers(picture.x)
        return {"field": "x", "type": "quantitative", "axis": axis, "scale": {"zero": False}}
    if picture.x.form == "text":
        return _steps("x", picture.x)
    axis = {
        "title": None,
        "labelExpr": _TIME_LABEL.format(day=_DAY[picture.wide]),
        "tickCount": 8 if picture.wide else 4,
        "labelOverlap": True,
        "labelSeparation": 12,
        "grid": False,
    }
    return {"field": "x", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}


def _upright(picture: Picture) -> Spec:
    above = {
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleBaseline": "bottom",
        "titleX": 0,
        "titleY": -10,
    }
    axis = _numbers(picture.y) | above
    flat = all(not row["y"] for row in picture.rows)
    scale = {"domain": [0, 1]} if flat else {"zero": True}
    return {"field": "y", "type": "quantitative", "axis": axis, "scale": scale}


def _room(picture: Picture) -> Spec:
    """The scale of lying bars; where figures stand at their ends, with room for the longest."""
    most = max((row["y"] for row in picture.rows if isinstance(row["y"], int | float)), default=0)
    if picture.color or most <= 0:
        return {"zero": True}
    return {"domainMax": most * (1 + _FIGURE_ROOM / picture.width), "nice": False}


def _numbers(sort: Sort) -> Spec:
    return {"title": sort.name, "tickCount": 5, **_figures(sort), **_BARE}


def _figures(sort: Sort) -> dict[str, str]:
    return {"labelExpr": _SHARE_LABEL if sort.is_share else _NUMBER_LABEL}


def _named(field: str, picture: Picture) -> Spec:
    """Names one below the other, in the order of the result."""
    limit = 180 if picture.wide else 96
    axis = {"title": None, "labelLimit": limit, "grid": False, **_BARE}
    return {"field": field, "type": "ordinal", "sort": None, "axis": axis}


def _steps(field: str, sort: Sort) -> Spec:
    """Names side by side, in the order of the result; numbers in their own."""
    axis = {"title": sort.name, "labelAngle": 0, "labelOverlap": True, "grid": False, **_BARE}
    order = {} if sort.form == "number" else {"sort": None}
    return {"field": field, "type": "ordinal", "axis": axis, **order}


def _colour(picture: Picture) -> Spec:
    if picture.color is None:
        return {}
    colours = [f"var(--s{number})" for number in range(1, SERIES + 1)]
    legend = {"title": None, "columns": 5 if picture.wide else 2, "labelLimit": 128}
    scale = {"range": colours}
    field = {"field": "color", "type": "nominal", "sort": None}
    return {"color": {**field, "scale": scale, "legend": legend}}


def _own(picture: Picture, part: str) -> dict[str, str]:
    """The colour of a chart without series."""
    return {} if picture.color else {part: "var(--s1)"}
