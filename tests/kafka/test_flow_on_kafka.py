"""The acceptance on a real Kafka: 200,000 events, every table equal to the oracle's."""

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.kafka import KafkaSettings
from tests.expectation import TOPICS, Expectation, now_ms
from tests.flow_process import FlowProcess, FlowSettings, run_flow
from tests.golden_records import produce_golden
from tests.kafka_server import KafkaServer
from tests.oracle.values import Rules
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_EVENTS = 200_000
_SECONDS = 4000.0
_NAMES = {topic: f"acceptance-{topic}" for topic in TOPICS}


@dataclass(frozen=True)
class Chat:
    """A long chat in topics of its own, and what is to come of it."""

    kafka: KafkaServer
    expected: Expectation

    def flow(self, folder: Path) -> FlowSettings:
        """A run that nobody has begun: its own store, group and dead-letter topics."""
        suffix = f".dlq-{folder.name}"
        self.kafka.create_topics(*(topic + suffix for topic in _NAMES.values()))
        variables = {
            **topic_variables(_NAMES),
            "CHAT_DEAD_LETTERS__TOPIC_SUFFIX": suffix,
        }
        return FlowSettings(self.kafka.bootstrap_servers, folder, folder.name, variables)

    def check(self, flow: FlowSettings) -> None:
        self.expected.check(flow, flow.environment["CHAT_DEAD_LETTERS__TOPIC_SUFFIX"])


@pytest.fixture(scope="module")
def chat(kafka: KafkaServer) -> Chat:
    names = _NAMES
    kafka.create_topics(*names.values())
    produce_golden(kafka.bootstrap_servers, names)
    topics = {topic.replace("-", "_"): name for topic, name in names.items()}
    settings = KafkaSettings.model_validate(
        {"brokers": [kafka.bootstrap_servers], "topics": topics}
    )
    plan = Plan(
        start=datetime.now(UTC) - timedelta(hours=4),
        rate=_EVENTS / _SECONDS,
        seconds=_SECONDS,
        poison_ratio=0.01,
        duplicate_ratio=0.02,
        out_of_order_ratio=0.05,
    )
    with ChatProducer(settings) as producer:
        run(plan, producer)
    rules = Rules(clock=now_ms())
    return Chat(kafka, Expectation.of(kafka.bootstrap_servers, tuple(names.values()), rules))


def test_every_table_equals_the_oracle_and_no_lag_is_left(chat: Chat, tmp_path: Path) -> None:
    flow = chat.flow(tmp_path)

    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    chat.check(flow)
    assert offsets_and_lag(chat.kafka, flow.group_id) == {
        place: (end, 0) for place, end in chat.expected.end_offsets().items()
    }


def test_kill_after_the_first_commit_neither_loses_nor_repeats_a_row(
    chat: Chat, tmp_path: Path
) -> None:
    flow = chat.flow(tmp_path)

    with FlowProcess(flow) as running:
        stored = running.until_stored(1)
        running.send_signal(signal.SIGKILL)
        killed = running.wait()
    finished = run_flow(flow)

    assert killed.status == -signal.SIGKILL, killed.words
    assert 0 < stored < chat.expected.messages
    assert finished.status == 0, finished.words
    chat.check(flow)


def topic_variables(names: Mapping[str, str]) -> dict[str, str]:
    """The environment that tells the flow the names of its topics."""
    return {
        f"CHAT_KAFKA__TOPICS__{topic.replace('-', '_').upper()}": name
        for topic, name in names.items()
    }


def offsets_and_lag(kafka: KafkaServer, group_id: str) -> dict[tuple[str, int], tuple[int, int]]:
    """What `kafka-consumer-groups --describe` shows: current offset and lag by partition."""
    described = kafka.tool("kafka-consumer-groups", "--describe", "--group", group_id)
    assert described.returncode == 0, described.stderr
    line = re.compile(rf"^{re.escape(group_id)}\s+(\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s", re.M)
    return {
        (topic, int(partition)): (int(current), int(lag))
        for topic, partition, current, _, lag in line.findall(described.stdout)
    }
