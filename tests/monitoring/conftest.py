"""One flow that runs and has read odd traffic, for all tests that ask it something."""

import contextlib
import re
import signal
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.scrape import FlowSilentError, Scrape, fetch
from dataflows import instruments
from sinks.lease import open_for_reading
from tests.expectation import SUFFIX, TOPICS, UNHURRIED, now_ms
from tests.faults.canaries import CANARIES
from tests.flow_process import FlowProcess, FlowSettings
from tests.http_server import PushServer, answer
from tests.odd_traffic import OddRecord, odd_story, produce
from traffic.embedded import EmbeddedBroker

_PATIENCE = 60.0
_REST = 6.0
"""Longer than quiet partitions, the order of time and the grace together hold a decision back."""
_COMMITTED = 3.0
"""Longer than until what was told is stored."""
LATE_KIND = 77
"""The content type of messages that come too late, and of no others."""
_CANARY = CANARIES["message"]


@dataclass(frozen=True)
class Watched:
    """A flow that was watched: what it told at its rest; what it stored is as it was at its end."""

    sent: list[OddRecord]
    flow: FlowSettings
    scrape: Scrape
    openmetrics: tuple[str, str]
    """Content type and text for whoever asks for that form."""
    status: int
    closed: tuple[float, int]
    """Windows closed at one moment: as it was told, and as it was stored."""


def url_of(flow: FlowSettings) -> str:
    """Where a flow that has just started tells its metrics, by its log."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if found := re.search(r"metrics and health are at (\S+)", log_of(flow)):
            return found[1]
        time.sleep(0.02)
    raise AssertionError(log_of(flow))


def log_of(flow: FlowSettings) -> str:
    return (flow.folder / "flow.log").read_text(errors="replace")


def until(url: str, done: str, value: float) -> Scrape:
    """Ask until a sum of samples is at least this."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(FlowSilentError):
            found = fetch(url, time.monotonic())
            if found.total(done) >= value:
                return found
        time.sleep(0.05)
    raise AssertionError(f"{done} is not {value}: {found.samples.get(done)}")


def live_flow(broker: EmbeddedBroker, folder: Path, **variables: str) -> FlowSettings:
    """A flow that runs until it is told to stop, and says where it listens."""
    for topic in TOPICS:
        broker.create_topic(topic + SUFFIX)
    environment = {**UNHURRIED, "CHAT_LOG__LEVEL": "INFO", **variables}
    return FlowSettings(
        *(broker.bootstrap_servers, folder, "watched", environment),
        recovery=False,
        stop_at_end=False,
    )


def _with_canaries() -> list[OddRecord]:
    """Odd traffic of now, and events whose every text would be a label if any were."""
    now = now_ms()
    story = odd_story(5, now - 60_000, events=600, pace_ms=100)
    own_type = f'{{"event_type":"{_CANARY}","user_id":"{_CANARY}","timestamp":{now // 1000}}}'
    data = f'{{"from":"{_CANARY}","to":"{_CANARY}","messageId":"{_CANARY}","content":"x"}}'
    said = f'{{"event_type":"group_message","timestamp":{now // 1000},"message_data":{data}}}'
    values = (own_type.encode(), said.encode(), _CANARY.encode())
    return [*story, *(OddRecord(TOPICS[0], 0, value, now) for value in values)]


def _late(stamp: int, name: str) -> OddRecord:
    """A message of its own kind that was sent at an instant long ago and comes now."""
    data = f'{{"to":"bob","contentType":{LATE_KIND},"messageId":"{name}"}}'
    value = f'{{"event_type":"message","timestamp":{stamp},"message_data":{data}}}'
    return OddRecord(TOPICS[0], 0, value.encode(), now_ms())


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The flow after it has stored everything; it drains before the tests look at the database."""
    server = PushServer(answer(200), answer(503), answer(400), answer(200))
    variables = {
        # What is open when the flow has come to rest would be decided after the last answer.
        "CHAT_PRESENCE__OFFLINE_GRACE": "1 s",
        "CHAT_STATS__WINDOW_LENGTH": "1 s",
        "CHAT_STATS__ALLOWED_LATENESS": "0 s",
        "CHAT_PUSH__PROVIDER": "webhook",
        "CHAT_PUSH__WEBHOOK__URL": server.url,
        "CHAT_PUSH__WEBHOOK__SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }
    with EmbeddedBroker(TOPICS) as broker:
        flow = live_flow(broker, tmp_path_factory.mktemp("watched"), **variables)
        produce(broker.bootstrap_servers, sent := _with_canaries())
        with FlowProcess(flow) as running:
            url = url_of(flow)
            until(url, instruments.RECORDS.name, len(sent))
            until(url, instruments.DELIVERIES.name, 3)
            until(url, instruments.WINDOWS.name, 1)
            stamp = now_ms() // 1000 - 60
            for name in ("first", "second"):
                produce(broker.bootstrap_servers, late := [_late(stamp, name)])
                sent += late
                until(url, instruments.RECORDS.name, len(sent))
                scrape = _settled(url)
            closed = _closed(url, flow)
            openmetrics = _openmetrics(url)
            running.send_signal(signal.SIGTERM)
            status = running.wait().status
    server.close()
    return Watched(sent, flow, scrape, openmetrics, status, closed)


def _closed(url: str, flow: FlowSettings) -> tuple[float, int]:
    """Ask until no window has closed in between: those of stamps from the future do at any time."""
    sql = "SELECT count(DISTINCT window_start) FROM message_stats WHERE closed"
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        told = fetch(url, time.monotonic()).total(instruments.WINDOWS.name)
        time.sleep(_COMMITTED)
        with open_for_reading(flow.store) as database:
            [(stored,)] = database.execute(sql).fetchall()
        if fetch(url, time.monotonic()).total(instruments.WINDOWS.name) == told:
            return told, stored
    raise AssertionError("windows are closed again and again")


def _openmetrics(url: str) -> tuple[str, str]:
    accept = "application/openmetrics-text; version=1.0.0"
    request = urllib.request.Request(f"{url}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def _settled(url: str) -> Scrape:
    """Ask until two answers in a row say that nothing is stored any more, and nothing waits."""
    deadline = time.monotonic() + _PATIENCE
    before = fetch(url, time.monotonic())
    while time.monotonic() < deadline:
        time.sleep(_REST)
        found = fetch(url, time.monotonic())
        rows = instruments.SINK_ROWS.name
        lag = found.total(instruments.LAG.name)
        if not lag and found.samples[rows] == before.samples[rows]:
            return found
        before = found
    raise AssertionError("the flow does not come to rest")
