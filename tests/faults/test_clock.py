"""The wall clock is set by an hour while the flow runs: no result changes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat
from tests.flow_process import FlowProcess, run_flow
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker

_SOURCE = Path(__file__).with_name("shifted_clock.c")
_HOUR = 3600


class MovedClock:
    """The wall clock of the processes that run with its environment."""

    def __init__(self, library: Path, shift: Path) -> None:
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(shift)}
        self._shift = shift.open("wb", buffering=0)
        self.move(0)

    def move(self, seconds: int) -> None:
        """Let it be wrong by so many seconds, from now on."""
        os.pwrite(self._shift.fileno(), seconds.to_bytes(8, "little", signed=True), 0)

    def close(self) -> None:
        self._shift.close()


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[MovedClock]:
    compiler = shutil.which("cc")
    if compiler is None:
        reason = "the clock cannot be moved here without a C compiler"
        if os.environ.get("CHATFLOW_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    library = tmp_path / "clock.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"], check=True
    )
    moved = MovedClock(library, tmp_path / "shift")
    yield moved
    moved.close()


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, 51, 200)


@pytest.fixture
def flow(chat: GrowingChat, clock: MovedClock, tmp_path: Path) -> FaultyFlow:
    return chat.flow(tmp_path / "flow").with_environment(**clock.environment)


def test_a_clock_that_goes_ahead_and_stays_there_changes_no_result(
    chat: GrowingChat, clock: MovedClock, flow: FaultyFlow
) -> None:
    with FlowProcess(flow.endless()) as running:
        running.until_stored(1)
        for hours in (1, 2, 24):
            before = stored_messages(flow.store)
            clock.move(hours * _HOUR)
            chat.grow(100)
            assert running.until_stored(before + 1) > before
    chat.check(flow)


@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
@pytest.mark.parametrize("ahead", [0, _HOUR], ids=["back", "ahead and back"])
def test_a_clock_that_goes_back_ends_the_flow_in_words_with_everything_stored(
    chat: GrowingChat, clock: MovedClock, flow: FaultyFlow, recovery: bool, ahead: int
) -> None:
    with FlowProcess(flow.but(recovery=recovery).endless()) as running:
        running.until_stored(1)
        clock.move(ahead)
        chat.grow(100)
        running.until_stored(stored_messages(flow.store) + 1)
        clock.move(ahead - _HOUR)
        status, words = running.wait()
    (line,) = words.strip().splitlines()
    assert status == 1
    assert line.startswith("chatflow: the clock of this machine went back by 3600 s")
    chat.check(flow.but(recovery=recovery))


def test_a_clock_that_goes_back_a_little_only_makes_an_epoch_longer(
    chat: GrowingChat, clock: MovedClock, flow: FaultyFlow
) -> None:
    with FlowProcess(flow.endless()) as running:
        before = running.until_stored(1)
        clock.move(-2)
        chat.grow(100)
        assert running.until_stored(before + 1) > before
    chat.check(flow)


def test_runs_whose_clocks_differ_by_an_hour_store_the_same(
    chat: GrowingChat, clock: MovedClock, flow: FaultyFlow
) -> None:
    for hours in (1, -1, 0):
        clock.move(hours * _HOUR)
        chat.grow(100)
        assert run_flow(flow).status == 0
    chat.check(flow)
