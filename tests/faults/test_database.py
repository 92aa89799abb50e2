"""Whatever befalls the database: the flow says what, ends or waits, and goes on exactly."""

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat, failed
from tests.faults.lock_between_commits import reader, writer
from tests.flow_process import FlowProcess, run_flow
from traffic.embedded import EmbeddedBroker

_HELD = float(os.environ.get("CHATFLOW_LOCK_SECONDS", "6"))
"""How long others keep the file; longer than the flow is silent about it."""

Holder = Callable[[Path], AbstractContextManager[int]]


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, 21, 300)


@pytest.fixture
def flow(chat: GrowingChat, tmp_path: Path) -> FaultyFlow:
    return chat.flow(tmp_path / "flow")


def said(flow: FaultyFlow) -> str:
    """What the running flow has said so far."""
    return (flow.folder / "flow.log").read_text()


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("hold", [reader, writer])
def test_a_file_that_others_hold_is_waited_for_and_who_holds_it_is_said(
    chat: GrowingChat, flow: FaultyFlow, hold: Holder
) -> None:
    with FlowProcess(flow.endless()) as running:
        stored = running.until_stored(1)
        with hold(flow.store) as pid:
            chat.grow(200)
            time.sleep(_HELD)
            until(lambda: "has been locked for" in said(flow))
            assert f"PID {pid}" in said(flow)
        assert running.until_stored(stored + 1) > stored
        running.send_signal(signal.SIGTERM)
        assert running.wait().status == 0
    chat.check(flow)


@pytest.mark.parametrize("hold", [reader, writer])
def test_a_file_that_others_hold_for_too_long_ends_the_flow_and_loses_nothing(
    chat: GrowingChat, flow: FaultyFlow, hold: Holder
) -> None:
    with FlowProcess(flow.endless().with_environment(CHAT_STORE__LOCK_TIMEOUT="0.5")) as running:
        running.until_stored(1)
        with hold(flow.store) as pid:
            chat.grow(200)
            status, words = running.wait()
    (line,) = words.strip().splitlines()
    assert status == 1
    assert re.search(rf"^chatflow: the database .* has been locked for \d+ s by .*PID {pid}", line)
    chat.check(flow)


def test_a_file_that_cannot_grow_ends_the_flow_and_with_room_it_goes_on_exactly(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    flow = flow.but(recovery=False)
    assert run_flow(flow).status == 0
    chat.grow(1000)

    for _ in range(2):
        line = failed(flow.but(wrapper=("prlimit", "--fsize=65536")))
        assert re.search(r"^chatflow: cannot .* the database .*File too large", line)
    chat.check(flow)
