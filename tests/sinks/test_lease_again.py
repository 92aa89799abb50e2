"""A file that one writer opens and closes again and again."""

from pathlib import Path

import pytest

from sinks.lease import Lease, StoreError, open_for_writing
from sinks.memory import STORE
from sinks.store import StoreSink
from tests.places import open_store, query
from tests.sinks.lock_holder import lock_holder
from tests.sinks.stores import sent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "chat.duckdb"
    open_for_writing(found, 1.0).close()
    return found


def take(lease: Lease, waited: list[float]) -> None:
    lease.take(waited.append)


def test_others_open_the_file_between_two_commits_of_a_writer(path: Path) -> None:
    part = StoreSink(open_store(path)).build_part("store", STORE, None)
    for offset in range(3):
        part.write_batch(sent(offset))
        part.snapshot()
        part.snapshot()
        with lock_holder(path):
            pass
    part.close()
    assert query(path, "SELECT count(*) FROM messages") == [(3,)]


def test_no_log_is_left_beside_a_file_that_was_let_go(path: Path) -> None:
    lease = Lease(path, 1.0)
    lease.take(lambda seconds: None).execute("CREATE TABLE kept AS SELECT 1")
    lease.release()
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    lease.close()


def test_a_lock_is_waited_for_again_by_the_same_lease(path: Path) -> None:
    lease, waited = Lease(path, 10.0), list[float]()
    take(lease, waited)
    lease.release()
    assert not waited
    with lock_holder(path) as reader:

        def wait(seconds: float) -> None:
            waited.append(seconds)
            reader.begin_to_let_go()

        lease.take(wait)
    assert waited
    lease.close()


def test_what_is_not_committed_is_given_up_at_the_end(path: Path) -> None:
    lease = Lease(path, 1.0)
    connection = lease.take(lambda seconds: None)
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE lost AS SELECT 1")
    lease.close()
    assert query(path, "SHOW TABLES") == []


def test_a_file_that_was_removed_meanwhile_is_not_made_anew(path: Path) -> None:
    lease = Lease(path, 1.0)
    take(lease, [])
    lease.release()
    path.unlink()
    with pytest.raises(StoreError, match="was removed while the flow ran"):
        take(lease, [])
    lease.close()
    assert not path.exists()
