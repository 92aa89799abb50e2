"""A query as its file describes it."""

from datetime import timedelta
from typing import Literal, NamedTuple, get_args

import msgspec

Format = Literal["parquet", "csv", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""What a result may be written as."""

Kind = Literal["line", "bar", "heatmap", "area", "funnel", "table"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""How a result may be shown."""

CHANNELS = ("x", "y", "color")
"""What a chart may show a column as."""

PARAMETERS = frozenset({"start", "end", "timezone"})
"""What the text of a query may ask for, each after a `$`."""


class Chart(NamedTuple):
    """Which columns of the result are shown, and as what."""

    kind: Kind
    x: str | None = None
    y: str | None = None
    color: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the result must have."""
        return tuple(name for name in (self.x, self.y, self.color) if name is not None)


class Query(msgspec.Struct, frozen=True):
    """A file of SQL with its header."""

    name: str
    """That of the file, without its ending."""
    title: str
    every: timedelta
    """How often it is due."""
    span: timedelta
    """Length of [`$start`, `$end`) when nobody says where it starts."""
    output: tuple[Format, ...]
    timeout: timedelta
    keep: timedelta
    """Age, counted from the end of the span, past which outputs may be removed."""
    chart: Chart
    description: str
    sql: str
    """For DuckDB, and for Postgres as long as `postgres_sql` is empty."""
    postgres_sql: str = ""
