"""The flow, started as the image starts it, drains when its container is stopped."""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
from typing_extensions import override

from tests.deploy.dockerfile import command, of_image
from tests.deploy.talk import EVENTS, talk
from tests.expectation import SUFFIX, TOPICS, UNHURRIED, Expectation, unhurried_rules
from tests.flow_process import FlowProcess, FlowSettings, run_flow
from traffic.embedded import EmbeddedBroker


@dataclass(frozen=True)
class ContainerFlow(FlowSettings):
    """A run by the words of the Dockerfile, which finds its Python on the PATH."""

    @override
    def arguments(self) -> list[str]:
        return command()

    @override
    def variables(self) -> dict[str, str]:
        own = str(Path(sys.executable).parent)
        return {**super().variables(), "PATH": os.pathsep.join([own, os.environ["PATH"]])}


def read_below_the_marks(store: Path) -> tuple[int, int]:
    """How many records the store says it has read, and how many rows it has of them."""
    with duckdb.connect(str(store), read_only=True) as database:
        marks = "SELECT sum(next_offset) FROM kafka_offsets WHERE sink = 'store'"
        rows = " + ".join(
            f"(SELECT count(*) FROM {table})"
            for table in ("messages", "user_events", "dead_letters")
        )
        found = database.execute(f"SELECT ({marks})::BIGINT, {rows}").fetchone()
    assert found is not None
    return found


def test_stopped_container_has_stored_all_that_it_read(
    embedded: EmbeddedBroker, tmp_path: Path
) -> None:
    for topic in TOPICS:
        embedded.create_topic(topic + SUFFIX)
    talk(embedded, hours_ago=6)
    flow = ContainerFlow(
        embedded.bootstrap_servers, tmp_path, "container", UNHURRIED, stop_at_end=False
    )
    [stop] = of_image("STOPSIGNAL")

    with FlowProcess(flow) as running:
        running.until_stored(EVENTS // 2)
        talk(embedded, hours_ago=4)  # so that it is in the middle of something
        running.send_signal(signal.Signals[stop.text])
        stopped = running.wait()
    read, rows = read_below_the_marks(flow.store)
    finished = run_flow(FlowSettings(flow.bootstrap_servers, tmp_path, "container", UNHURRIED))

    assert stopped.status == 0, stopped.words
    assert rows == read >= EVENTS // 2
    assert finished.status == 0, finished.words
    expected = Expectation.of(embedded.bootstrap_servers, TOPICS, unhurried_rules())
    expected.check(flow, SUFFIX)
