"""Where a store keeps its rows: opened by one process after the other."""

from pathlib import Path
from typing import Any, Protocol

import duckdb
from bytewax.outputs import FixedPartitionedSink

from schemas.rows import Rows, Table, Type
from schemas.tables import TABLES
from sinks.arrow import arrow_table
from sinks.duckdb import DuckDBSink, DuckDBStore
from sinks.duckdb_sql import insert
from sinks.epoch import StoreItem
from sinks.lease import open_for_reading
from sinks.memory import Memory
from sinks.migrate import migrate
from tests.list_store import ListSink, ListStore, nothing

TOLERANCE = 60_000
"""Milliseconds by which an event may be stamped later than its record."""

StoreSink = FixedPartitionedSink[StoreItem, int]


class Place(Protocol):
    """One kind of store, empty at first."""

    name: str

    def open(self) -> tuple[Memory, StoreSink]:
        """The store of a process that has just started, and the sink that writes to it."""

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        """What is committed, instants in milliseconds."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program reads meanwhile."""


class DuckDBPlace:
    """A file."""

    name = "duckdb"

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> tuple[Memory, StoreSink]:
        store = open_store(self.path)
        return store, DuckDBSink(store)

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        columns = (
            f'epoch_ms("{name}")' if kind is Type.INSTANT else f'"{name}"'
            for name, kind in table.columns
        )
        return self.query(f"SELECT {', '.join(columns)} FROM {table.name}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.path, sql)


class ListPlace:
    """Lists of this process."""

    name = "lists"

    def __init__(self, path: Path | None = None) -> None:
        self.durable = nothing()

    def open(self) -> tuple[Memory, StoreSink]:
        store = ListStore(self.durable, TOLERANCE)
        return store, ListSink(store)

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.durable[table.name].values()]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            migrate(connection)
            for table in TABLES:
                if found := self.rows(table):
                    connection.register("arriving", arrow_table(Rows.of(table, found)))
                    connection.execute(insert(table))
            return connection.execute(sql).fetchall()


PLACES: tuple[type[DuckDBPlace] | type[ListPlace], ...] = (DuckDBPlace, ListPlace)
"""One factory a store; it takes the path of a file that does not exist yet."""


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
