"""The measures of growth and of latency run on a handful of events; nothing here is about time."""

import pytest

from benchmarks import growth, latency
from benchmarks.old_messages import store_old_messages
from schemas.events import Progress, TopicPartition
from schemas.packed import rows_in
from tests.builders import CHAT
from tests.kafka_server import KafkaServer
from tests.places import DuckDBPlace
from tests.sinks.stores import remembered, run

pytestmark = pytest.mark.kafka


def test_growth_is_measured_with_everybody_in_the_state(
    kafka: KafkaServer, capsys: pytest.CaptureFixture[str]
) -> None:
    brokers = ["--brokers", kafka.bootstrap_servers]
    few = ["--events", "2000", "--scale", "50", "--cases", "2", "--repeat", "1"]
    assert growth.main([*brokers, *few]) == 0
    told = capsys.readouterr().out
    assert "\n| 20,000 users, 10 groups, 0 messages stored |" in told
    assert "2,000 events each, 1 run" in told


def test_old_messages_stand_where_the_flow_reads_on_in_windows_that_are_closed(
    duckdb_place: DuckDBPlace,
) -> None:
    run(duckdb_place, [Progress(CHAT, 0, None)])
    store_old_messages(duckdb_place.path, "chat", 900)
    memory = remembered(duckdb_place)
    assert list(memory.open_windows(60_000, memory.closed_until())) == []
    for partition in range(3):
        found = list(rows_in(memory.message_ids(TopicPartition("chat", partition), 0, 600_000)))
        assert len(found) == 300
        assert found[-1][0] == f"old-{897 + partition}"


def test_latency_is_measured_for_rows_and_for_pushes(
    kafka: KafkaServer, capsys: pytest.CaptureFixture[str]
) -> None:
    brokers = ["--brokers", kafka.bootstrap_servers]
    short = ["--rates", "200", "--seconds", "4", "--warm-up", "1"]
    assert latency.main([*brokers, *short]) == 0
    told = capsys.readouterr().out
    assert "| 200       | record to row, visible to another process |" in told
    assert "record to push decision |" in told
