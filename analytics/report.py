"""All queries on one page, over one span and one state of the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.database import reading
from analytics.deadline import Stop
from analytics.errors import QueryError
from analytics.page import Mark, Section, failed_section, page, section, tiles_of
from analytics.query import Chart, Query
from analytics.reading import Reading
from analytics.span import Span
from analytics.workspace import workspace
from config.settings import Settings

_MINUTE = timedelta(minutes=1)
_GLANCE = """
SELECT
    (SELECT count(*) FROM messages WHERE created_at >= $start AND created_at < $end) AS messages,
    (SELECT count(DISTINCT from_user) FROM messages
        WHERE created_at >= $start AND created_at < $end) AS people_who_wrote,
    (SELECT count(*) FROM push_decisions WHERE decision = 'sent'
        AND decided_at >= $start AND decided_at < $end) AS pushes_decided,
    (SELECT count(*) FROM dead_letters WHERE "at" >= $start AND "at" < $end) AS dead_letters,
    (SELECT count(*) FROM presence WHERE status = 'online') AS online_at_the_end_of_the_data
"""
_NEWEST = """
SELECT max(recorded_at) AS newest FROM (
    SELECT max(recorded_at) AS recorded_at FROM messages
    UNION ALL SELECT max(recorded_at) FROM user_events
) both_tables
"""
_MARKS = """
SELECT kafka_topic, kafka_partition,
    coalesce(max(next_offset) FILTER (WHERE sink = 'store'), 0) AS stored,
    min(next_offset) AS settled
FROM kafka_offsets GROUP BY kafka_topic, kafka_partition ORDER BY kafka_topic, kafka_partition
"""


class Report(NamedTuple):
    """A page, and what is missing in it."""

    html: str
    failed: Sequence[tuple[str, QueryError]]
    """The queries without a result."""


def make_report(
    queries: Sequence[Query], settings: Settings, span: Span, now: datetime, stop: Stop
) -> Report:
    """Ask all queries, the most frequent ones first; one that fails says so on the page.

    A DuckDB file is copied first, so that the flow waits for no query and all charts count the
    same rows; on Postgres one transaction sees to that.

    Raises:
        ChatflowError: The database cannot be read, or a signal came.
    """
    failed: list[tuple[str, QueryError]] = []
    sections: list[Section] = []
    with (
        workspace(settings.analytics.output_dir) as folder,
        reading(settings, folder, stop, copied=True) as source,
    ):
        for query in sorted(queries, key=lambda query: (query.every, query.name)):
            try:
                sections.append(section(query, span, source.ask(query, span)))
            except QueryError as error:
                sections.append(failed_section(query, span, error))
                failed.append((query.name, error))
        tiles = tiles_of(_ask(source, _GLANCE, span), span.zone)
        marks = [Mark(*row.values()) for row in _ask(source, _MARKS, span).to_pylist()]
        newest = _ask(source, _NEWEST, span).column(0)[0].as_py()
    facts = [
        ("Span", span.words),
        ("Time zone", span.zone.key),
        ("Newest record", _second(newest, span.zone) if newest else "none"),
        ("Made", _second(now, span.zone)),
        ("Database", source.place),
    ]
    return Report(page("Chat report", facts, sections, tiles, marks), failed)


def _ask(source: Reading, sql: str, span: Span) -> pa.Table:
    table = Chart("table")
    query = Query("report", "", _MINUTE, _MINUTE, (), _MINUTE, _MINUTE, table, "", sql)
    return source.ask(query, span)


def _second(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"
