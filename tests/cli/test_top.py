"""`chatflow top`, on answers as a flow gives them, and as a user runs it."""

import io
import math
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from rich.console import Console

from cli.scrape import FlowSilentError, Scrape, fetch, quantile
from cli.top_frame import TopFrame, Window
from cli.top_view import line, picture
from dataflows.status_server import Answer, StatusServer
from tests.cli.running import chatflow

URL = "http://127.0.0.1:9464"


def text(*, records: int = 0, started: int = 1, commits: tuple[int, int] = (0, 0)) -> str:
    """What a flow says; `commits` are those below 0.1 s, and all."""
    fast, every = commits
    return f"""
chatflow_build_info{{version="1.2.3"}} 1
chatflow_ready 1
chatflow_records_consumed_total{{topic="chat-messages"}} {records}
chatflow_consumer_lag_records{{topic="chat-messages",partition="0"}} 40
chatflow_consumer_lag_records{{topic="chat-messages",partition="1"}} 2
chatflow_watermark_delay_seconds 1.5
chatflow_commit_seconds_bucket{{le="0.1"}} {fast}
chatflow_commit_seconds_bucket{{le="0.5"}} {every}
chatflow_commit_seconds_bucket{{le="+Inf"}} {every}
chatflow_commit_seconds_count {every}
chatflow_users_online 7
chatflow_dead_letters_total{{topic="chat-messages",reason="invalid_json"}} 1
chatflow_dead_letters_total{{topic="chat-messages",reason="empty_value"}} 3
chatflow_dead_letters_total{{topic="chat-messages",reason="missing_user"}} 0
chatflow_push_decisions_total{{decision="sent",reason="offline"}} 5
chatflow_push_deliveries_total{{outcome="delivered"}} 4
chatflow_push_pending 1
process_resident_memory_bytes 104857600
process_start_time_seconds {started}
"""


def answered(body: str) -> Iterator[StatusServer]:
    page = Answer(HTTPStatus.OK, "text/plain", body.encode())
    server = StatusServer("127.0.0.1", 0, {"/metrics": lambda accept: page})
    yield server
    server.close()


@pytest.fixture
def flow() -> Iterator[StatusServer]:
    yield from answered(text(records=100))


@pytest.fixture
def stranger() -> Iterator[StatusServer]:
    yield from answered("<html>hello</html>")


def scrape(at: float, body: str) -> Scrape:
    for server in answered(body):
        return fetch(server.url, at)
    raise AssertionError


def frame(*scrapes: Scrape) -> TopFrame:
    window = Window()
    for found in scrapes:
        window.add(found)
    return window.frame(scrapes[-1].at)


def test_rates_are_of_the_last_ten_seconds() -> None:
    found = frame(*(scrape(at, text(records=at * at)) for at in (0, 10, 20)))
    assert found.rates == {"chat-messages": 30}


def test_a_restart_of_the_flow_is_no_negative_rate() -> None:
    found = frame(scrape(0, text(records=900)), scrape(5, text(records=10, started=2)))
    assert found.rates == {"chat-messages": 0}


def test_what_a_flow_says_becomes_the_figures() -> None:
    found = frame(scrape(0, text()))
    assert (found.version, found.ready, found.lag, found.delay) == ("1.2.3", True, 42, 1.5)
    assert (found.online, found.memory) == (7, 100 * 1024**2)
    assert found.pushes == {"sent": 5, "delivered": 4, "pending": 1}
    assert list(found.dead_letters.items()) == [("empty_value", 3), ("invalid_json", 1)]


def test_what_a_process_does_not_know_is_left_open() -> None:
    beside = """
chatflow_build_info{version="1.2.3"} 1
chatflow_ready 1
chatflow_records_consumed_total{topic="chat-messages"} 5
"""
    found = frame(scrape(0, beside))
    assert (found.lag, found.delay, found.online, found.known) == (None,) * 4
    assert line(found).startswith("ready  0 records/s  lag -  delay -  commit p50 -")
    picture(found, URL, 100)


def test_times_of_commits_are_of_the_last_minute() -> None:
    slow_before = scrape(0, text(commits=(0, 100)))
    fast_since = scrape(30, text(commits=(100, 200)))
    assert frame(slow_before).commit_p50 == pytest.approx(0.3)
    assert frame(slow_before, fast_since).commit_p50 == pytest.approx(0.05)
    assert frame(slow_before, fast_since).commit_p99 == pytest.approx(0.099)


def test_a_quantile_is_that_of_prometheus() -> None:
    assert quantile(0.5, "nothing", scrape(0, text()), None) is None
    beyond = Scrape(0, {"x_bucket": {_le("1"): 1, _le("+Inf"): 4}})
    assert quantile(0.9, "x", beyond, None) == 1


def _le(limit: str) -> frozenset[tuple[str, str]]:
    assert float(limit) <= math.inf
    return frozenset({("le", limit)})


@pytest.mark.parametrize("width", [60, 100])
def test_a_picture_fits_its_terminal(width: int) -> None:
    stream = io.StringIO()
    found = frame(scrape(0, text()))
    Console(file=stream, width=width).print(picture(found, URL, width))
    drawn = stream.getvalue()
    assert max(map(len, drawn.splitlines())) <= width
    assert "invalid_json" in drawn
    assert "1.5 s" in drawn


def test_a_flow_that_is_silent_is_called_so() -> None:
    window = Window()
    window.add(scrape(0, text()))
    assert line(window.frame(1)).startswith("ready  ")
    assert line(window.frame(9)).startswith("no answer for 9 s  ")


def test_once_prints_one_table(flow: StatusServer, tmp_path: Path) -> None:
    done = chatflow("top", "--once", "--url", flow.url, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "chat-messages, a second" in done.stdout
    assert "\x1b" not in done.stdout


def test_where_no_flow_is_there_is_a_word_about_it(tmp_path: Path) -> None:
    done = chatflow("top", "--url", "http://127.0.0.1:1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("chatflow: no flow answers at http://127.0.0.1:1 (")


def test_somebody_else_who_answers_is_no_flow(stranger: StatusServer) -> None:
    with pytest.raises(FlowSilentError, match="is no flow"):
        fetch(stranger.url, 0)


@pytest.mark.parametrize("url", ["127.0.0.1:9464", "file:///etc/passwd"])
def test_only_http_is_asked(url: str, tmp_path: Path) -> None:
    done = chatflow("top", "--url", url, cwd=tmp_path)
    assert done.returncode == 2
    assert "--url" in done.stderr
