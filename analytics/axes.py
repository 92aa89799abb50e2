"""What charts are made from, and their axes, scales and legends in Vega-Lite."""

from typing import Any, NamedTuple

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
_BARE = {"domain": False, "ticks": False}
_FIGURE_ROOM = 60
"""Pixels for the figure at the end of the longest bar."""


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


def height(picture: Picture) -> int:
    """Of a chart whose rows do not give it one, in pixels."""
    return 280 if picture.wide else 210


def along(picture: Picture) -> Spec:
    """The channel x: of time where the column is of time."""
    if picture.x.form == "number":
        axis = numbers(picture.x)
        return {"field": "x", "type": "quantitative", "axis": axis, "scale": {"zero": False}}
    if picture.x.form == "text":
        return steps("x", picture.x)
    axis = {
        "title": None,
        "labelExpr": _TIME_LABEL.format(day=_DAY[picture.wide]),
        "tickCount": 8 if picture.wide else 4,
        "labelOverlap": True,
        "labelSeparation": 12,
        "grid": False,
    }
    return {"field": "x", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}


def upright(picture: Picture) -> Spec:
    """The channel y, with its name above instead of beside it."""
    above = {
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleBaseline": "bottom",
        "titleX": 0,
        "titleY": -10,
    }
    axis = numbers(picture.y) | above
    flat = all(not row["y"] for row in picture.rows)
    scale = {"domain": [0, 1]} if flat else {"zero": True}
    return {"field": "y", "type": "quantitative", "axis": axis, "scale": scale}


def room(picture: Picture) -> Spec:
    """The scale of lying bars; where figures stand at their ends, with room for the longest."""
    most = max((row["y"] for row in picture.rows if isinstance(row["y"], int | float)), default=0)
    if picture.color or most <= 0:
        return {"zero": True}
    return {"domainMax": most * (1 + _FIGURE_ROOM / picture.width), "nice": False}


def numbers(sort: Sort) -> Spec:
    """An axis of numbers."""
    return {"title": sort.name, "tickCount": 5, **figures(sort), **_BARE}


def figures(sort: Sort) -> dict[str, str]:
    """How the numbers of an axis or a legend are written."""
    return {"labelExpr": _SHARE_LABEL if sort.is_share else _NUMBER_LABEL}


def named(field: str, picture: Picture) -> Spec:
    """Names one below the other, in the order of the result."""
    limit = 180 if picture.wide else 96
    axis = {"title": None, "labelLimit": limit, "grid": False, **_BARE}
    return {"field": field, "type": "ordinal", "sort": None, "axis": axis}


def steps(field: str, sort: Sort) -> Spec:
    """Names side by side, in the order of the result; numbers in their own."""
    axis = {"title": sort.name, "labelAngle": 0, "labelOverlap": True, "grid": False, **_BARE}
    order = {} if sort.form == "number" else {"sort": None}
    return {"field": field, "type": "ordinal", "axis": axis, **order}


def colour(picture: Picture) -> Spec:
    """The channel color with its legend; nothing without series."""
    if picture.color is None:
        return {}
    colours = [f"var(--s{number})" for number in range(1, SERIES + 1)]
    legend = {"title": None, "columns": 5 if picture.wide else 2, "labelLimit": 128}
    scale = {"range": colours}
    field = {"field": "color", "type": "nominal", "sort": None}
    return {"color": {**field, "scale": scale, "legend": legend}}


def own(picture: Picture, part: str) -> dict[str, str]:
    """The colour of a chart without series."""
    return {} if picture.color else {part: "var(--s1)"}
