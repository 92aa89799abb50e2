"""A result drawn: static SVG for a wide page and for a phone, and what it shows in words.

Static, because a page without a script can be mailed, archived and trusted with the names that
people give themselves; the numbers stand beside each chart in a table.
"""

import xml.etree.ElementTree as ET
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import vl_convert

from analytics.axes import Picture, Spec
from analytics.chart_rows import Row, rows_of, sort_of, sorts_of
from analytics.marks import marks
from analytics.query import Chart

WIDE, NARROW = 760, 312
"""Widths in pixels: of a page, and of the column on a phone of 375 pixels."""

_MOST_BARS = 30
_MOST_POINTS = 20_000
_SVG = "http://www.w3.org/2000/svg"
_CONFIG = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
    },
    "legend": {
        "orient": "top",
        "labelColor": "var(--ink)",
        "titleColor": "var(--muted)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "symbolType": "circle",
        "symbolStrokeWidth": 0,
        "symbolOpacity": 1,
        "padding": 0,
        "offset": 28,
        "columnPadding": 18,
        "rowPadding": 4,
    },
    "text": {"fontSize": 12},
}
_COMMON = {
    "autosize": {"type": "fit-x", "contains": "padding"},
    "padding": {"left": 8, "right": 4, "top": 2, "bottom": 2},
    "config": _CONFIG,
}


class Drawing(NamedTuple):
    """A chart, ready to stand in a page."""

    wide: str
    narrow: str
    left_out: int
    """Rows that only the table shows."""


def draw(chart: Chart, table: pa.Table, zone: ZoneInfo, name: str) -> Drawing:
    """Draw a result that has rows; `name` keeps the ids of several drawings on a page apart.

    Raises:
        QueryError: The result lacks a column that the chart shows, or it is of no use for it.
    """
    sorts = sorts_of(chart, table)
    most = _MOST_BARS if chart.kind == "bar" and sorts["x"].form == "text" else _MOST_POINTS
    shown = table.slice(0, most)
    rows = rows_of(chart, shown, sorts, zone)
    pictures = (
        Picture(rows, sorts["x"], sorts["y"], sorts.get("color"), width, width == WIDE)
        for width in (WIDE, NARROW)
    )
    wide, narrow = (
        _svg(marks(chart.kind, picture), rows, f"{name}-{picture.width}") for picture in pictures
    )
    return Drawing(wide, narrow, table.num_rows - shown.num_rows)


def has_values(chart: Chart, table: pa.Table) -> bool:
    """Whether what the chart measures is known for any row."""
    measured = chart.color if chart.kind == "heatmap" else chart.y
    return measured not in table.column_names or table[measured].null_count < table.num_rows


def oriented(chart: Chart, table: pa.Table) -> Chart:
    """The chart with numbers upright: a funnel may name its stages as x or as y."""
    if chart.kind != "funnel" or chart.y is None or sort_of(table, chart.y).form == "number":
        return chart
    return chart._replace(x=chart.y, y=chart.x)


def _svg(spec: Spec, rows: list[Row], name: str) -> str:
    whole = {**_COMMON, "data": {"values": rows}, **spec}
    # No addresses: a chart has all it needs.
    root = ET.fromstring(vl_convert.vegalite_to_svg(whole, allowed_base_urls=[]))
    _own_ids(root, name)
    for element in root.iter():
        _title(element)
    root.set("aria-hidden", "true")
    ET.register_namespace("", _SVG)
    return ET.tostring(root, encoding="unicode")


def _own_ids(root: ET.Element, name: str) -> None:
    """Number the ids anew: Vega counts them through all charts that a process has drawn."""
    found = [element for element in root.iter() if "id" in element.attrib]
    new = {element.attrib["id"]: f"{name}-{number}" for number, element in enumerate(found)}
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, new[value])
            elif value.startswith("url(#"):
                element.set(key, f"url(#{new[value[5:-1]]})")


def _title(element: ET.Element) -> None:
    """Say on hover what a mark stands for; roles are for the picture as a whole."""
    label = element.attrib.pop("aria-label", None)
    marked = element.attrib.pop("aria-roledescription", None)
    element.attrib.pop("role", None)
    element.attrib.pop("class", None)
    if label and element.tag == f"{{{_SVG}}}path" and marked in ("bar", "point", "rect", "mark"):
        title = ET.SubElement(element, f"{{{_SVG}}}title")
        title.text = label
