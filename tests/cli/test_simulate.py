import os
import re
import signal
import subprocess
import sys
import time

import pytest
import typer
from typer.testing import CliRunner

from cli.simulate import simulate
from config.errors import ConfigurationError
from tests.traffic.reading import read_topic
from traffic.embedded import EmbeddedBroker

TOPICS = ("chat-messages", "user-events", "group-messages")
START = ("--start", "2025-09-01T08:00:00+08:00")
START_MS = 1756684800000

app = typer.Typer()
app.command()(simulate)


@pytest.fixture
def brokers(embedded: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CHAT_KAFKA__BROKERS", embedded.bootstrap_servers)
    return embedded.bootstrap_servers


def recorded(brokers: str) -> list[int]:
    """When each record in the three topics was recorded."""
    return [record.timestamp()[1] for name in TOPICS for record in read_topic(brokers, name)]


def printed_total(output: str) -> int:
    found = re.search(r": ([\d,]+) records in", output)
    assert found is not None, output
    return int(found[1].replace(",", ""))


def test_summary_says_what_was_sent_and_how_to_send_it_again(brokers: str) -> None:
    arguments = ["--fast", "--rate", "50", "--seconds", "20", "--seed", "7", *START]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert printed_total(result.stdout) == len(recorded(brokers)) >= 1000
    assert "seed 7, event time from 2025-09-01T08:00:00.000+08:00" in result.stdout
    for name in TOPICS:
        count = len(read_topic(brokers, name))
        assert re.search(rf"^{name} +{count} records$", result.stdout, re.MULTILINE)


def test_start_is_the_time_of_the_first_event(brokers: str) -> None:
    CliRunner().invoke(app, ["--fast", "--rate", "10", "--events", "20", *START])
    assert min(recorded(brokers)) == START_MS


def test_length_can_be_given_in_events(brokers: str) -> None:
    ratios = ["--duplicate-ratio", "0", "--rate", "3"]
    CliRunner().invoke(app, ["--fast", "--events", "100", *ratios])
    assert len(recorded(brokers)) == 100


def test_fast_traffic_ends_now_and_nothing_lies_in_the_future(brokers: str) -> None:
    before = time.time_ns() // 1_000_000
    CliRunner().invoke(app, ["--fast", "--rate", "10", "--seconds", "30"])
    assert min(recorded(brokers)) < before
    assert before - 1_000 < max(recorded(brokers)) <= time.time_ns() // 1_000_000


def test_paced_traffic_starts_now(brokers: str) -> None:
    before = time.time_ns() // 1_000_000
    CliRunner().invoke(app, ["--rate", "200", "--events", "20"])
    assert min(recorded(brokers)) >= before


@pytest.mark.parametrize("sent_signal", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_interrupted_simulation_ends_cleanly(brokers: str, sent_signal: signal.Signals) -> None:
    program = "import typer; from cli.simulate import simulate; typer.run(simulate)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "--rate", "100", "--seconds", "600"],
        env={**os.environ, "CHAT_KAFKA__BROKERS": brokers},
        stdout=subprocess.PIPE,
        text=True,
    )
    while not recorded(brokers) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(sent_signal)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "stopped early" in output
    assert printed_total(output) == len(recorded(brokers))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seconds", "1", "--events", "1"], "give --seconds or --events, not both"),
        (["--start", "yesterday"], "'yesterday' is not a time"),
        (["--poison-ratio", "2"], "--poison-ratio"),
        (["--users", "1"], "--users"),
    ],
    ids=["two lengths", "start", "ratio", "users"],
)
def test_impossible_arguments_are_a_usage_error(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_rate_of_nothing_is_refused_in_words() -> None:
    result = CliRunner().invoke(app, ["--rate", "0", "--events", "10"])
    assert isinstance(result.exception, ConfigurationError)
    assert "rate must be above 0" in str(result.exception)
