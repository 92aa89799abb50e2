"""kill -9 inside the commit path, at every place where two systems know different things."""

import signal
import time
from pathlib import Path
from random import Random

import pytest

from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat
from tests.faults.lock_between_commits import reader
from tests.flow_process import FlowProcess
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker

_SEED = 11
_LIVES = 6
"""How often one flow is killed beside a commit."""


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, _SEED, 500)


@pytest.fixture
def flow(chat: GrowingChat, tmp_path: Path) -> FaultyFlow:
    return chat.flow(tmp_path).endless()


def die(flow: FaultyFlow, place: str, number: int, seconds: float = 0.0) -> None:
    """Live until the flow kills itself there."""
    armed = flow.but(program="tests.faults.killed_flow")
    with FlowProcess(
        armed.with_environment(KILL_AT=f"{place}:{number}", KILL_AFTER=str(seconds))
    ) as running:
        killed = running.wait()
    assert killed.status == -signal.SIGKILL, killed.words


@pytest.mark.parametrize(
    ("place", "number"),
    [("before", 1), ("before", 4), ("after", 1), ("after", 4), ("unflushed", 2), ("flushed", 2)],
)
def test_a_kill_at_a_place_of_the_commit_path_neither_loses_nor_repeats_a_row(
    chat: GrowingChat, flow: FaultyFlow, place: str, number: int
) -> None:
    die(flow, place, number)
    die(flow, place, 1)

    chat.check(flow)


@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
def test_kills_beside_a_commit_leave_all_of_it_or_nothing(
    chat: GrowingChat, flow: FaultyFlow, recovery: bool
) -> None:
    random = Random(_SEED)
    flow = flow.but(recovery=recovery).endless()
    for _ in range(_LIVES):
        chat.grow(40)
        number = random.choice((1, 2, 3)) if recovery else 1
        die(flow, "during", number, random.uniform(0, 0.06))

    chat.check(flow)


def test_a_kill_while_a_commit_waits_for_a_reader_leaves_the_folder_no_commit_ahead(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    with FlowProcess(flow) as running:
        running.until_stored(1)
        with reader(flow.store):
            time.sleep(0.5)
            running.send_signal(signal.SIGKILL)
            assert running.wait().status == -signal.SIGKILL
    assert 0 < stored_messages(flow.store) < chat.expected().messages

    chat.check(flow)
