"""What only the embedded store does."""

import shutil
from pathlib import Path

import pytest

from schemas.events import Progress
from schemas.rows import Rows
from schemas.tables import FLOW_STATE
from sinks.lease import StoreError
from sinks.memory import STORE
from tests.builders import CHAT
from tests.places import DuckDBPlace, open_store, query
from tests.sinks.stores import execution, run, sent


def test_an_epoch_in_which_nothing_moves_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    with execution(DuckDBPlace(path)) as process:
        commits = process.epoch(Progress(CHAT, 7, None))
        written_at = path.stat().st_mtime_ns
        assert process.epoch(Progress(CHAT, 7, None, idle_for=1000)) == commits
        assert path.stat().st_mtime_ns == written_at
        assert process.epoch(Progress(CHAT, 8, None)) == commits + 1


def test_the_file_alone_holds_what_is_committed(tmp_path: Path) -> None:
    """Who copies it between two commits needs to know of no other file beside it."""
    path, copy = tmp_path / "chat.duckdb", tmp_path / "copy.duckdb"
    with execution(DuckDBPlace(path)) as process:
        for offset in range(3):
            process.epoch(*sent(offset))
            assert not path.with_name("chat.duckdb.wal").exists()
            shutil.copyfile(path, copy)
            assert query(copy, "SELECT count(*) FROM messages") == [(offset + 1,)]


def test_the_file_is_let_go_after_each_question_of_a_start(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    run(DuckDBPlace(path), sent(0))
    store = open_store(path)
    for _ in range(2):
        assert store.marks(STORE) == {CHAT: 1}
        assert query(path, "SELECT count(*) FROM messages") == [(1,)]
    with pytest.raises(StoreError, match="cannot read"):
        store.read("SELECT nonsense", {})
    assert query(path, "SELECT count(*) FROM messages") == [(1,)]
    assert store.marks(STORE) == {CHAT: 1}


def test_states_are_not_compressed_with_every_commit(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    with execution(DuckDBPlace(path)) as process:
        for at in range(2):
            states = [("step", f"key {n}", b"the same state %d" % at) for n in range(5_000)]
            process.epoch(Rows.of(FLOW_STATE, states))
    found = query(
        path,
        "SELECT DISTINCT compression FROM pragma_storage_info('flow_state')"
        " WHERE column_name IN ('key', 'state') AND segment_type <> 'VALIDITY'",
    )
    assert found == [("Uncompressed",)]
