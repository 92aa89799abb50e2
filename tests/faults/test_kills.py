"""kill -9 at random moments, again and again, while the chat goes on: every table stays right."""

import signal
import time
from pathlib import Path
from random import Random

import pytest

from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat
from tests.flow_process import FlowProcess
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker

_KILLS = 9
_BACKLOG, _MORE = 600, 60
"""Events that wait for the first start, and that happen in each life."""


def die(flow: FaultyFlow, chat: GrowingChat, random: Random, *, at_work: bool) -> int:
    """Live until a random moment; says how many messages are stored then.

    With `at_work` the moment follows a commit of this life, else it may be any since the start.
    """
    before = stored_messages(flow.store)
    with FlowProcess(flow) as running:
        chat.grow(_MORE)
        if at_work:
            assert running.until_stored(before + 1) > before, running.wait().words
            time.sleep(random.uniform(0, 0.25))
        else:
            time.sleep(random.uniform(0.1, 1.8))
        assert running.is_running, running.wait().words
        running.send_signal(signal.SIGKILL)
        assert running.wait().status == -signal.SIGKILL
    return stored_messages(flow.store)


@pytest.mark.parametrize(
    ("seed", "recovery", "forgets"),
    [(1, True, False), (2, False, False), (3, True, True)],
    ids=["with -r", "without -r", "with its folder lost each time"],
)
def test_nine_kills_at_random_moments_neither_lose_nor_repeat_a_row(
    embedded: EmbeddedBroker, tmp_path: Path, seed: int, recovery: bool, forgets: bool
) -> None:
    random = Random(seed)
    chat = embedded_chat(embedded, seed, _BACKLOG)
    flow = chat.flow(tmp_path).but(recovery=recovery).endless()
    stored = []
    for number in range(_KILLS):
        if forgets:
            flow.forget_recovery()
        stored.append(die(flow, chat, random, at_work=number % 2 == 0))

    chat.check(flow.in_small_commits())

    assert stored == sorted(stored)
    assert len(set(stored)) >= _KILLS // 2, f"little was stored between kills: {stored}"
