"""The rows of a result as a chart reads them, and in words for whoever points at a mark."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.types as kinds

from analytics.axes import Sort
from analytics.errors import QueryError
from analytics.query import Chart
from analytics.texts import figure, heading, is_share, number_text, printable

_LONGEST = 60
"""Characters of a name in a chart."""

Row = dict[str, object]


def sorts_of(chart: Chart, table: pa.Table) -> dict[str, Sort]:
    """What the columns of a chart hold, by channel.

    Raises:
        QueryError: The result lacks a column, or has no numbers where the chart needs them.
    """
    sorts = {channel: sort_of(table, column) for channel, column in _channels(chart).items()}
    measured = "color" if chart.kind == "heatmap" else "y"
    if sorts[measured].form != "number":
        raise QueryError(f"returns no numbers for {measured}, which a {chart.kind} needs")
    return sorts


def sort_of(table: pa.Table, column: str) -> Sort:
    """What a column holds.

    Raises:
        QueryError: There is no such column.
    """
    if column not in table.column_names:
        raise QueryError(f"returns no column {column}, which its chart shows")
    kind = table.schema.field(column).type
    if kinds.is_timestamp(kind):
        return Sort(heading(column), "time")
    if kinds.is_date(kind):
        return Sort(heading(column), "day")
    if kinds.is_string(kind) or kinds.is_boolean(kind):
        return Sort(heading(column), "text")
    return Sort(heading(column), "number", is_share(column))


def rows_of(chart: Chart, table: pa.Table, sorts: Mapping[str, Sort], zone: ZoneInfo) -> list[Row]:
    """One row a mark: the channels, and what is said of them."""
    columns = {
        channel: [_value(value, sorts[channel], chart, zone) for value in table[column].to_pylist()]
        for channel, column in _channels(chart).items()
    }
    rows: list[Row] = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    for row in rows:
        row["label"] = "\n".join(
            f"{sorts[name].name}: {_said(row[name], sorts[name])}" for name in columns
        )
        row["figure"] = _said(row["y"], sorts["y"])
    if chart.kind == "funnel":
        _add_shares(rows)
    return rows


def _channels(chart: Chart) -> Mapping[str, str]:
    named = {"x": chart.x, "y": chart.y, "color": chart.color}
    return {channel: column for channel, column in named.items() if column is not None}


def _value(value: object, sort: Sort, chart: Chart, zone: ZoneInfo) -> object:
    """As Vega reads it; instants as the clock of the zone shows them, in what it takes for UTC."""
    if isinstance(value, datetime):
        wall = value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
        return f"{wall:%Y-%m-%d %H:%M}" if chart.kind == "heatmap" else f"{wall.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat() if chart.kind == "heatmap" else f"{value.isoformat()}T00:00:00Z"
    if sort.form == "text":
        return "(none)" if value is None else printable(str(value), _LONGEST)
    if isinstance(value, float) and not -1e300 < value < 1e300:
        return None
    return value


def _said(value: object, sort: Sort) -> str:
    if isinstance(value, int | float):
        return figure(value, share=sort.is_share)
    text = "\N{EN DASH}" if value is None else str(value)
    return text.removesuffix(":00Z").removesuffix("T00:00").replace("T", " ")


def _add_shares(rows: list[Row]) -> None:
    """Say of each stage which part of the first one it is; and where the middle of the bars is."""
    counts = [float(row["y"]) if isinstance(row["y"], int | float) else 0.0 for row in rows]
    first = next((count for count in counts if count), 1.0)
    for row, count in zip(rows, counts, strict=True):
        row["share"] = f"{number_text(count)} \N{MIDDLE DOT} {count / first:.0%}"
        row["middle"] = max(counts) / 2
