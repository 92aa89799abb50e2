"""Servers for the tests, and a closing word on what was left out for want of one.

Where a server cannot run, its tests are skipped with the reason; with CHATFLOW_REQUIRE_SERVERS=1
in the environment they fail instead, so that an automatic build leaves nothing out in silence.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import BrowserUnavailableError, start_chromium
from tests.kafka_jars import KafkaUnavailableError
from tests.kafka_server import KafkaServer
from tests.places import DuckDBPlace, ListPlace, Place, PostgresPlace
from tests.postgres_server import PostgresServer, PostgresUnavailableError
from traffic.embedded import EmbeddedBroker

# No test depends on how fast the machine is.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

_TOPICS = ("chat-messages", "user-events", "group-messages")
_MARK_OF_FIXTURE = {"kafka": "kafka", "postgres_server": "postgres"}


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    """A broker in this process for this test alone, with the three topics of the chat server."""
    with EmbeddedBroker(_TOPICS) as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A real Apache Kafka, shared by all tests: each names its own topics and groups."""
    try:
        server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    except KafkaUnavailableError as exc:
        _leave_out(f"Kafka cannot run here: {exc}")
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL, shared by all tests.

    Not in pytest's folder, which it closes to the user that root's server runs as.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = PostgresServer(Path(folder))
        except PostgresUnavailableError as exc:
            _leave_out(f"PostgreSQL cannot run here: {exc}")
        yield server
        server.stop()


@pytest.fixture(params=["lists", "duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty store, once of each kind."""
    if request.param == "lists":
        return ListPlace()
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> DuckDBPlace | PostgresPlace:
    """An empty store, once of each kind that outlives a process."""
    found: DuckDBPlace | PostgresPlace = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
def duckdb_place(tmp_path: Path) -> DuckDBPlace:
    """A file that does not exist yet."""
    return DuckDBPlace(tmp_path / "chat.duckdb")


@pytest.fixture
def postgres_place(postgres_url: str) -> Iterator[PostgresPlace]:
    """An empty database; the process that has it open at the end is ended."""
    found = PostgresPlace(postgres_url)
    yield found
    found.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of an empty database for this test alone."""
    return postgres_server.create_database()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, shared by all tests: each opens a page of its own."""
    with sync_playwright() as playwright:
        try:
            browser = start_chromium(playwright)
        except BrowserUnavailableError as exc:
            _leave_out(f"no browser can run here: {exc}")
        yield browser
        browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by the servers they use, so that `-m "not kafka"` leaves them out."""
    for item in items:
        for fixture in _MARK_OF_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(_MARK_OF_FIXTURE[fixture])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last, in words, how many tests were left out and why."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"Left out: {count} of the tests. {reason}", yellow=True)


def _leave_out(reason: str) -> NoReturn:
    if os.environ.get("CHATFLOW_REQUIRE_SERVERS") == "1":
        pytest.fail(
            f"{reason} (and CHATFLOW_REQUIRE_SERVERS=1 lets no test be left out)", pytrace=False
        )
    pytest.skip(reason)
