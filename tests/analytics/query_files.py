"""Queries as their authors write them."""

from analytics.header import parse_query
from analytics.query import Query

HEADER = {
    "title": "Messages by type",
    "every": "1h",
    "span": "7d",
    "output": "parquet, csv, html",
    "timeout": "60s",
    "keep": "90d",
    "chart": "bar x=event_type y=messages",
    "description": "How many there are.",
}
SQL = """SELECT event_type, count(*) AS messages FROM messages
WHERE created_at >= $start AND created_at < $end GROUP BY event_type ORDER BY event_type
"""


def query_text(sql: str = SQL, **changes: str) -> str:
    """A file; a key is left out that is changed to nothing."""
    lines = [f"-- {key}: {value}\n" for key, value in {**HEADER, **changes}.items() if value]
    return "".join(lines) + sql


def query(sql: str = SQL, name: str = "by_type", **changes: str) -> Query:
    return parse_query(name, query_text(sql, **changes), f"{name}.sql")
