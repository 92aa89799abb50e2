"""Where a store keeps its rows: opened by one process after the other."""

from pathlib import Path
from typing import Any, Protocol

import duckdb
import psycopg
from bytewax.outputs import FixedPartitionedSink

from schemas.rows import Rows, Table, Type
from schemas.tables import TABLES
from sinks.arrow import arrow_table
from sinks.derived import as_stored
from sinks.duckdb import DuckDBStore
from sinks.duckdb_sql import insert
from sinks.epoch import StoreItem
from sinks.lease import open_for_reading, open_for_writing
from sinks.memory import Memory
from sinks.migrate import migrate
from sinks.postgres import PostgresStore
from sinks.store import StoreSink
from tests.list_store import ListSink, ListStore, nothing
from tests.postgres_server import execute

TOLERANCE = 60_000
"""Milliseconds by which an event may be stamped later than its record."""

_EPOCH_MS = """
CREATE OR REPLACE FUNCTION epoch_ms(instant timestamptz) RETURNS bigint LANGUAGE sql
AS 'SELECT (extract(epoch FROM instant) * 1000)::bigint'
"""
"""DuckDB's name for what Postgres writes longer."""

RowSink = FixedPartitionedSink[StoreItem, int]


class Place(Protocol):
    """One kind of store, empty at first."""

    name: str

    def open(self) -> tuple[Memory, RowSink]:
        """The store of a process that has just started, and the sink that writes to it."""

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        """What is committed, instants in milliseconds."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program reads meanwhile; instants by `epoch_ms`."""


class DuckDBPlace:
    """A file."""

    name = "duckdb"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"duckdb:///{path}"

    def open(self) -> tuple[Memory, RowSink]:
        store = open_store(self.path)
        return store, StoreSink(store)

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        return self.query(f"SELECT {_columns(table)} FROM {table.name}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.path, sql)

    def write(self, sql: str) -> None:
        """As another program does."""
        with open_for_writing(self.path, 5.0) as connection:
            connection.execute(sql)


class PostgresPlace:
    """A database; its URL stands in for the path."""

    name = "postgres"

    def __init__(self, url: str) -> None:
        self.url = url
        self._opened: PostgresStore | None = None

    def open(self) -> tuple[Memory, RowSink]:
        self.close()
        self._opened = PostgresStore(
            self.url, lock_timeout=5.0, tolerance=TOLERANCE, window_length=60_000
        )
        self._opened.prepare()
        return self._opened, StoreSink(self._opened)

    def write(self, sql: str) -> None:
        """As another program does."""
        execute(self.url, sql)

    def close(self) -> None:
        """End the process that has the store open."""
        if self._opened is not None:
            self._opened.close()

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        return self.query(f"SELECT {_columns(table)} FROM {table.name}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            connection.execute(_EPOCH_MS)
            return list(connection.execute(sql.encode()).fetchall())


class ListPlace:
    """Lists of this process."""

    name = "lists"

    def __init__(self, path: Path | None = None) -> None:
        self.durable = nothing()

    def open(self) -> tuple[Memory, RowSink]:
        store = ListStore(self.durable, TOLERANCE)
        return store, ListSink(store)

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.durable[table.name].values()]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            migrate(connection, "duckdb")
            for table in TABLES:
                if found := self.rows(table):
                    rows = as_stored(Rows.of(table, found))
                    connection.register("arriving", arrow_table(rows))
                    connection.execute(insert(table))
            return connection.execute(sql).fetchall()


def _columns(table: Table) -> str:
    return ", ".join(
        f'epoch_ms("{name}")' if kind is Type.INSTANT else f'"{name}"'
        for name, kind in table.columns
    )


def open_store(path: Path) -> DuckDBStore:
    """The DuckDB store of a process that has just started."""
    store = DuckDBStore(
        path, lock_timeout=5.0, chunk_rows=4, tolerance=TOLERANCE, window_length=60_000
    )
    store.prepare()
    return store


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a database that nobody has open."""
    connection = open_for_reading(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
