"""Metrics and health of flows as a user starts them."""

import contextlib
import math
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cli.scrape import fetch
from tests.documents import ROOT
from tests.expectation import TOPICS
from tests.flow_process import FlowProcess
from tests.monitoring.conftest import live_flow, log_of, url_of
from traffic.embedded import EmbeddedBroker

_PATIENCE = 60.0


def verdict(url: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url + path, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def until_verdict(url: str, path: str, status: int) -> str:
    deadline = time.monotonic() + _PATIENCE
    while (found := verdict(url, path))[0] != status:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found[1]


def until_an_epoch_has_closed(url: str) -> None:
    deadline, age = time.monotonic() + _PATIENCE, -math.inf
    while (found := fetch(url, 0.0).total("chatflow_epoch_age_seconds")) >= age:
        assert time.monotonic() < deadline, found
        age = found
        time.sleep(0.05)


def test_health_follows_the_flow_from_its_start_over_an_outage_to_its_end(tmp_path: Path) -> None:
    with contextlib.ExitStack() as undo:
        broker = undo.enter_context(EmbeddedBroker(TOPICS))
        flow = live_flow(broker, tmp_path)
        with FlowProcess(flow) as running:
            url = url_of(flow)
            assert verdict(url, "/healthz") == (200, "ok\n")
            assert until_verdict(url, "/readyz", 200) == "ok\n"
            until_an_epoch_has_closed(url)  # what is written to needs the brokers to begin
            undo.close()
            assert "brokers: nobody says where" in until_verdict(url, "/readyz", 503)
            assert verdict(url, "/healthz") == (200, "ok\n")
            assert fetch(url, 0.0).total("chatflow_ready") == 0
            running.send_signal(signal.SIGTERM)
            assert running.wait().status == 0


def test_a_second_flow_on_the_same_port_says_so_and_ends(
    embedded: EmbeddedBroker, tmp_path: Path
) -> None:
    first = live_flow(embedded, tmp_path / "first")
    with FlowProcess(first):
        port = url_of(first).rpartition(":")[2]
        second = first.but(folder=tmp_path / "second").with_environment(CHAT_METRICS__PORT=port)
        with FlowProcess(second) as running:
            finished = running.wait()
    assert finished.status == 1
    words = finished.words.splitlines()[-1]
    assert words.startswith(f"chatflow: cannot answer /metrics at 127.0.0.1:{port} (Address")


def test_a_flow_that_is_not_to_be_watched_listens_nowhere(
    embedded: EmbeddedBroker, tmp_path: Path
) -> None:
    flow = live_flow(embedded, tmp_path, CHAT_METRICS__ENABLED="false").but(stop_at_end=True)
    with FlowProcess(flow) as running:
        assert running.wait().status == 0
    assert "metrics and health" not in log_of(flow)


def test_a_start_loads_no_client_that_it_may_not_need() -> None:
    code = "import sys, dataflows.chat; print(*{'httpx', 'prometheus_client'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
