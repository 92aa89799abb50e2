"""The step and the sink of CONTRIBUTING.md: the changes it shows are made, and the flow is run."""

import importlib.util
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import bytewax.operators as op
import msgspec
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSource, run_main

from dataflows.branch import branch
from dataflows.clock import WallClock
from dataflows.decode import decode
from dataflows.launch import Sinks
from dataflows.marks import lowest
from dataflows.persist import persist
from dataflows.workers import ALONE
from docs.examples.json_lines import MARK, JsonLinesError, JsonLinesSink
from docs.examples.mentions import mentions, names_in, rows_of
from schemas.directory import Directory
from schemas.events import MessageBatch, Progress, RecordBatch, TopicPartition
from sinks.memory import STORE
from tests.builders import CHAT, GROUPS, message
from tests.crashes import CrashingSink, crash
from tests.documents import ROOT, changed, changes
from tests.flow_runs import SETTINGS, Collected
from tests.places import ListPlace, RowSink
from tests.wire import batches, records

NEW = {"dataflows.mentions": "mentions.py", "sinks.json_lines": "json_lines.py"}
"""The modules that the examples become, when somebody adds them."""
TEXTS = ("@bob @cid look", "hi", "@bob", "mail me: ann@example.org", "again @bob @bob", "@cid")
LOGS = {
    CHAT: records([message("ann", "bob", 0, text="@bob is here")]),
    GROUPS: records(
        message("ann", group="team", at=at, text=text) for at, text in enumerate(TEXTS)
    ),
}
EXPECTED = [("team", 0, 2), ("team", 2, 1), ("team", 4, 1), ("team", 5, 1)]
"""Group, offset and number of names of each line."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "mentions.jsonl"


def lines(path: Path) -> list[tuple[str, int, int]]:
    found = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    return [(line["group_id"], line["kafka_offset"], line["mentions"]) for line in found]


def install(monkeypatch: pytest.MonkeyPatch, name: str, text: str, file: str) -> ModuleType:
    """Make a module of a text, under the name that it is imported by."""
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(text, file, "exec"), module.__dict__)
    return module


def test_the_flow_with_the_documented_lines_writes_the_file(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, file in NEW.items():
        install(monkeypatch, name, (ROOT / "docs" / "examples" / file).read_text(), file)
    wired = changed("dataflows/chat.py", changes("CONTRIBUTING.md")["dataflows/chat.py"])
    chat = install(monkeypatch, "dataflows.chat", wired, "dataflows/chat.py")
    sinks = Sinks(*(Collected[object]() for _ in range(3)))  # type: ignore[arg-type]  # take all

    flow = chat.build(TestingSource(batches(LOGS)), sinks, SETTINGS, Directory())
    run_main(flow, epoch_interval=timedelta(0))

    assert lines(path) == EXPECTED


def test_the_documented_line_makes_the_source_wait_for_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, "sinks.json_lines", "MARK = 'json_lines'", "json_lines.py")
    text = changed("dataflows/launch.py", changes("CONTRIBUTING.md")["dataflows/launch.py"])
    launch = install(monkeypatch, "changed_launch", text, "dataflows/launch.py")
    asked: list[str] = []

    class Asked:
        def marks(self, sink: str) -> dict[object, int]:
            asked.append(sink)
            return {}

    launch._source(SETTINGS, Asked(), WallClock(), ALONE)
    assert MARK in asked


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("@bob, @cid!", {"bob", "cid"}),
        ("@bob and @bob", {"bob"}),
        ("ann@example.org", set()),
        ("@ nobody", set()),
        ("(@anne-marie)", {"anne-marie"}),
    ],
    ids=["two", "twice", "address", "nothing", "hyphen"],
)
def test_a_name_is_what_follows_an_at_sign(content: str, expected: set[str]) -> None:
    assert names_in(content) == expected


class Run:
    """The example step and sink beside a store, as often as a test likes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = ListPlace()

    def starts(self) -> dict[TopicPartition, int]:
        memory, _ = self.place.open()
        return lowest([memory.marks(STORE), memory.marks(MARK)])

    def run(
        self, found: Sequence[RecordBatch], *, per_epoch: int = 1, crashing: str = "", at: str = ""
    ) -> None:
        """Run until the end of the batches, or until a sink crashes at such a moment."""
        memory, store = self.place.open()
        file = JsonLinesSink(self.path, memory)
        number = 2 if per_epoch == 1 else 1
        flow = Dataflow("example")
        up = op.input("source", flow, TestingSource(found, batch_size=per_epoch))
        branches = branch("branch", decode("decode", up, memory=memory, settings=SETTINGS))
        mentioned = mentions("mentions", branches.messages)
        rows = persist("persist", branches.messages, branches.user_events, branches.dead_letters)
        stored: RowSink = CrashingSink(store, at, number) if crashing == "store" else store
        op.output("store", op.key_on("one", rows, lambda item: "one"), stored)
        op.output("file", mentioned, CrashingSink(file, at, number) if crashing == "file" else file)
        run_main(flow, epoch_interval=timedelta(0))


@pytest.mark.parametrize("per_epoch", [1, 99], ids=["small epochs", "one epoch"])
@pytest.mark.parametrize("crashing", ["file", "store"])
@pytest.mark.parametrize("moment", ["write", "before", "after"])
def test_a_crash_neither_loses_nor_repeats_a_line(
    path: Path, crashing: str, moment: str, per_epoch: int
) -> None:
    run = Run(path)
    with crash():
        run.run(batches(LOGS, size=1), per_epoch=per_epoch, crashing=crashing, at=moment)
    run.run(batches(LOGS, starts=run.starts(), size=1))
    assert lines(path) == EXPECTED


def test_a_line_that_a_crash_left_unfinished_is_written_anew(path: Path) -> None:
    Run(path).run(batches(LOGS))
    path.write_bytes(path.read_bytes()[:-5])
    Run(path).run(batches(LOGS))
    assert lines(path) == EXPECTED


def test_a_partition_without_mentions_moves_the_mark_too(path: Path) -> None:
    run = Run(path)
    run.run(batches(LOGS))
    assert run.starts() == {source: len(log) for source, log in LOGS.items()}


def test_the_store_knows_of_a_partition_before_the_first_line_is_safe(path: Path) -> None:
    place = ListPlace()
    memory, store = place.open()
    file = JsonLinesSink(path, memory).build_part("file", MARK, None)
    progress = Progress(GROUPS, next_offset=1, event_time=None)
    said = message("ann", group="team", text="@bob")
    file.write_batch([rows_of(MessageBatch(progress, [said]))])
    file.close()
    store.build_part("store", STORE, None).snapshot()
    assert place.open()[0].marks(MARK) == {GROUPS: 0}


def test_a_file_that_cannot_be_opened_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(JsonLinesError, match="cannot write to the file"):
        JsonLinesSink(tmp_path, ListPlace().open()[0]).build_part("file", MARK, None)
