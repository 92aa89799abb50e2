"""What each process of a cluster tells: of what is stored, only the one that stores it."""

import signal
import time
from collections.abc import Sequence
from pathlib import Path

from cli.scrape import Scrape, fetch
from dataflows import instruments as name
from tests.expectation import TOPICS, now_ms
from tests.flow_cluster import FlowCluster
from tests.flow_process import FlowProcess, FlowSettings
from tests.held_commit import HeldCommit
from tests.kafka_server import free_ports
from tests.monitoring.conftest import live_flow, log_of, until, url_of
from tests.monitoring.test_running_flow import until_verdict, verdict
from tests.odd_traffic import OddRecord, odd_story, produce
from traffic.embedded import EmbeddedBroker

_PATIENCE = 60.0
_PARTITIONS = {(topic, str(number)) for topic in TOPICS for number in range(3)}
OF_THE_FIRST = [
    *(name.LAG, name.DELAY, name.PARTITION_DELAY, name.EPOCH_AGE, name.COMMITTING),
    *(name.COMMITTED_AT, name.ONLINE_USERS, name.KNOWN_USERS, name.PENDING),
]


def lags(scrape: Scrape) -> dict[tuple[str, str], float]:
    """By topic and partition."""
    found = scrape.samples.get(name.LAG.name, {})
    places = {labels: dict(labels) for labels in found}
    return {(places[at]["topic"], places[at]["partition"]): lag for at, lag in found.items()}


def until_read(urls: Sequence[str], records: int) -> None:
    """Wait until the processes have read so many together."""
    deadline = time.monotonic() + _PATIENCE
    while (found := sum(fetch(url, 0.0).total(name.RECORDS.name) for url in urls)) < records:
        assert time.monotonic() < deadline, f"{found} of {records} are read"
        time.sleep(0.05)
    assert found == records


def until_all_is_stored(url: str) -> Scrape:
    """Wait until no partition that is told of has a lag."""
    deadline = time.monotonic() + _PATIENCE
    while any(lags(found := fetch(url, 0.0)).values()):
        assert time.monotonic() < deadline, lags(found)
        time.sleep(0.05)
    return found


def until_said(flow: FlowSettings, words: str) -> None:
    """Wait until the flow's log has these words."""
    deadline = time.monotonic() + _PATIENCE
    while words not in (found := log_of(flow)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def told(scrape: Scrape) -> set[str]:
    return {metric.name for metric in OF_THE_FIRST if metric.name in scrape.samples}


def odd_records(seed: int) -> list[OddRecord]:
    return odd_story(seed, now_ms() - 20_000, events=200, pace_ms=100)


def test_the_first_process_tells_the_lag_of_all_partitions_and_no_other_one_does(
    embedded: EmbeddedBroker, postgres_url: str, tmp_path: Path
) -> None:
    flow = live_flow(embedded, tmp_path).but(postgres_url=postgres_url)
    produce(embedded.bootstrap_servers, before := odd_records(1))

    with HeldCommit(postgres_url) as held, FlowCluster(flow, 2) as cluster:
        first, other = urls = [
            url_of(flow.but(folder=tmp_path / f"process-{number}")) for number in (0, 1)
        ]
        assert [until_verdict(url, "/readyz", 200) for url in urls] == ["ok\n"] * 2
        until(first, f"{name.COMMIT_SECONDS.name}_count", 1)
        produce(embedded.bootstrap_servers, meanwhile := odd_records(2))
        held.until_reached(cluster[0])
        unstored = until(first, name.LAG.name, 1)
        held.release()
        until_read(urls, len(before) + len(meanwhile))
        stored, beside = until_all_is_stored(first), fetch(other, 0.0)
        lives = [verdict(url, "/healthz") for url in urls]

    assert lags(unstored).keys() == lags(stored).keys() == _PARTITIONS
    assert told(stored) == {metric.name for metric in OF_THE_FIRST}
    assert told(beside) == set()
    assert beside.total(name.RECORDS.name) > stored.total(name.RECORDS.name) > 0
    assert lives == [(200, "ok\n")] * 2


def test_a_process_waits_for_the_first_one_as_long_as_nobody_stops_it(
    embedded: EmbeddedBroker, postgres_url: str, tmp_path: Path
) -> None:
    addresses = ";".join(f"127.0.0.1:{port}" for port in free_ports(2))
    flow = live_flow(embedded, tmp_path, CHAT_STORE__LOCK_TIMEOUT="1s").but(
        postgres_url=postgres_url, more_arguments=("-i", "1", "-a", addresses)
    )
    with FlowProcess(flow) as waiting:
        url = url_of(flow)
        until_said(flow, "process 1 of 2 waits for process 0, which has not begun")
        assert verdict(url, "/healthz") == (200, "ok\n")
        assert verdict(url, "/readyz") == (503, "starting\n")
        waiting.send_signal(signal.SIGTERM)
        finished = waiting.wait()

    assert finished.status == 0, finished.words
    assert finished.words.endswith("stopped before the flow ran; nothing was read\n")
