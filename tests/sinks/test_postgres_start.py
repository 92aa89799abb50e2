"""How processes find each other in the database, and that none is there twice."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from sinks.lease import StoreLockedError
from sinks.postgres import PostgresStore
from sinks.postgres_start import NotStartedError
from tests.builders import CHAT

_PATIENCE = 60.0
_LONG = 1.5
"""Seconds: more than the stores' patience, and than a start must have been there."""


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

    def following(self, number: int, processes: int = 2) -> Future[str]:
        """Another process in a thread of its own; what comes is the start that it goes on from."""
        store, found = self.process(number, processes), Future[str]()

        def follow() -> None:
            try:
                store.prepare()
                found.set_result(store.start)
            except Exception as error:
                found.set_exception(error)

        threading.Thread(target=follow, daemon=True).start()
        return found

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


def test_the_first_one_is_waited_for_longer_than_for_anything_else(database: Processes) -> None:
    following = database.following(1, 3)
    time.sleep(_LONG)

    first = database.begun(3)

    assert following.result(_PATIENCE) == first.start


def test_a_first_one_that_is_gone_is_not_followed(database: Processes) -> None:
    database.begun().close()
    following = database.following(1)
    time.sleep(_LONG)

    first = database.begun()

    assert following.result(_PATIENCE) == first.start


def test_a_first_one_that_follows_another_is_waited_for(database: Processes) -> None:
    database.begun().close()
    first = database.process(0)
    first.prepare()
    following = database.following(1)
    time.sleep(_LONG)
    assert not following.done(), "what it needs is not written yet"

    first.begin({CHAT: 7}, ["store"])

    assert following.result(_PATIENCE) == first.start


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
