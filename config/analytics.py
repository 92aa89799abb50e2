"""The settings of the queries that run on a schedule, and of the report."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from config.durations import Duration, DurationOrZero
from config.forms import DatabaseUrl, TimeZone
from config.section import Section


class AnalyticsSettings(Section):
    """Queries on a schedule, and the report."""

    url: DatabaseUrl | None = Field(default=None, repr=False)
    """What queries read, if not `store.url`: the same database as a role that may only read."""

    queries: Path | None = None
    """A folder of `.sql` files besides those of this release; one of the same name replaces it."""

    output_dir: Path = Path("var/analytics")
    """Where results go; it also needs room for a copy of a DuckDB file."""

    timezone: TimeZone = "UTC"
    """Whose days and hours count, such as `Europe/Berlin`."""

    settle: DurationOrZero = timedelta(minutes=2)
    """How long after its end a period counts as complete, because rows come late."""

    live_limit: Duration = timedelta(seconds=2)
    """How long a query may keep a DuckDB file open; one that takes longer gets a copy."""

    max_rows: int = Field(default=1_000_000, ge=1)
    """Most rows of a result; a query that finds more fails."""

    memory_limit_mib: int = Field(default=1024, ge=64)
    """Memory for a query; what it needs beyond goes to the disk, up to eight times as much."""

    threads: int = Field(default=1, ge=1)
    """Processor cores for a query; more of them are taken from a flow on the same machine."""
