"""The flow as a process on the embedded broker: every table equals the oracle, come what may."""

import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.kafka import KafkaSettings
from tests.expectation import TOPICS, UNHURRIED, Expectation, unhurried_rules
from tests.flow_process import FlowProcess, FlowSettings, kill_after, run_flow
from tests.golden_records import produce_golden
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_AN_HOUR = 3600.0


@dataclass(frozen=True)
class Chat:
    """A broker with an hour of a chat in it, and what is to come of it."""

    broker: EmbeddedBroker
    expected: Expectation

    def check(self, flow: FlowSettings) -> None:
        self.expected.check(flow, flow.environment["CHAT_DEAD_LETTERS__TOPIC_SUFFIX"])


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    plan = Plan(
        start=datetime.now(UTC) - timedelta(hours=4),
        rate=10_000 / _AN_HOUR,
        seconds=_AN_HOUR,
        poison_ratio=0.01,
        duplicate_ratio=0.02,
        out_of_order_ratio=0.05,
    )
    with EmbeddedBroker(TOPICS) as broker:
        produce_golden(broker.bootstrap_servers)
        with ChatProducer(KafkaSettings(brokers=[broker.bootstrap_servers])) as producer:
            run(plan, producer)
        expected = Expectation.of(broker.bootstrap_servers, TOPICS, unhurried_rules())
        yield Chat(broker, expected)


@pytest.fixture
def flow(chat: Chat, tmp_path: Path) -> FlowSettings:
    """A run that nobody has begun: its own store, group and dead-letter topics."""
    suffix = f".dlq-{tmp_path.name}"
    for topic in TOPICS:
        chat.broker.create_topic(topic + suffix)
    return FlowSettings(
        bootstrap_servers=chat.broker.bootstrap_servers,
        folder=tmp_path,
        group_id=tmp_path.name,
        environment={**UNHURRIED, "CHAT_DEAD_LETTERS__TOPIC_SUFFIX": suffix},
    )


@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
def test_every_table_equals_the_oracle_and_stays_so_when_run_again(
    chat: Chat, flow: FlowSettings, recovery: bool
) -> None:
    for _ in range(2):
        finished = run_flow(flow.but(recovery=recovery))

        assert finished.status == 0, finished.words
        chat.check(flow)


@pytest.mark.parametrize("messages", [0, 1, 300, 1000], ids="after {} messages".format)
def test_kill_without_recovery_folder_neither_loses_nor_repeats_a_row(
    chat: Chat, flow: FlowSettings, messages: int
) -> None:
    kill_after(flow.but(recovery=False).in_small_commits(), messages)
    assert stored_messages(flow.store) < chat.expected.messages, "killed in the middle"
    finished = run_flow(flow.but(recovery=False))

    assert finished.status == 0, finished.words
    chat.check(flow)


@pytest.mark.parametrize(
    "moments", [(1,), (800,), (100, 200, 300, 400)], ids=["once, early", "once", "four times"]
)
def test_kill_neither_loses_nor_repeats_a_row(
    chat: Chat, flow: FlowSettings, moments: tuple[int, ...]
) -> None:
    for messages in moments:
        kill_after(flow.in_small_commits(), messages)
    assert stored_messages(flow.store) < chat.expected.messages, "killed in the middle"
    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    chat.check(flow)


def test_lost_recovery_folder_neither_loses_nor_repeats_a_row(
    chat: Chat, flow: FlowSettings
) -> None:
    kill_after(flow.in_small_commits(), 500)
    shutil.rmtree(flow.recovery_folder)
    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    chat.check(flow)


def test_sigterm_drains_and_the_next_start_goes_on(chat: Chat, flow: FlowSettings) -> None:
    with FlowProcess(flow.in_small_commits()) as running:
        running.until_stored(500)
        running.send_signal(signal.SIGTERM)
        drained = running.wait()
    stored = stored_messages(flow.store)
    finished = run_flow(flow)

    assert drained.status == 0, drained.words
    assert 500 <= stored < chat.expected.messages
    assert finished.status == 0, finished.words
    chat.check(flow)


def test_in_postgres_every_table_equals_the_oracle_and_stays_so_when_run_again(
    chat: Chat, flow: FlowSettings, postgres_url: str
) -> None:
    for _ in range(2):
        finished = run_flow(flow.but(postgres_url=postgres_url))

        assert finished.status == 0, finished.words
        chat.check(flow.but(postgres_url=postgres_url))


@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
def test_kills_with_postgres_neither_lose_nor_repeat_a_row(
    chat: Chat, flow: FlowSettings, postgres_url: str, recovery: bool
) -> None:
    flow = flow.but(postgres_url=postgres_url, recovery=recovery)
    for messages in (0, 800, 2500):
        kill_after(flow.in_small_commits(), messages)
    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    chat.check(flow)
