"""The flow as it runs for years: from the end of the topics, never finishing by itself."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.kafka import KafkaSettings
from sinks.lease import open_for_reading
from sinks.topics import topic_names
from tests.flow_process import FlowProcess, FlowSettings
from traffic.embedded import EmbeddedBroker
from traffic.producer import ChatProducer


@pytest.fixture
def kafka(embedded: EmbeddedBroker) -> KafkaSettings:
    found = KafkaSettings(brokers=[embedded.bootstrap_servers])
    for topic in topic_names(found, ".dlq")[3:]:
        embedded.create_topic(topic)
    return found


@pytest.fixture
def flow(kafka: KafkaSettings, tmp_path: Path) -> FlowSettings:
    settings = FlowSettings(kafka.brokers[0], tmp_path, "live", stop_at_end=False)
    return settings.with_environment(CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET="latest")


def users(flow: FlowSettings) -> list[str]:
    """Whose events are stored, read beside the flow."""
    with open_for_reading(flow.store) as database:
        return [name for (name,) in database.execute("SELECT user_id FROM user_events").fetchall()]


def marks(flow: FlowSettings) -> int:
    with open_for_reading(flow.store) as database:
        found = database.execute("SELECT count(*) FROM kafka_offsets WHERE sink = 'store'")
        return int((found.fetchone() or (0,))[0])


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def come_online(kafka: KafkaSettings, *names: str) -> None:
    with ChatProducer(kafka) as producer:
        for name in names:
            producer.send_user_event("user_online", name, {"client_ip": "203.0.113.7:5"})


def test_latest_begins_at_the_end_once_and_later_misses_nothing(
    kafka: KafkaSettings, flow: FlowSettings
) -> None:
    come_online(kafka, "before")
    with FlowProcess(flow) as running:
        until(lambda: flow.store.exists() and marks(flow) == 9)
        running.send_signal(signal.SIGTERM)
        assert running.wait().status == 0
    come_online(kafka, "meanwhile")
    with FlowProcess(flow) as running:
        until(lambda: users(flow) == ["meanwhile"])
        come_online(kafka, "after")
        until(lambda: users(flow) == ["meanwhile", "after"])
        running.send_signal(signal.SIGINT)
        assert running.wait().status == 0
    assert users(flow) == ["meanwhile", "after"]


def test_quiet_topics_close_a_grace_by_the_time_that_passes(
    kafka: KafkaSettings, flow: FlowSettings
) -> None:
    quick = {
        "CHAT_PRESENCE__OFFLINE_GRACE": "1",
        "CHAT_PRESENCE__ALLOWED_LATENESS": "0",
        "CHAT_SOURCE__IDLE_TIMEOUT": "0.2",
    }
    with FlowProcess(flow.with_environment(**quick)) as running:
        until(lambda: flow.store.exists() and marks(flow) == 9)
        with ChatProducer(kafka) as producer:
            for kind in ("user_online", "user_offline"):
                producer.send_user_event(kind, "ann", {"client_ip": "203.0.113.7:5"})
        until(lambda: statuses(flow) == ["online", "offline"])
        running.send_signal(signal.SIGTERM)
        assert running.wait().status == 0


def statuses(flow: FlowSettings) -> list[str]:
    with open_for_reading(flow.store) as database:
        found = database.execute("SELECT status FROM presence_changes")
        return [status for (status,) in found.fetchall()]
