"""Results as one page of HTML that needs nothing else: no script, no font, no network.

Whatever comes out of a table is escaped by the template; a policy in the page forbids scripts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.types as kinds
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from analytics.chart import Drawing, draw, has_values, oriented
from analytics.errors import QueryError
from analytics.query import Chart, Query
from analytics.span import Span
from analytics.texts import figure, heading, is_share, number_text, printable

_SHOWN = 200
"""Rows of a table on a page."""
_LONGEST = 120
"""Characters of a text in a table."""

Pairs = Sequence[tuple[str, str]]


class Mark(NamedTuple):
    """How far a partition is in the database."""

    topic: str
    partition: int
    stored: int
    settled: int


class _Column(NamedTuple):
    name: str
    is_number: bool


class Section(NamedTuple):
    """A query's part of a page."""

    name: str
    title: str
    description: str
    span: str
    problem: str = ""
    """Why there is no result."""
    total: int = 0
    rows: Sequence[Sequence[str]] = ()
    columns: Sequence[_Column] = ()
    drawing: Drawing | None = None
    alt: str = ""
    is_blank: bool = False
    """Whether there are rows, but nothing in them to draw."""
    is_table: bool = False
    """Whether the numbers are all there is to see."""
    tiles: Pairs = ()
    """For a table of one row, which reads better so."""


def section(query: Query, span: Span, table: pa.Table) -> Section:
    """The part of a page for a result.

    Raises:
        QueryError: Its chart cannot be drawn.
    """
    empty = Section(query.name, query.title, query.description, _span_words(span))
    if not table.num_rows:
        return empty
    columns = [_Column(heading(field.name), _is_number(field.type)) for field in table.schema]
    rows = _texts(table.slice(0, _SHOWN), span.zone)
    found = empty._replace(total=table.num_rows, rows=rows, columns=columns)
    if query.chart.kind == "table":
        one = len(rows) == 1
        return found._replace(is_table=True, tiles=_pairs(columns, rows[0]) if one else ())
    chart = oriented(query.chart, table)
    if not has_values(chart, table):
        return found._replace(is_blank=True)
    drawing = draw(chart, table, span.zone, query.name)
    return found._replace(drawing=drawing, alt=_alt(chart, table, span.zone))


def failed_section(query: Query, span: Span, error: QueryError) -> Section:
    """The part of a page for a query that gave no result."""
    return Section(
        query.name, query.title, query.description, _span_words(span), problem=str(error)
    )


def tiles_of(table: pa.Table, zone: ZoneInfo) -> Pairs:
    """A row of figures with their names."""
    columns = [_Column(heading(name), True) for name in table.column_names]
    return [pair for row in _texts(table, zone) for pair in _pairs(columns, row)]


def query_page(query: Query, span: Span, table: pa.Table) -> str:
    """The page of one result; the same result makes the same page.

    Raises:
        QueryError: Its chart cannot be drawn.
    """
    facts = [("Span", span.words), ("Time zone", span.zone.key)]
    return page(query.title, facts, [section(query, span, table)])


def page(
    title: str,
    facts: Pairs,
    sections: Sequence[Section],
    tiles: Pairs = (),
    marks: Sequence[Mark] = (),
) -> str:
    """A whole page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["count_text"] = number_text
    resources = files("analytics")
    template = environment.from_string(resources.joinpath("page.html").read_text(encoding="utf-8"))
    css = Markup(resources.joinpath("page.css").read_text(encoding="utf-8"))
    return template.render(
        title=title, facts=facts, sections=sections, tiles=tiles, marks=marks, css=css
    )


def _span_words(span: Span) -> str:
    return f"{span.words}, {span.zone.key}"


def _is_number(kind: pa.DataType) -> bool:
    return kinds.is_integer(kind) or kinds.is_floating(kind)


def _pairs(columns: Sequence[_Column], row: Sequence[str]) -> Pairs:
    return [(column.name, value) for column, value in zip(columns, row, strict=True)]


def _texts(table: pa.Table, zone: ZoneInfo) -> list[list[str]]:
    columns = [
        [_text(value, zone, share=is_share(name)) for value in table[name].to_pylist()]
        for name in table.column_names
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _text(value: object, zone: ZoneInfo, *, share: bool = False) -> str:
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return figure(value, share=share)
    if isinstance(value, datetime):
        wall = value.astimezone(zone) if value.tzinfo else value
        return f"{wall:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    return printable(str(value), _LONGEST)


def _alt(chart: Chart, table: pa.Table, zone: ZoneInfo) -> str:
    """What the chart shows, for those who do not see it; the table has the numbers."""
    kind, x, y, color = chart
    assert x is not None, "checked with the header"
    assert y is not None, "checked with the header"
    measured, second = (color or y, f" and {heading(y)}") if kind == "heatmap" else (y, "")
    said = f"{kind.capitalize()} chart of {heading(measured)} by {heading(x)}{second}"
    if color and kind != "heatmap":
        said += f", one colour for each {heading(color)}"
    values = [(value, row) for row, value in enumerate(table[measured].to_pylist()) if value]
    if not values:
        return f"{said}: nothing but zeros."
    highest, row = max(values, key=lambda found: found[0])
    most, at = figure(highest, share=is_share(measured)), _text(table[x][row].as_py(), zone)
    return f"{said}: {table.num_rows:,} values, the highest {most} at {at}."
