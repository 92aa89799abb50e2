"""How processes find each other in the database, and that none is there twice."""

from collections.abc import Iterator

import pytest

from sinks.lease import StoreLockedError
from sinks.postgres import PostgresStore
from sinks.postgres_start import NotStartedError
from tests.builders import CHAT


class Processes:
    """Stores of several processes over one database, each in its own session."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: list[PostgresStore] = []

    def process(self, number: int, processes: int = 2, patience: float = 0.3) -> PostgresStore:
        store = PostgresStore(
            self._url,
            lock_timeout=patience,
            tolerance=0,
            window_length=60_000,
            process=number,
            processes=processes,
        )
        self._opened.append(store)
        return store

    def begun(self, processes: int = 2) -> PostgresStore:
        """A first process that the others may follow."""
        store = self.process(0, processes)
        store.prepare()
        store.begin({CHAT: 7}, ["store"])
        return store

    def close(self) -> None:
        for store in self._opened:
            store.close()


@pytest.fixture
def database(postgres_url: str) -> Iterator[Processes]:
    processes = Processes(postgres_url)
    yield processes
    processes.close()


def test_another_process_goes_on_from_what_the_first_one_left(database: Processes) -> None:
    first = database.begun()

    other = database.process(1, patience=30)
    other.prepare()

    assert other.start == first.start
    assert other.marks("store") == {CHAT: 7}


def test_before_the_first_one_has_begun_nobody_goes_on(database: Processes) -> None:
    with pytest.raises(NotStartedError, match="process 1 of 3 waits for process 0"):
        database.process(1, 3).prepare()

    database.process(0).prepare()
    with pytest.raises(NotStartedError, match="process 2 of 3 waits for process 0"):
        database.process(2, 3, patience=1.5).prepare()


def test_a_first_one_that_is_gone_is_not_followed(database: Processes) -> None:
    database.begun().close()

    with pytest.raises(NotStartedError, match="waits for process 0"):
        database.process(1, patience=1.5).prepare()


def test_a_first_one_that_follows_another_is_waited_for(database: Processes) -> None:
    database.begun().close()
    database.process(0).prepare()

    with pytest.raises(NotStartedError, match="waits for process 0"):
        database.process(1, patience=1.5).prepare()


def test_another_number_of_processes_is_refused(database: Processes) -> None:
    database.begun(processes=3)

    with pytest.raises(NotStartedError, match="told of 2 processes, process 0 of 3"):
        database.process(1, processes=2, patience=2.5).prepare()


@pytest.mark.parametrize("number", [0, 1])
def test_no_process_is_there_twice(database: Processes, number: int) -> None:
    first = database.begun()
    if number:
        database.process(1, patience=30).prepare()

    with pytest.raises(StoreLockedError) as caught:
        database.process(number).prepare()

    words = "is being written by" if number == 0 else "process 1 of the flow .* runs already"
    assert caught.match(words)
    assert caught.match("chatflow")
    assert first.commits() == 0
