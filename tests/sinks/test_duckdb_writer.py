"""When rows go to the thread that writes, and what becomes of a file that cannot be written."""

from pathlib import Path

import pytest
from bytewax.outputs import StatefulSinkPartition

from schemas.rows import Rows, Table
from schemas.tables import (
    DEAD_LETTERS,
    MESSAGES,
    PRESENCE_CHANGES,
    PUSH_DECISIONS,
    USER_EVENTS,
)
from sinks.duckdb import DuckDBStore
from sinks.epoch import StoreItem
from sinks.lease import StoreError
from sinks.memory import STORE
from sinks.store import StoreSink
from tests.places import DuckDBPlace, query
from tests.sinks.lock_holder import lock_holder
from tests.sinks.stores import run, sent

APPENDED = (MESSAGES, USER_EVENTS, PRESENCE_CHANGES, PUSH_DECISIONS, DEAD_LETTERS)
CHUNK = 4
_SOON = 1.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "chat.duckdb"
    run(DuckDBPlace(found), sent(0))
    return found


def store_of(path: Path) -> DuckDBStore:
    return DuckDBStore(
        path, lock_timeout=_SOON, chunk_rows=CHUNK, tolerance=0, window_length=60_000
    )


def rows(table: Table, count: int) -> Rows:
    values = {"BIGINT": 100, "INTEGER": 0, "INSTANT": 0, "BYTES": b""}
    row = [values.get(kind.name, "said") for _, kind in table.columns]
    return Rows.of(table, [row] * count)


def commit(part: StatefulSinkPartition[StoreItem, int], *items: StoreItem) -> None:
    """Raises what it runs into, whenever that is."""
    part.write_batch(list(items))
    part.snapshot()
    part.snapshot()


def under_way(store: DuckDBStore, table: Table) -> int:
    """Rows of a table, with those of the transaction that is not committed."""
    assert store.writer is not None
    [(count,)] = store.writer.query(f"SELECT count(*) FROM {table.name}", {})
    return int(count)


def test_a_table_waits_until_it_has_enough_rows_of_its_own(path: Path) -> None:
    store = store_of(path)
    part = StoreSink(store).build_part("store", STORE, None)
    part.write_batch([rows(PUSH_DECISIONS, CHUNK - 1), rows(PRESENCE_CHANGES, CHUNK - 1)])
    assert under_way(store, PUSH_DECISIONS) == under_way(store, PRESENCE_CHANGES) == 0
    part.write_batch([rows(PUSH_DECISIONS, 1)])
    assert under_way(store, PUSH_DECISIONS) == CHUNK
    assert under_way(store, PRESENCE_CHANGES) == 0
    part.close()


def test_messages_and_user_events_of_one_batch_wait_no_longer_than_each_other(path: Path) -> None:
    store = store_of(path)
    part = StoreSink(store).build_part("store", STORE, None)
    part.write_batch([rows(USER_EVENTS, 1), rows(MESSAGES, CHUNK - 1)])
    assert under_way(store, USER_EVENTS) == 1
    assert under_way(store, MESSAGES) == 1 + CHUNK - 1
    part.close()


def test_the_end_of_an_epoch_of_few_rows_waits_for_no_reader(path: Path) -> None:
    store = store_of(path)
    part = StoreSink(store).build_part("store", STORE, None)
    with lock_holder(path) as reader:
        part.write_batch([rows(table, 1) for table in APPENDED])
        part.snapshot()
        reader.let_go()
    part.snapshot()
    part.close()
    for table in APPENDED:
        stored = 2 if table is MESSAGES else 1
        assert query(path, f"SELECT count(*) FROM {table.name}") == [(stored,)]


def test_a_file_that_was_replaced_is_refused_and_can_be_asked_all_the_same(path: Path) -> None:
    store = store_of(path)
    part = StoreSink(store).build_part("store", STORE, None)
    path.unlink()
    other: list[StoreItem] = [*sent(0, 1)]
    run(DuckDBPlace(path), other, sent(2))
    with pytest.raises(StoreError, match="removed or replaced"):
        commit(part, rows(MESSAGES, CHUNK))
    part.close()
    assert list(store.marks(STORE).values()) == [3]
    assert query(path, "SELECT count(*) FROM messages") == [(3,)]
