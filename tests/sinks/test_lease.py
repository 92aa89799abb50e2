"""A DuckDB file shared with other programs."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.errors import ChatflowError
from schemas.events import TopicPartition
from sinks.duckdb import DuckDBStore
from sinks.lease import StoreError, StoreLockedError, open_for_reading, open_for_writing
from sinks.memory import STORE
from sinks.store import StoreSink
from tests.builders import CHAT, message
from tests.places import open_store, query
from tests.sinks.lock_holder import lock_holder
from tests.sinks.stores import sent

SOON = 0.3
"""Seconds after which a store of these tests gives up."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "folder" / "chat.duckdb"
    open_store(found)
    return found


def impatient(path: Path, chunk_rows: int = 1) -> DuckDBStore:
    return DuckDBStore(
        path, lock_timeout=SOON, chunk_rows=chunk_rows, tolerance=0, window_length=60_000
    )


def test_a_file_is_created_with_its_folder(tmp_path: Path) -> None:
    open_for_writing(tmp_path / "a" / "b" / "chat.duckdb", SOON).close()
    assert (tmp_path / "a" / "b" / "chat.duckdb").exists()


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s a; "chat" 早.duckdb'
    open_store(odd)
    assert query(odd, "SELECT count(*) FROM messages") == [(0,)]


def test_instants_are_handed_out_in_utc(path: Path) -> None:
    assert query(path, "SELECT current_setting('TimeZone')") == [("UTC",)]


def test_a_writer_waits_for_a_reader_and_goes_on(path: Path) -> None:
    part = StoreSink(open_store(path)).build_part("store", STORE, None)
    with lock_holder(path) as reader:
        part.write_batch(sent(0))
        timer = threading.Timer(0.1, reader.begin_to_let_go)
        timer.start()
        part.snapshot()
        timer.join()
    part.close()
    assert query(path, "SELECT kafka_offset FROM messages") == [(0,)]


def test_a_lock_held_for_too_long_names_who_holds_it(path: Path) -> None:
    with lock_holder(path) as reader, pytest.raises(StoreLockedError) as caught:
        open_for_writing(path, SOON)
    assert re.search(rf"{path} has been locked for .* s by .*PID {reader.pid}", str(caught.value))
    assert "close that program" in str(caught.value)


def test_a_reader_waits_for_the_writer(path: Path) -> None:
    with lock_holder(path):
        open_for_reading(path, SOON).close()


def test_a_commit_that_was_given_up_never_comes_true_later(path: Path) -> None:
    store = impatient(path)
    part = StoreSink(store).build_part("store", STORE, None)
    with lock_holder(path) as reader:
        part.write_batch(sent(0, 1))
        part.snapshot()
        with pytest.raises(StoreLockedError):
            part.snapshot()
        reader.let_go()
        part.close()
    assert store.marks(STORE) == {}
    assert query(path, "SELECT count(*) FROM messages") == [(0,)]


def test_the_file_of_a_recovery_folder_must_not_have_been_replaced(path: Path) -> None:
    with pytest.raises(StoreError, match=r"has seen 0 commits, the recovery folder 7"):
        StoreSink(open_store(path)).build_part("store", STORE, 7)


def test_a_file_newer_than_the_recovery_folder_is_gone_on_with(path: Path) -> None:
    part = StoreSink(open_store(path)).build_part("store", STORE, None)
    part.write_batch(sent(0))
    assert part.snapshot() == 1
    part.write_batch(sent(1))
    assert part.snapshot() == 1, "the second commit is under way"
    part.close()
    again = StoreSink(open_store(path)).build_part("store", STORE, 1)
    assert again.snapshot() == 2
    again.close()


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    path.write_text("not a database " * 1000)
    with pytest.raises(StoreError, match=f"cannot open the database {path}"):
        open_store(path)


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open the database"):
        open_for_reading(tmp_path / "none.duckdb", SOON)


def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot open the database"):
        open_store(tmp_path / "file" / "chat.duckdb")


def test_rows_the_database_refuses_are_a_failure_that_names_the_table(path: Path) -> None:
    connection = open_for_writing(path, SOON)
    connection.execute("DROP TABLE messages")
    connection.close()
    store = impatient(path, chunk_rows=100)
    part = StoreSink(store).build_part("store", STORE, None)
    part.write_batch(sent(0))
    part.snapshot()
    with pytest.raises(StoreError, match="cannot write to messages in the database"):
        part.snapshot()
    part.close()
    assert store.marks(STORE) == {}


def test_an_error_of_the_database_quotes_no_content(path: Path) -> None:
    connection = open_for_writing(path, SOON)
    connection.execute("ALTER TABLE messages ALTER content TYPE INTEGER")
    connection.close()
    part = StoreSink(impatient(path, chunk_rows=100)).build_part("store", STORE, None)
    part.write_batch(sent(0))
    part.snapshot()
    with pytest.raises(StoreError) as caught:
        part.snapshot()
    part.close()
    assert message().content not in str(caught.value)


def test_the_marks_that_became_durable_are_told(path: Path) -> None:
    told: list[Mapping[TopicPartition, int]] = []
    store = open_store(path)
    store.on_commit = told.append
    part = StoreSink(store).build_part("store", STORE, None)
    part.write_batch(sent(0, 1))
    part.snapshot()
    part.snapshot()
    part.close()
    assert told == [{CHAT: 2}]


def test_a_commit_under_way_is_waited_for_at_the_end(path: Path) -> None:
    store = open_store(path)
    part = StoreSink(store).build_part("store", STORE, None)
    for offset in (1, 2):
        part.write_batch(sent(offset))
        part.snapshot()
    part.close()
    assert store.marks(STORE) == {CHAT: 3}


def test_a_commit_that_fails_at_the_end_is_told(path: Path) -> None:
    told: list[ChatflowError] = []
    store = impatient(path)
    store.on_failure = told.append
    part = StoreSink(store).build_part("store", STORE, None)
    with lock_holder(path):
        part.write_batch(sent(1))
        part.snapshot()
        with pytest.raises(StoreLockedError):
            part.close()
    assert [type(error) for error in told] == [StoreLockedError]


def test_nothing_is_written_after_a_commit_that_failed(path: Path) -> None:
    store = impatient(path)
    part = StoreSink(store).build_part("store", STORE, None)
    with lock_holder(path):
        part.write_batch(sent(1))
        part.snapshot()
        with pytest.raises(StoreLockedError):
            part.snapshot()
    with pytest.raises(StoreLockedError):
        part.write_batch(sent(2))
    part.close()
    assert store.marks(STORE) == {}
