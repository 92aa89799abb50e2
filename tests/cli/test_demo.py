import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.figures import COUNTED
from cli.summary import QUERIES
from sinks.lease import open_for_reading
from tests.cli.running import COMMAND, chatflow, environment, is_alive

# What a user may have set for a real flow, and must not reach the demo's.
FOREIGN = {
    "CHAT_KAFKA__BROKERS": "127.0.0.1:1",
    "CHAT_NO_SUCH_SETTING": "1",
    "BYTEWAX_RECOVERY_DIRECTORY": "/nowhere",
}


class Finished(NamedTuple):
    """A demo that ran to its end, in the folder it was started in."""

    home: Path
    status: int
    output: str
    errors: str

    @property
    def database(self) -> Path:
        return self.home / "var/demo/chat.duckdb"

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with open_for_reading(self.database) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    home = tmp_path_factory.mktemp("home")
    done = chatflow("demo", "--seconds", "6", cwd=home, environ=FOREIGN)
    return Finished(home, done.returncode, done.stdout, done.stderr)


@contextmanager
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A demo that has stored something, and the process id of its flow."""
    pipe, env = subprocess.PIPE, environment(FOREIGN)
    command = [*COMMAND, "demo"]
    demo = subprocess.Popen(command, cwd=home, env=env, stdout=pipe, stderr=pipe, text=True)
    with demo:
        try:
            assert demo.stdout is not None
            next(line for line in demo.stdout if stored_messages(line) > 0)
            yield demo, int((home / "var/demo/demo.lock").read_text(encoding="utf-8"))
        finally:
            demo.kill()


def stored_messages(line: str) -> int:
    found = re.search(r"([\d,]+) messages stored", line)
    return int(found[1].replace(",", "")) if found else -1


def summary_of(output: str) -> dict[str, int]:
    """The counts in the summary, by what they count."""
    lines = re.findall(r"^ {2,4}(\S.*?) +([\d,]+)(?:   .*)?$", output, re.MULTILINE)
    return {name: int(count.replace(",", "")) for name, count in lines}


def test_demo_ends_when_its_time_is_over_with_everything_stored(finished: Finished) -> None:
    assert (finished.status, finished.errors) == (0, "")
    summary = summary_of(finished.output)
    assert summary["messages"] > 0
    assert summary["lag"] == 0


def test_stored_messages_grow_while_it_runs(finished: Finished) -> None:
    stored = [stored_messages(line) for line in finished.output.splitlines()]
    growing = sorted({count for count in stored if count >= 0})
    assert len(growing) >= 3
    assert [count for count in stored if count >= 0] == sorted(c for c in stored if c >= 0)


def test_summary_counts_what_the_database_holds(finished: Finished) -> None:
    summary = summary_of(finished.output)
    for table in COUNTED:
        assert [(summary[table],)] == finished.query(f"SELECT count(*) FROM {table}")


def test_every_event_in_kafka_is_accounted_for(finished: Finished) -> None:
    found = re.search(r"([\d,]+) events in Kafka", finished.output)
    repeats = re.search(r"([\d,]+) repeats left out", finished.output)
    summary = summary_of(finished.output)
    kept = summary["messages"] + summary["user_events"] + summary["dead_letters"]
    assert found is not None
    assert int(found[1].replace(",", "")) == kept + int(repeats[1] if repeats else 0)


def test_decisions_add_up_by_reason(finished: Finished) -> None:
    decided = finished.query(
        "SELECT decision || ': ' || reason, count(*) FROM push_decisions GROUP BY 1"
    )
    summary = summary_of(finished.output)
    assert decided
    assert {(name, summary[str(name)]) for name, _ in decided} == set(decided)


@pytest.mark.parametrize("title", QUERIES)
def test_printed_lines_answer_as_they_stand(finished: Finished, title: str) -> None:
    _, _, after = finished.output.partition(f"# {title}\n")
    duckdb_line, python_line = after.splitlines()[:2]
    assert duckdb_line == f'duckdb -readonly var/demo/chat.duckdb "{QUERIES[title]}"'
    answer = subprocess.run(
        python_line, shell=True, cwd=finished.home, capture_output=True, text=True, check=True
    )
    with open_for_reading(finished.database) as connection:
        expected = connection.execute(QUERIES[title])
        columns = [column for column, *_ in expected.description]
        assert expected.fetchone()
    assert [column for column in columns if column not in answer.stdout] == []


def test_nothing_that_people_wrote_is_printed_or_logged(finished: Finished) -> None:
    written = {str(content) for (content,) in finished.query("SELECT content FROM messages")}
    log = (finished.home / "var/demo/flow.log").read_text(encoding="utf-8")
    assert [text for text in written if len(text) > 8 and text in finished.output + log] == []


def test_flow_ends_with_the_demo(finished: Finished) -> None:
    flow = (finished.home / "var/demo/demo.lock").read_text(encoding="utf-8")
    assert not is_alive(int(flow))


def test_first_interrupt_finishes_with_a_summary(tmp_path: Path) -> None:
    with running(tmp_path) as (demo, flow):
        demo.send_signal(signal.SIGINT)
        output, errors = demo.communicate(timeout=60)
    assert (demo.returncode, errors) == (0, "")
    assert summary_of(output)["lag"] == 0
    assert not is_alive(flow)


def test_second_interrupt_stops_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    with running(tmp_path) as (demo, flow):
        assert demo.stdout is not None
        demo.send_signal(signal.SIGINT)
        next(line for line in demo.stdout if line.endswith("finishing\n"))
        demo.send_signal(signal.SIGINT)
        _, errors = demo.communicate(timeout=60)
    assert (demo.returncode, errors) == (130, "")
    assert not is_alive(flow)


def test_death_of_the_flow_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with running(tmp_path) as (demo, flow):
        assert demo.stdout is not None
        # Then there is something in the log: a line for each push.
        next(line for line in demo.stdout if " 0 pushes sent" not in line)
        os.kill(flow, signal.SIGKILL)
        _, errors = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert errors.startswith(
        "chatflow: the flow ended by SIGKILL; the end of its log var/demo/flow.log:\n"
    )
    assert "Traceback" not in errors


def test_terminal_gets_a_picture_that_is_gone_at_the_end(tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "demo", "--seconds", "3"],
        cwd=tmp_path,
        env=environment({"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}),
        stdout=inside,
        stderr=inside,
    ) as demo:
        os.close(inside)
        output = b"".join(read_all(terminal)).decode()
    assert demo.returncode == 0
    picture, left, rest = output.partition("\x1b[?1049l")
    assert left
    assert "Push decisions" in picture
    assert rest.lstrip("\x1b[?25h\r\n").startswith("chatflow demo: ")


def read_all(terminal: int) -> Iterator[bytes]:
    with open(terminal, "rb", buffering=0) as stream:
        try:
            while found := stream.read(4096):
                yield found
        except OSError:  # how a terminal ends on Linux
            return
