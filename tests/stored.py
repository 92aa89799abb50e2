"""What a process left in its store, read by another program: a DuckDB file, or a Postgres URL."""

from pathlib import Path
from typing import Any

import duckdb
import psycopg

Database = Path | str


def read(database: Database, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query that both databases understand, instants in UTC."""
    if isinstance(database, str):
        with psycopg.connect(database, options="-c timezone=UTC") as postgres:
            return list(postgres.execute(sql.encode()).fetchall())
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def stored_messages(database: Database) -> int:
    """How many messages the store holds; 0 where there is none, or not now."""
    if isinstance(database, Path) and not database.exists():
        return 0
    try:
        ((found,),) = read(database, "SELECT count(*) FROM messages")
    except (duckdb.Error, psycopg.Error):  # held by the flow now, away, or without tables yet
        return 0
    return int(found)
