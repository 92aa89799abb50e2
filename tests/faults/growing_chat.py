"""A chat that goes on while the flow that reads it is killed and started again."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from typing_extensions import override

from tests.expectation import TOPICS, UNHURRIED, Expectation, unhurried_rules
from tests.flow_process import FlowSettings, run_flow
from tests.odd_traffic import odd_story, produce
from traffic.embedded import EmbeddedBroker

SUFFIX = ".dlq"
_START = 1_756_700_000_000
_PACE_MS = 3000
_NEVER_IDLE = {"CHAT_SOURCE__IDLE_TIMEOUT": "10h"}
"""The chat is told faster than it happened: no time passes but that of its events."""


@dataclass(frozen=True)
class FaultyFlow(FlowSettings):
    """A run of the flow in surroundings of a test's own."""

    program: str = "dataflows.chat"
    """The module whose `flow` the engine runs."""
    wrapper: tuple[str, ...] = ()
    """What the command line begins with: a program that runs the rest of it."""

    @override
    def arguments(self) -> list[str]:
        words = super().arguments()
        return [*self.wrapper, *(self.program if w == "dataflows.chat" else w for w in words)]

    @override
    def but(self, **changes: object) -> "FaultyFlow":
        found = super().but(**changes)
        assert isinstance(found, FaultyFlow)
        return found

    @override
    def with_environment(self, **variables: str) -> "FaultyFlow":
        return self.but(environment={**self.environment, **variables})

    @override
    def in_small_commits(self) -> "FaultyFlow":
        return self.but(snapshot_seconds=0).with_environment(CHAT_SOURCE__BATCH_SIZE="20")

    def endless(self) -> "FaultyFlow":
        """Reads on for ever, with as many commits as it can make.

        Without a recovery folder the engine takes 0 seconds for none said.
        """
        small = self.but(stop_at_end=False).in_small_commits()
        return small if self.recovery else small.but(snapshot_seconds=1)

    def forget_recovery(self) -> None:
        """Lose the engine's recovery folder."""
        shutil.rmtree(self.recovery_folder, ignore_errors=True)


class GrowingChat:
    """Topics with an odd chat in them; the same seed and the same calls make the same chat."""

    def __init__(
        self, bootstrap_servers: str, seed: int, names: Mapping[str, str] | None = None
    ) -> None:
        """`names` says what the three topics are called there."""
        self._bootstrap_servers = bootstrap_servers
        self._names = dict(names or {topic: topic for topic in TOPICS})
        self._random = Random(seed)
        self._at_ms = _START
        self.topics = tuple(self._names.values())

    def grow(self, events: int) -> None:
        """Let so many events happen, and wait until they are in their topics."""
        seed = self._random.getrandbits(32)
        story = odd_story(seed, self._at_ms, events=events, pace_ms=_PACE_MS)
        self._at_ms = story[-1].recorded_ms + 1
        named = (record._replace(topic=self._names[record.topic]) for record in story)
        produce(self._bootstrap_servers, named)

    def flow(self, folder: Path) -> FaultyFlow:
        """A run that nobody has begun."""
        variables = {
            f"CHAT_KAFKA__TOPICS__{topic.replace('-', '_').upper()}": name
            for topic, name in self._names.items()
        }
        return FaultyFlow(
            self._bootstrap_servers, folder, folder.name, {**UNHURRIED, **_NEVER_IDLE, **variables}
        )

    def expected(self) -> Expectation:
        """What is to come of all that has happened so far."""
        return Expectation.of(self._bootstrap_servers, self.topics, unhurried_rules())

    def check(self, flow: FlowSettings) -> None:
        """Run the flow to the end of what there is, and compare all that it leaves."""
        finished = run_flow(flow.but(stop_at_end=True, snapshot_seconds=1))

        assert finished.status == 0, finished.words
        self.expected().check(flow, SUFFIX)


def embedded_chat(broker: EmbeddedBroker, seed: int, events: int) -> GrowingChat:
    """A chat that so many events have happened in, in a broker of this process."""
    for topic in TOPICS:
        broker.create_topic(topic + SUFFIX)
    chat = GrowingChat(broker.bootstrap_servers, seed)
    chat.grow(events)
    return chat


def failed(flow: FaultyFlow) -> str:
    """Run it, and say what it said last before it ended with status 1."""
    status, words = run_flow(flow)
    assert (status, "Traceback" in words) == (1, False), words
    return words.strip().splitlines()[-1]
