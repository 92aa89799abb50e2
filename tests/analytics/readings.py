"""Databases opened for queries in tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.deadline import Stop, never
from analytics.duckdb_reading import DuckDBReading
from analytics.postgres_reading import PostgresReading
from analytics.query import Query
from analytics.reading import Limits
from analytics.span import Span
from tests.analytics.query_files import query

LIMITS = Limits(max_rows=1000, memory_mib=128, threads=1, live_seconds=10.0, lock_seconds=10.0)
SPAN = Span(
    datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")
)
ENDLESS = "SELECT count(*) AS n FROM range(10000000) a, range(9000000) b WHERE hash(a, b) = 7"
"""A query for DuckDB that nobody waits for."""


def asked(text: str | Query) -> Query:
    return query(text, chart="table") if isinstance(text, str) else text


def ask_duckdb(
    file: Path, text: str | Query, limits: Limits = LIMITS, stop: Stop = never
) -> pa.Table:
    with DuckDBReading(file, limits, file.parent, stop) as reading:
        return reading.ask(asked(text), SPAN)


def ask_postgres(
    url: str, text: str | Query, limits: Limits = LIMITS, stop: Stop = never
) -> pa.Table:
    with PostgresReading(url, limits, stop) as reading:
        return reading.ask(asked(text), SPAN)


def slow(text: str, timeout: timedelta) -> Query:
    return query(text, chart="table", timeout=f"{timeout.total_seconds():g}s")
