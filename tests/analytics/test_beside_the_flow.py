"""Queries on a DuckDB file that somebody else writes to."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.duckdb_reading import DuckDBReading
from analytics.errors import QueryTimeoutError
from sinks.lease import StoreLockedError, open_for_writing
from tests.analytics.a_week import a_week
from tests.analytics.query_files import query
from tests.analytics.readings import ENDLESS, LIMITS, SPAN, ask_duckdb, slow

SECOND = timedelta(seconds=1)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the file until it reads a line."""
    file = a_week(tmp_path / "chat.duckdb", messages=200)
    program = (
        "import sys; from pathlib import Path; from sinks.lease import open_for_writing;"
        f"held = open_for_writing(Path({str(file)!r}), 5.0); print('held', flush=True);"
        "sys.stdin.readline(); held.close()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_query_waits_for_the_flow_and_then_reads_what_it_wrote(
    writer: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert writer.stdin is not None
    threading.Timer(0.3, writer.stdin.close).start()
    assert ask_duckdb(tmp_path / "chat.duckdb", query()).num_rows == 2


def test_waiting_for_the_flow_is_bounded(writer: "subprocess.Popen[str]", tmp_path: Path) -> None:
    with pytest.raises(StoreLockedError, match="has been locked for"):
        ask_duckdb(tmp_path / "chat.duckdb", query(), LIMITS._replace(lock_seconds=0.1))


def test_long_query_reads_a_copy_while_the_flow_writes(tmp_path: Path) -> None:
    file, work = a_week(tmp_path / "chat.duckdb", messages=200), tmp_path / "work"
    work.mkdir()
    long = slow(ENDLESS, 2 * SECOND)
    reading = DuckDBReading(file, LIMITS._replace(live_seconds=0.2), work, lambda: False)
    over, written = threading.Event(), threading.Event()

    def write() -> None:
        while not reading.on_copy and not over.wait(0.01):
            pass
        with open_for_writing(file, 10.0) as connection:
            connection.execute("DELETE FROM messages")
        if not over.is_set():
            written.set()

    flow = threading.Thread(target=write)
    flow.start()
    with reading, pytest.raises(QueryTimeoutError, match="took longer than 2 s"):
        reading.ask(long, SPAN)
    over.set()
    flow.join()
    assert written.is_set(), "the flow wrote while the query ran"
    assert list(work.iterdir()) == []


def test_copy_is_of_one_moment(tmp_path: Path) -> None:
    file, work = a_week(tmp_path / "chat.duckdb", messages=200), tmp_path / "work"
    work.mkdir()
    with DuckDBReading(file, LIMITS, work, lambda: False, copied=True) as reading:
        before = reading.ask(query(), SPAN)
        with open_for_writing(file, 10.0) as connection:
            connection.execute("DELETE FROM messages")
        assert reading.ask(query(), SPAN) == before
    assert ask_duckdb(file, query()).num_rows == 0
