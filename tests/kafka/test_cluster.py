"""Several processes on a real Kafka and a real Postgres: every table equal to the oracle's."""

import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from config.kafka import KafkaSettings
from tests.expectation import TOPICS, UNHURRIED, Expectation, unhurried_rules
from tests.flow_cluster import FlowCluster
from tests.flow_process import Finished, FlowSettings, run_flow
from tests.golden_records import produce_golden
from tests.held_commit import HeldCommit
from tests.kafka.test_flow_on_kafka import topic_variables
from tests.kafka_server import KafkaServer
from tests.postgres_server import PostgresServer
from tests.stored import stored_messages
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_EVENTS = 20_000
_SECONDS = 2000.0
_NAMES = {topic: f"cluster-{topic}" for topic in TOPICS}


@dataclass(frozen=True)
class Chat:
    """A long chat in topics of its own, and what is to come of it."""

    kafka: KafkaServer
    postgres: PostgresServer
    expected: Expectation

    def flow(self, folder: Path) -> FlowSettings:
        """A run that nobody has begun: its own database, group and dead-letter topics."""
        suffix = f".dlq-{folder.name}"
        self.kafka.create_topics(*(topic + suffix for topic in _NAMES.values()))
        variables = {
            **topic_variables(_NAMES),
            **UNHURRIED,
            "CHAT_DEAD_LETTERS__TOPIC_SUFFIX": suffix,
        }
        return FlowSettings(
            self.kafka.bootstrap_servers,
            folder,
            folder.name,
            variables,
            recovery=False,
            postgres_url=self.postgres.create_database(),
        )

    def check(self, flow: FlowSettings) -> None:
        self.expected.check(flow, flow.environment["CHAT_DEAD_LETTERS__TOPIC_SUFFIX"])


@pytest.fixture(scope="module")
def chat(kafka: KafkaServer, postgres_server: PostgresServer) -> Chat:
    kafka.create_topics(*_NAMES.values())
    produce_golden(kafka.bootstrap_servers, _NAMES)
    topics = {topic.replace("-", "_"): name for topic, name in _NAMES.items()}
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
    expected = Expectation.of(kafka.bootstrap_servers, tuple(_NAMES.values()), unhurried_rules())
    return Chat(kafka, postgres_server, expected)


def test_every_table_equals_the_oracle(chat: Chat, tmp_path: Path) -> None:
    flow = chat.flow(tmp_path)
    # Nobody waits for a record in vain here: the time of the tables ends with the newest event.
    endless = flow.but(stop_at_end=False).with_environment(CHAT_SOURCE__IDLE_TIMEOUT="1h")

    with FlowCluster(endless, 3) as processes:
        processes[0].until_stored(chat.expected.messages)
        processes[0].send_signal(signal.SIGTERM)
        drained = processes.wait()
    with FlowCluster(flow, 3) as processes:
        finished = processes.wait()

    assert [each.status for each in (*drained, *finished)] == [0] * 6, (drained, finished)
    chat.check(flow)


@pytest.mark.parametrize("number", [0, 2], ids=["the first", "another"])
def test_kill_of_one_process_ends_all_and_the_next_start_goes_on(
    chat: Chat, tmp_path: Path, number: int
) -> None:
    flow = chat.flow(tmp_path)

    with HeldCommit(flow.postgres_url) as held, FlowCluster(slowly(flow, 3), 3) as processes:
        held.until_reached(processes[0])
        processes[number].send_signal(signal.SIGKILL)
        held.release()
        killed = processes.wait()
    with FlowCluster(flow, 3) as processes:
        finished = processes.wait()

    assert killed.pop(number).status == -signal.SIGKILL, killed
    assert [each.status for each in killed] == [1, 1], killed
    assert all("another process of the flow has ended" in each.words for each in killed), killed
    assert [each.status for each in finished] == [0, 0, 0], finished
    chat.check(flow)


def test_sigterm_to_one_drains_all_and_any_number_of_processes_goes_on(
    chat: Chat, tmp_path: Path
) -> None:
    flow = chat.flow(tmp_path)

    stopped = [stopped_in_the_middle(flow, processes) for processes in (1, 3, 2)]
    stored = stored_messages(flow.database)
    last = run_flow(flow)

    found = [*chain.from_iterable(stopped), last]
    assert [each.status for each in found] == [0] * len(found), found
    assert 0 < stored < chat.expected.messages
    chat.check(flow)


def stopped_in_the_middle(flow: FlowSettings, processes: int) -> list[Finished]:
    """Run so many processes and tell the last one to stop."""
    with (
        HeldCommit(flow.postgres_url) as held,
        FlowCluster(slowly(flow, processes), processes) as cluster,
    ):
        held.until_reached(cluster[0])
        cluster[processes - 1].send_signal(signal.SIGTERM)
        held.release()
        return cluster.wait()


def slowly(flow: FlowSettings, processes: int) -> FlowSettings:
    """So that it takes more than ten commits: there is a middle to stop in."""
    if processes == 1:
        return flow.in_small_commits()
    # Two thousand seconds of events, each of them waited for until the others have come as far.
    return flow.with_environment(CHAT_SOURCE__MAX_SKEW="1s", CHAT_SOURCE__BATCH_SIZE="20")
