"""What a store tells its observer: rows, commits, and the wait for whoever holds the file."""

from pathlib import Path

from typing_extensions import override

from sinks.memory import STORE
from sinks.observer import Observer
from sinks.store import Store, StoreSink
from tests.places import DuckDBPlace, PostgresPlace, open_store
from tests.sinks.lock_holder import LockHolder, lock_holder
from tests.sinks.stores import sent


class Heard(Observer):
    """Writes down what it is told; whoever is waited for lets go when that was heard."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.rows: dict[str, int] = {}
        self.waited_for = 0.0
        self.holder: LockHolder | None = None

    @override
    def wrote(self, table: str, rows: int, seconds: float) -> None:
        self.rows[table] = self.rows.get(table, 0) + rows
        assert seconds >= 0

    @override
    def commit_began(self) -> None:
        self.told.append("began")

    @override
    def committed(self) -> None:
        self.told.append("committed")

    @override
    def waited(self, seconds: float) -> None:
        self.waited_for += seconds
        if self.holder is not None:
            self.holder.begin_to_let_go()
            self.holder = None


def test_a_store_tells_of_rows_and_commits_and_of_nothing_where_nothing_happens(
    database: DuckDBPlace | PostgresPlace,
) -> None:
    (store, sink), heard = database.open(), Heard()
    assert isinstance(store, Store)
    store.observer = heard
    part = sink.build_part("store", STORE, None)
    for items in (sent(0, 1, 2), sent(3), []):
        part.write_batch(items)
        part.snapshot()
    part.close()
    assert heard.told == ["began", "committed"] * 2
    assert heard.rows["messages"] == 4
    assert heard.waited_for == 0


def test_a_store_tells_that_it_waits_while_it_does(tmp_path: Path) -> None:
    path, heard = tmp_path / "chat.duckdb", Heard()
    store = open_store(path)
    store.observer = heard
    part = StoreSink(store).build_part("store", STORE, None)
    with lock_holder(path) as heard.holder:
        part.write_batch(sent(0))
        part.snapshot()
        part.close()
    assert heard.waited_for > 0
    assert heard.told == ["began", "committed"]
