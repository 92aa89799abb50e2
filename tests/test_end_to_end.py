"""The flow as a process on the embedded broker: every table equals the oracle, come what may."""

import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from config.kafka import KafkaSettings
from tests.comparison import differences, stored_tables
from tests.dead_letter_records import expected_copies, found_copies
from tests.flow_process import FlowProcess, FlowSettings, run_flow
from tests.golden_records import produce_golden
from tests.oracle.reading import read_records
from tests.oracle.tables import Tables, expected_tables
from tests.oracle.values import RawRecord, Rules
from traffic.embedded import EmbeddedBroker
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_TOPICS = ("chat-messages", "user-events", "group-messages")
_AN_HOUR = 3600.0
_TEN_YEARS = Rules(push_max_age=3650 * 86_400_000, call_max_age=3650 * 86_400_000)
_NOTHING_IS_STALE = {"CHAT_PUSH__MAX_AGE": "3650d", "CHAT_PUSH__CALL_MAX_AGE": "3650d"}
_SMALL_COMMITS = {"CHAT_SOURCE__BATCH_SIZE": "100"}
"""With `-s 0` this commits about a hundred times, so that there is a middle to be killed in."""


@dataclass(frozen=True)
class Chat:
    """A broker with an hour of a chat in it, and what the tables are to hold."""

    broker: EmbeddedBroker
    records: list[RawRecord] = field(repr=False)
    expected: Tables = field(repr=False)


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
    with EmbeddedBroker(_TOPICS) as broker:
        produce_golden(broker.bootstrap_servers)
        with ChatProducer(KafkaSettings(brokers=[broker.bootstrap_servers])) as producer:
            run(plan, producer)
        records = read_records(broker.bootstrap_servers, _TOPICS)
        yield Chat(broker, records, expected_tables(records, _TEN_YEARS))


@pytest.fixture
def flow(chat: Chat, tmp_path: Path) -> FlowSettings:
    """A run that nobody has begun: its own store, group and dead-letter topics."""
    suffix = f".dlq-{tmp_path.name}"
    for topic in _TOPICS:
        chat.broker.create_topic(topic + suffix)
    return FlowSettings(
        bootstrap_servers=chat.broker.bootstrap_servers,
        folder=tmp_path,
        group_id=tmp_path.name,
        environment={**_NOTHING_IS_STALE, "CHAT_DEAD_LETTERS__TOPIC_SUFFIX": suffix},
    )


@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
def test_every_table_equals_the_oracle_and_stays_so_when_run_again(
    chat: Chat, flow: FlowSettings, recovery: bool
) -> None:
    for _ in range(2):
        finished = run_flow(flow.but(recovery=recovery))

        assert finished.status == 0, finished.words
        assert_all_as_expected(chat, flow)


@pytest.mark.parametrize("messages", [0, 1, 2000, 5000], ids="killed after {} messages".format)
@pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
def test_kill_in_the_middle_neither_loses_nor_repeats_a_row(
    chat: Chat, flow: FlowSettings, recovery: bool, messages: int
) -> None:
    slow = flow.but(recovery=recovery, snapshot_seconds=0).with_environment(**_SMALL_COMMITS)

    kill_after(slow, messages)
    finished = run_flow(slow)

    assert finished.status == 0, finished.words
    assert_all_as_expected(chat, flow)


def test_several_kills_in_a_row_neither_lose_nor_repeat_a_row(
    chat: Chat, flow: FlowSettings
) -> None:
    slow = flow.but(snapshot_seconds=0).with_environment(**_SMALL_COMMITS)

    for messages in (500, 1500, 3000, 4500, 6000):
        kill_after(slow, messages)
    finished = run_flow(slow)

    assert finished.status == 0, finished.words
    assert_all_as_expected(chat, flow)


def test_lost_recovery_folder_neither_loses_nor_repeats_a_row(
    chat: Chat, flow: FlowSettings
) -> None:
    slow = flow.but(snapshot_seconds=0).with_environment(**_SMALL_COMMITS)

    kill_after(slow, 3000)
    shutil.rmtree(flow.recovery_folder)
    finished = run_flow(slow)

    assert finished.status == 0, finished.words
    assert_all_as_expected(chat, flow)


def test_sigterm_in_the_middle_drains_and_the_next_start_goes_on(
    chat: Chat, flow: FlowSettings
) -> None:
    slow = flow.but(snapshot_seconds=0).with_environment(**_SMALL_COMMITS)

    with FlowProcess(slow) as running:
        stored = running.until_stored(3000)
        running.send_signal(signal.SIGTERM)
        drained = running.wait()
    finished = run_flow(slow)

    assert drained.status == 0, drained.words
    assert stored < chat.expected["messages"].total()
    assert finished.status == 0, finished.words
    assert_all_as_expected(chat, flow)


def kill_after(flow: FlowSettings, messages: int) -> None:
    """Kill -9 a little after a commit, when the next one is under way."""
    with FlowProcess(flow) as running:
        stored = running.until_stored(messages)
        time.sleep(0.02)
        assert running.is_running, running.wait().words
        running.send_signal(signal.SIGKILL)
        assert running.wait().status == -signal.SIGKILL
    assert stored >= messages


def assert_all_as_expected(chat: Chat, flow: FlowSettings) -> None:
    wrong = differences(stored_tables(flow.store), chat.expected)
    assert not wrong, "\n".join(wrong)
    suffix = flow.environment["CHAT_DEAD_LETTERS__TOPIC_SUFFIX"]
    copies = read_records(flow.bootstrap_servers, [topic + suffix for topic in _TOPICS])
    same = found_copies(copies) == expected_copies(chat.records, suffix, _TEN_YEARS)
    assert same, "the dead-letter topics hold other records than they should"
    sent, delivered = pushes(flow.store)
    assert delivered == sent


def pushes(store: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Message and user of each push that was to be sent, and of each that was delivered."""
    pair = "SELECT message_id || ' ' || kafka_offset, user_id FROM"
    with duckdb.connect(str(store), read_only=True) as connection:
        sent = connection.execute(f"{pair} push_decisions WHERE decision = 'sent' ORDER BY ALL")
        decided = sent.fetchall()
        done = connection.execute(f"{pair} push_deliveries ORDER BY ALL")
        return decided, done.fetchall()
