"""How many rows each table of a store has, and how many bytes they take there."""

import contextlib
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from schemas.tables import FLOW_STATE, TABLES

Figures = dict[str, Any]  # Any: JSON

_BLOCKS = """
SELECT count(DISTINCT block_id) * (SELECT block_size FROM pragma_database_size())
FROM pragma_storage_info('{table}') WHERE block_id >= 0
"""
_RELATION = """
SELECT (SELECT count(*) FROM {table}),
    pg_total_relation_size('{table}') + coalesce(sum(pg_total_relation_size(relid)), 0)
FROM pg_partition_tree('{table}')
"""
_STATE = f"SELECT coalesce(sum(octet_length(state)), 0)::BIGINT FROM {FLOW_STATE.name}"


def duckdb_tables(file: Path) -> Figures:
    """By table; the whole file stands beside, with what is free in it and belongs to no table."""
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as database:
        tables = {
            table.name: {
                "rows": _number(database.execute(f"SELECT count(*) FROM {table.name}").fetchone()),
                "bytes": _number(database.execute(_BLOCKS.format(table=table.name)).fetchone()),
            }
            for table in TABLES
        }
    return {"bytes": file.stat().st_size, "tables": tables}


def postgres_tables(url: str) -> Figures:
    """By table, with its indexes and what is too long for its pages."""
    tables = {}
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
        for table in TABLES:
            row = database.execute(_RELATION.format(table=table.name)).fetchone()
            assert row is not None
            tables[table.name] = {"rows": int(row[0]), "bytes": int(row[1])}
    return {"bytes": sum(table["bytes"] for table in tables.values()), "tables": tables}


def state_bytes(file: Path) -> int:
    """What the steps remember, without what the database adds to it."""
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as database:
        return _number(database.execute(_STATE).fetchone())


def _number(row: tuple[Any, ...] | None) -> int:
    assert row is not None
    return int(row[0])
