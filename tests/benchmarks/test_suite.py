"""The suite of benchmarks does what it says, on a handful of events; nothing here is about time."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.compare import Options, Topics, compare
from benchmarks.outcomes import Comparison
from benchmarks.results import CHART, publish, text, write
from benchmarks.topics import DEAD_LETTER_SUFFIX, plan_of, preload, settings_for
from benchmarks.totals import disagreements
from sinks.topics import topic_names
from traffic.embedded import EmbeddedBroker

_EVENTS = 3_000
_PROGRAMS = ("raw", "stats", "push", "postgres", "flow", "bytewax")
"""Not Quix Streams, which wants a broker that makes topics."""
_DOCUMENT = "Before.\n<!-- results: begin -->\nold table\n<!-- results: end -->\nAfter.\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comparison]:
    names = topic_names(settings_for("localhost:1", "tiny"), DEAD_LETTER_SUFFIX)
    folder = tmp_path_factory.mktemp("suite")
    with EmbeddedBroker(names) as broker:
        kafka = settings_for(broker.bootstrap_servers, "tiny")
        topics = Topics(kafka, preload(kafka, plan_of(_EVENTS)))
        options = Options(repeat=1, programs=_PROGRAMS, quix=folder / "quix")
        yield compare(topics, topics, options, folder)


def test_all_programs_find_the_same_in_the_topics(found: Comparison) -> None:
    totals = {outcome.program.name: outcome.totals for outcome in found.outcomes}
    assert list(found.disagreements) == []
    assert sum(totals["flow"][name] for name in ("messages", "user_events")) < _EVENTS
    assert totals["raw"]["records"] == _EVENTS
    assert totals["push"] == totals["flow"] == totals["postgres"]
    assert totals["bytewax"]["messages"] == totals["flow"]["messages"]


def test_every_program_tells_what_it_took(found: Comparison) -> None:
    assert {outcome.program.name for outcome in found.outcomes} == set(_PROGRAMS)
    for outcome in found.outcomes:
        assert outcome.start_seconds is not None
        assert 0 < outcome.start_seconds < outcome.runs[0].seconds
        assert outcome.cpu_seconds > 0
        assert outcome.peak_mib > 10


def test_only_the_whole_flow_commits(found: Comparison) -> None:
    commits = {outcome.program.name for outcome in found.outcomes if outcome.commits}
    assert commits == {"flow", "postgres"}


def test_the_report_holds_tables_figures_and_a_chart(found: Comparison, tmp_path: Path) -> None:
    write(found, tmp_path)
    figures = json.loads((tmp_path / "results.json").read_text())
    assert [program["name"] for program in figures["programs"]] == list(_PROGRAMS)
    assert "Bytewax, stock" in (tmp_path / "results.md").read_text()
    assert (tmp_path / CHART).read_text().startswith("<svg")


def test_published_results_replace_those_in_the_document(found: Comparison, tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(_DOCUMENT)
    publish(found, document)
    publish(found, document)
    told = document.read_text()
    assert told.count("| program") == 2
    assert "old table" not in told
    assert told.endswith("After.\n")


def test_a_total_that_differs_is_told(found: Comparison) -> None:
    flow = next(each for each in found.outcomes if each.program.name == "flow")
    wrong = {**flow.totals, "messages": flow.totals["messages"] - 1}
    lines = disagreements("other", wrong, flow.totals, flow.program.exact)
    assert [line.partition(" ")[2].partition(" ")[0] for line in lines] == ["messages"]
    told = text(Comparison(found.outcomes, found.machine, disagreements=lines))
    assert "**Disagreement**: other: messages" in told
