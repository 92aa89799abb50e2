"""What only the Postgres store does: it outlives its server, and yields to who came later."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.errors import ConfigurationError
from sinks.lease import StoreError, StoreLockedError
from sinks.memory import STORE
from sinks.postgres import PostgresStore
from sinks.store import StoreSink
from tests.builders import CHAT
from tests.places import PostgresPlace
from tests.postgres_server import PostgresServer, cut_off, execute
from tests.sinks.deaf_socket import deaf_socket
from tests.sinks.stores import Execution, execution, run, sent

SOON = 0.3
"""Seconds after which a store of these tests gives up."""
CUT_OFF_WAITING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
STORED = "SELECT count(*) FROM messages"


@pytest.fixture
def place(postgres_url: str) -> Iterator[PostgresPlace]:
    found = PostgresPlace(postgres_url)
    yield found
    found.close()


def impatient(url: str) -> PostgresStore:
    return PostgresStore(url, lock_timeout=SOON, tolerance=0, window_length=60_000)


def until(done: Callable[[], bool]) -> None:
    while not done():
        time.sleep(0.01)


def refusal_of(url: str) -> str:
    with pytest.raises(StoreError) as refused:
        impatient(url).prepare()
    return str(refused.value)


def test_a_connection_that_is_cut_between_two_epochs_is_opened_again(place: PostgresPlace) -> None:
    with execution(place) as process:
        process.epoch(*sent(0))
        assert cut_off(place.url) == 1
        process.epoch(*sent(1))
    assert place.query(STORED) == [(2,)]


def test_an_epoch_whose_connection_is_cut_in_the_middle_is_written_again(
    place: PostgresPlace,
) -> None:
    with execution(place) as process, psycopg.connect(place.url) as other:
        process.epoch(*sent(0))
        other.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        process.write(*sent(1))
        process.part.snapshot()
        until(lambda: execute(place.url, CUT_OFF_WAITING) == [(True,)])
        other.rollback()
        process.part.snapshot()
    assert place.query(STORED) == [(2,)]


def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    place: PostgresPlace, tmp_path: Path
) -> None:
    with deaf_socket(place.url, tmp_path) as way, execution(PostgresPlace(way.url)) as process:
        process.epoch(*sent(0))
        way.lose_next()
        assert process.epoch(*sent(1)) == 2
        assert way.lost.is_set()
        assert process.epoch(*sent(2)) == 3
    assert place.query(STORED) == [(3,)]


def test_a_restart_of_the_server_is_outlived(
    postgres_server: PostgresServer, place: PostgresPlace
) -> None:
    with execution(place) as process:
        process.epoch(*sent(0))
        postgres_server.restart()
        process.epoch(*sent(1))
    assert place.query(STORED) == [(2,)]


def test_a_second_flow_is_refused_and_told_who_writes(place: PostgresPlace) -> None:
    with execution(place):
        with pytest.raises(StoreLockedError, match=r"written by chatflow \d+@.* \(pid \d+ from"):
            impatient(place.url).prepare()
        run_elsewhere = place.url + "&options=-csearch_path%3Dother"
        execute(place.url, "CREATE SCHEMA other")
        store = impatient(run_elsewhere)
        store.prepare()
        store.close()


def test_a_flow_waits_for_the_one_before_to_end(place: PostgresPlace) -> None:
    process = Execution(place)
    process.epoch(*sent(0))
    timer = threading.Timer(0.2, process.part.close)
    timer.start()
    later = PostgresPlace(place.url)
    run(later, sent(1))
    timer.join()
    later.close()
    assert place.query(STORED) == [(2,)]


def test_who_lost_its_connection_to_a_successor_never_writes_again(place: PostgresPlace) -> None:
    zombie = Execution(place)
    zombie.epoch(*sent(0))
    cut_off(place.url)
    later = PostgresPlace(place.url)
    run(later, sent(1))
    later.close()
    zombie.write(*sent(1))
    with pytest.raises(StoreError, match="was taken over by another flow"):
        zombie.epoch()
    zombie.part.close()
    assert place.query(STORED) == [(2,)]


def test_a_database_that_lost_commits_is_not_written(place: PostgresPlace) -> None:
    process = Execution(place)
    process.epoch(*sent(0))
    execute(place.url, "UPDATE flow_state SET state = '0' WHERE key = 'commits'")
    process.write(*sent(1))
    with pytest.raises(StoreError, match="has 0 commits, this flow has made 1"):
        process.epoch()
    process.part.close()
    assert place.query(STORED) == [(1,)]


def test_a_recovery_folder_ahead_of_the_database_is_refused(place: PostgresPlace) -> None:
    _, sink = place.open()
    with pytest.raises(StoreError, match="has seen 0 commits, the recovery folder 7"):
        sink.build_part("store", STORE, 7)


def test_marks_of_the_beginning_outlive_a_crash_before_the_first_commit(
    place: PostgresPlace,
) -> None:
    store, _ = place.open()
    assert isinstance(store, PostgresStore)
    store.begin({CHAT: 7}, (STORE, "dead_letters"))
    again, _ = place.open()
    assert (again.marks(STORE), again.marks("dead_letters")) == ({CHAT: 7}, {CHAT: 7})


def test_a_server_that_is_away_is_waited_for_and_then_named_without_its_password() -> None:
    text = refusal_of("postgresql://me:hunter2@127.0.0.1:9/chat")
    assert "cannot prepare the database postgresql://127.0.0.1:9/chat" in text
    assert "refused" in text
    assert "hunter2" not in text


def test_a_database_that_does_not_exist_is_refused_at_once(postgres_url: str) -> None:
    url = postgres_url.replace("/chat_", "/nowhere_")
    store = PostgresStore(url, lock_timeout=600.0, tolerance=0, window_length=60_000)
    with pytest.raises(StoreError, match="does not exist"):
        store.prepare()


def test_a_role_without_rights_is_refused_at_once(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    execute(postgres_url, "CREATE ROLE reader LOGIN")
    try:
        text = refusal_of(postgres_server.url_of_role(postgres_url, "reader"))
    finally:
        execute(postgres_url, "DROP ROLE reader")
    assert "permission denied for schema public" in text
    assert "hunter2" not in text


def test_a_url_that_libpq_cannot_read_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match=r"store\.url is no Postgres URL") as refused:
        impatient("postgres://me:hunter2@db:1?hunter2=x")
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_an_error_about_values_does_not_quote_them(place: PostgresPlace) -> None:
    with execution(place) as process:
        process.epoch(*sent(0))
        execute(place.url, "ALTER TABLE messages ADD CHECK (content <> 'hi') NOT VALID")
        process.write(*sent(1))
        with pytest.raises(StoreError) as refused:
            process.epoch()
        assert "CheckViolation in messages" in str(refused.value)
        assert "hi'" not in str(refused.value)


def test_the_store_without_a_server_is_a_name() -> None:
    assert StoreSink(impatient("postgresql://h/chat")).list_parts() == [STORE]
