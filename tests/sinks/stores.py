"""The stores that keep the contract, each with a way to open it anew and to read it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from bytewax.outputs import StatefulSinkPartition

from sinks.duckdb import DuckDBSink, DuckDBStore
from sinks.epoch import StoreItem
from sinks.memory import Memory
from tests.flow_runs import query

TOLERANCE = 60_000
"""Milliseconds by which an event may be stamped later than its record."""


class Place(Protocol):
    """Where a store keeps its rows: opened by one process after the other."""

    name: str

    def open(self) -> Memory:
        """The store of a process that has just started."""

    def part(self, memory: Memory, resume_state: int | None = None) -> "Part":
        """The part of the sink that writes to it."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program reads meanwhile."""


Part = StatefulSinkPartition[StoreItem, int]


class DuckDBPlace:
    """A file in a folder of the test."""

    name = "duckdb"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "chat.duckdb"

    def open(self) -> Memory:
        store = DuckDBStore(self.path, lock_timeout=5.0, chunk_rows=4, tolerance=TOLERANCE)
        store.prepare()
        return store

    def part(self, memory: Memory, resume_state: int | None = None) -> Part:
        assert isinstance(memory, DuckDBStore)
        return DuckDBSink(memory).build_part("store", "store", resume_state)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.path, sql)


PLACES: tuple[Callable[[Path], Place], ...] = (DuckDBPlace,)
"""One factory a store."""


class Execution:
    """One process: its memory, its sink, and epochs that commit or do not."""

    def __init__(self, place: Place) -> None:
        self.memory = place.open()
        self.part = place.part(self.memory)

    def epoch(self, *items: StoreItem) -> int:
        """Write and commit."""
        self.write(*items)
        return self.part.snapshot()

    def write(self, *items: StoreItem) -> None:
        """Write without committing."""
        if items:
            self.part.write_batch(list(items))


@contextmanager
def execution(place: Place) -> Iterator[Execution]:
    """A process that ends with the block: what is not committed is gone."""
    found = Execution(place)
    try:
        yield found
    finally:
        found.part.close()


def run(place: Place, *epochs: Sequence[StoreItem]) -> None:
    """One process that commits these epochs."""
    with execution(place) as process:
        for items in epochs:
            process.epoch(*items)
