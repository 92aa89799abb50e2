"""Kills, restarts and successors while the flow stores in Postgres: every table stays right."""

import signal
import time
from pathlib import Path
from random import Random

import pytest

from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat
from tests.flow_process import FlowProcess
from tests.postgres_server import PostgresServer, cut_off, execute
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker

_SEED = 23
_KILLS = 3
_BACKLOG, _MORE = 600, 60
"""Events that wait for the first start, and that happen in each life."""
_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'chatflow%'
"""


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, _SEED, _BACKLOG)


@pytest.fixture
def flow(chat: GrowingChat, tmp_path: Path, postgres_url: str) -> FaultyFlow:
    return chat.flow(tmp_path).but(postgres_url=postgres_url).endless()


@pytest.mark.parametrize("place", ["before:1", "before:4", "during:2", "after:4"])
def test_a_kill_in_the_commit_path_neither_loses_nor_repeats_a_row(
    chat: GrowingChat, flow: FaultyFlow, place: str
) -> None:
    armed = flow.but(program="tests.faults.killed_flow")
    with FlowProcess(armed.with_environment(KILL_AT=place, KILL_AFTER="0.004")) as running:
        killed = running.wait()
    assert killed.status == -signal.SIGKILL, killed.words

    chat.check(flow)


@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
def test_kills_at_random_moments_neither_lose_nor_repeat_a_row(
    chat: GrowingChat, flow: FaultyFlow, recovery: bool
) -> None:
    random, flow = Random(_SEED), flow.but(recovery=recovery).endless()
    for _ in range(_KILLS):
        before = stored_messages(flow.database)
        with FlowProcess(flow) as running:
            chat.grow(_MORE)
            assert running.until_stored(before + 1) > before, running.wait().words
            time.sleep(random.uniform(0, 0.2))
            running.send_signal(signal.SIGKILL)
            assert running.wait().status == -signal.SIGKILL

    chat.check(flow)


def test_a_restart_of_the_server_in_the_middle_of_a_run_is_outlived(
    chat: GrowingChat, flow: FaultyFlow, postgres_server: PostgresServer
) -> None:
    with FlowProcess(flow) as running:
        for _ in range(3):
            before = running.until_stored(stored_messages(flow.database) + 1)
            chat.grow(_MORE)
            postgres_server.restart()
            assert running.until_stored(before + 1) > before, running.wait().words
        running.send_signal(signal.SIGTERM)
        assert running.wait().status == 0

    chat.check(flow)


def test_a_flow_that_slept_while_another_took_its_place_writes_nothing(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    with FlowProcess(flow) as sleeper:
        sleeper.until_stored(1)
        sleeper.send_signal(signal.SIGSTOP)
        chat.grow(_MORE)
        cut_off(flow.postgres_url)
        successor = flow.but(folder=flow.folder / "successor", recovery=False)
        with FlowProcess(successor.endless()) as running:
            running.until_stored(stored_messages(flow.database) + 1)
            sleeper.send_signal(signal.SIGCONT)
            ended = sleeper.wait()
            running.send_signal(signal.SIGTERM)
            assert running.wait().status == 0
    assert ended.status == 1
    assert "was taken over by another flow" in ended.words

    chat.check(flow.but(recovery=False))


def test_a_second_flow_is_refused_while_the_first_goes_on(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    with FlowProcess(flow) as first:
        first.until_stored(1)
        other = flow.but(folder=flow.folder / "other", recovery=False, stop_at_end=True)
        with FlowProcess(other.with_environment(CHAT_STORE__LOCK_TIMEOUT="200ms")) as second:
            refused = second.wait()
        assert refused.status == 1
        assert "is being written by chatflow" in refused.words
        assert execute(flow.postgres_url, _SESSIONS) == [(1,)]
        assert first.is_running
