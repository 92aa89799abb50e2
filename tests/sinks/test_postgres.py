"""What only the Postgres store does: it outlives its server, and yields to who came later."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from sinks.lease import StoreError, StoreLockedError
from sinks.memory import STORE
from sinks.postgres import PostgresStore
from tests.builders import CHAT
from tests.places import PostgresPlace
from tests.postgres_server import PostgresServer, cut_off, execute
from tests.sinks.deaf_socket import deaf_socket
from tests.sinks.stores import Execution, execution, impatient, run, sent

WAITING = """
SELECT true FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
CUT_OFF_WAITING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
STORED = "SELECT count(*) FROM messages"


def until(done: Callable[[], bool]) -> None:
    while not done():
        time.sleep(0.01)


def test_a_connection_that_is_cut_between_two_epochs_is_opened_again(
    postgres_place: PostgresPlace,
) -> None:
    with execution(postgres_place) as process:
        process.epoch(*sent(0))
        assert cut_off(postgres_place.url) == 1
        process.epoch(*sent(1))
    assert postgres_place.query(STORED) == [(2,)]


def test_an_epoch_whose_connection_is_cut_in_the_middle_is_written_again(
    postgres_place: PostgresPlace,
) -> None:
    with execution(postgres_place) as process, psycopg.connect(postgres_place.url) as other:
        process.epoch(*sent(0))
        other.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        process.write(*sent(1))
        process.part.snapshot()
        until(lambda: execute(postgres_place.url, CUT_OFF_WAITING) == [(True,)])
        other.rollback()
        process.part.snapshot()
    assert postgres_place.query(STORED) == [(2,)]


def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    postgres_place: PostgresPlace, tmp_path: Path
) -> None:
    with (
        deaf_socket(postgres_place.url, tmp_path) as way,
        execution(PostgresPlace(way.url)) as process,
    ):
        process.epoch(*sent(0))
        way.lose_next()
        assert process.epoch(*sent(1)) == 2
        assert way.lost.is_set()
        assert process.epoch(*sent(2)) == 3
    assert postgres_place.query(STORED) == [(3,)]


def test_a_commit_that_is_still_under_way_when_it_is_asked_after_is_not_made_twice(
    postgres_place: PostgresPlace,
) -> None:
    with execution(postgres_place) as process, psycopg.connect(postgres_place.url) as under_way:
        process.epoch(*sent(0))
        under_way.execute("UPDATE flow_state SET state = '2' WHERE key = 'commits'")
        process.write(*sent(1))
        process.part.snapshot()
        until(lambda: execute(postgres_place.url, WAITING) == [(True,)])
        under_way.commit()
        assert process.part.snapshot() == 2
    assert postgres_place.query(STORED) == [(1,)]


def test_a_restart_of_the_server_is_outlived(
    postgres_server: PostgresServer, postgres_place: PostgresPlace
) -> None:
    with execution(postgres_place) as process:
        process.epoch(*sent(0))
        postgres_server.restart()
        process.epoch(*sent(1))
    assert postgres_place.query(STORED) == [(2,)]


def test_a_second_flow_is_refused_and_told_who_writes(postgres_place: PostgresPlace) -> None:
    with execution(postgres_place):
        with pytest.raises(StoreLockedError, match=r"written by chatflow \d+@.* \(pid \d+ from"):
            impatient(postgres_place.url).prepare()
        run_elsewhere = postgres_place.url + "&options=-csearch_path%3Dother"
        execute(postgres_place.url, "CREATE SCHEMA other")
        store = impatient(run_elsewhere)
        store.prepare()
        store.close()


def test_a_flow_waits_for_the_one_before_to_end(postgres_place: PostgresPlace) -> None:
    process = Execution(postgres_place)
    process.epoch(*sent(0))
    timer = threading.Timer(0.2, process.part.close)
    timer.start()
    later = PostgresPlace(postgres_place.url)
    run(later, sent(1))
    timer.join()
    later.close()
    assert postgres_place.query(STORED) == [(2,)]


def test_who_lost_its_connection_to_a_successor_never_writes_again(
    postgres_place: PostgresPlace,
) -> None:
    zombie = Execution(postgres_place)
    zombie.epoch(*sent(0))
    cut_off(postgres_place.url)
    later = PostgresPlace(postgres_place.url)
    run(later, sent(1))
    later.close()
    zombie.write(*sent(1))
    with pytest.raises(StoreError, match="was taken over by another flow"):
        zombie.epoch()
    zombie.part.close()
    assert postgres_place.query(STORED) == [(2,)]


def test_a_database_that_lost_commits_is_not_written(postgres_place: PostgresPlace) -> None:
    process = Execution(postgres_place)
    process.epoch(*sent(0))
    execute(postgres_place.url, "UPDATE flow_state SET state = '0' WHERE key = 'commits'")
    process.write(*sent(1))
    with pytest.raises(StoreError, match="has 0 commits, this flow has made 1"):
        process.epoch()
    process.part.close()
    assert postgres_place.query(STORED) == [(1,)]


def test_a_recovery_folder_ahead_of_the_database_is_refused(postgres_place: PostgresPlace) -> None:
    _, sink = postgres_place.open()
    with pytest.raises(StoreError, match="has seen 0 commits, the recovery folder 7"):
        sink.build_part("store", STORE, 7)


def test_marks_of_the_beginning_outlive_a_crash_before_the_first_commit(
    postgres_place: PostgresPlace,
) -> None:
    store, _ = postgres_place.open()
    assert isinstance(store, PostgresStore)
    store.begin({CHAT: 7}, (STORE, "dead_letters"))
    again, _ = postgres_place.open()
    assert (again.marks(STORE), again.marks("dead_letters")) == ({CHAT: 7}, {CHAT: 7})
