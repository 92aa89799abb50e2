"""The database that the settings name, opened for queries."""

from pathlib import Path

from analytics.deadline import Stop
from analytics.duckdb_reading import DuckDBReading
from analytics.postgres_reading import PostgresReading
from analytics.reading import Limits, Reading
from config.settings import Settings

_PATIENCE = 30.0
"""Most seconds to wait for a locked file: the flow holds it for a moment, and another try comes."""


def reading(settings: Settings, workspace: Path, stop: Stop, *, copied: bool = False) -> Reading:
    """What the settings name, not yet opened.

    Args:
        settings: Of the whole program: without `analytics.url` queries read the store.
        workspace: A folder of this process for copies and for what does not fit in memory.
        stop: Whether a signal came.
        copied: Whether to copy a DuckDB file before the first query, whatever queries take.
    """
    analytics = settings.analytics
    patience = min(settings.store.lock_timeout.total_seconds(), _PATIENCE)
    limits = Limits(
        max_rows=analytics.max_rows,
        memory_mib=analytics.memory_limit_mib,
        threads=analytics.threads,
        live_seconds=analytics.live_limit.total_seconds(),
        lock_seconds=patience,
    )
    url = analytics.url or settings.store.url
    if url.startswith("duckdb:///"):
        file = Path(url.removeprefix("duckdb:///"))
        return DuckDBReading(file, limits, workspace, stop, copied=copied)
    return PostgresReading(url, limits, stop)
