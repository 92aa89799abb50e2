"""One round of kills: a chat, a flow that is killed again and again, and the comparison."""

import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from sinks.commits import STEP, commits_in
from sinks.lease import open_for_reading
from tests.expectation import TOPICS
from tests.faults.flow_forks import FlowForks, Fork
from tests.faults.growing_chat import SUFFIX, FaultyFlow, GrowingChat
from tests.faults.killed_flow import PLACES

SIZE = 25
"""Kills a round."""
_BACKLOG, _MORE = 200, 40
_LATEST = 1.6
"""Seconds after its start by which a flow is killed."""
_PASSED = 4.0
"""Seconds after which a flow that has not come to the place of its death is killed anywhere."""


class Broker(NamedTuple):
    """Where rounds have their topics."""

    address: str
    create_topic: Callable[[str], None]


@dataclass
class Done:
    """A round that has been played."""

    seed: int
    kills: int
    wrong: str = ""
    """What was wrong, without content; empty if nothing was."""
    counts: Counter[str] = field(default_factory=Counter)


class _Round:
    def __init__(self, broker: Broker, folder: Path, done: Done) -> None:
        self._random = Random(done.seed)
        self._done = done
        names = {topic: f"{topic}-{done.seed}-{time.time_ns()}" for topic in TOPICS}
        for name in names.values():
            broker.create_topic(name)
            broker.create_topic(name + SUFFIX)
        self._chat = GrowingChat(broker.address, done.seed, names)
        self._flow = self._chat.flow(folder)
        self._forks = FlowForks(folder)

    def play(self) -> None:
        self._chat.grow(_BACKLOG)
        try:
            for _ in range(self._done.kills):
                self._chat.grow(_MORE)
                self._live_and_die(self._next_flow())
                self._done.counts["kills"] += 1
        finally:
            self._forks.close()
        self._chat.check(self._flow)
        self._done.counts["compared rounds"] += 1
        self._done.counts["events"] += len(self._chat.expected().records)
        with open_for_reading(self._flow.store) as database:
            states = "SELECT key, state FROM flow_state WHERE step = ?"
            found = database.execute(states, [STEP]).fetchall()
        self._done.counts["commits"] += commits_in(found)

    def _next_flow(self) -> FaultyFlow:
        form = self._random.choice(("-r", "no -r", "-r lost"))
        self._done.counts[f"starts {form}"] += 1
        if form == "-r lost":
            self._flow.forget_recovery()
        return self._flow.but(recovery=form != "no -r").endless()

    def _live_and_die(self, flow: FaultyFlow) -> None:
        random = self._random
        if random.random() < 0.5:
            fork = self._forks.start(flow)
            time.sleep(random.uniform(0, _LATEST))
            self._expect_death(fork, fork.kill())
            return
        place, number = random.choice(PLACES), random.choice((1, 1, 2, 3))
        armed = flow.but(program="tests.faults.killed_flow").with_environment(
            KILL_AT=f"{place}:{number}", KILL_AFTER=str(random.uniform(0, 0.06))
        )
        fork = self._forks.start(armed)
        status = fork.wait(_PASSED)
        self._expect_death(fork, fork.kill() if status is None else status)

    def _expect_death(self, fork: Fork, status: int) -> None:
        assert status == -signal.SIGKILL, f"a flow ended with status {status}: {fork.words()}"


def play(broker: Broker, folder: Path, seed: int, kills: int) -> Done:
    """Play a round of so many kills; never raises for what the flow does wrong."""
    done = Done(seed, kills)
    try:
        _Round(broker, folder, done).play()
    except AssertionError as error:
        done.wrong = str(error)
    else:
        shutil.rmtree(folder)
    return done
