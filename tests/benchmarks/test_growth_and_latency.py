"""The measures of growth and of latency run on a handful of events; nothing here is about time."""

import pytest

from benchmarks import growth, latency
from tests.kafka_server import KafkaServer

pytestmark = pytest.mark.kafka


def test_growth_is_measured_with_everybody_in_the_state(
    kafka: KafkaServer, capsys: pytest.CaptureFixture[str]
) -> None:
    brokers = ["--brokers", kafka.bootstrap_servers]
    assert growth.main([*brokers, "--events", "2000", "--scale", "50", "--cases", "2"]) == 0
    told = capsys.readouterr().out
    assert "\n| 20,000 users, 10 groups, 0 messages stored |" in told
    assert "2,000 events each" in told


def test_latency_is_measured_for_rows_and_for_pushes(
    kafka: KafkaServer, capsys: pytest.CaptureFixture[str]
) -> None:
    brokers = ["--brokers", kafka.bootstrap_servers]
    short = ["--rates", "200", "--seconds", "4", "--warm-up", "1"]
    assert latency.main([*brokers, *short]) == 0
    told = capsys.readouterr().out
    assert "| 200       | record to row, visible to another process |" in told
    assert "record to push decision |" in told
