"""The sizes in docs/scaling.md are those that the committed figures make."""

import json
from dataclasses import replace
from operator import itemgetter
from pathlib import Path

import pytest

from benchmarks.crowd import come_online
from benchmarks.demand import Assumptions, need
from benchmarks.footprint import record_bytes, run_flow
from benchmarks.measured import read_costs
from benchmarks.sizing import DOCUMENT, RESULTS, SIZES, main, published
from benchmarks.stored import duckdb_tables, state_bytes
from benchmarks.topics import DEAD_LETTER_SUFFIX, plan_of, settings_for
from sinks.topics import topic_names
from traffic.embedded import EmbeddedBroker

COSTS = read_costs(RESULTS)
GIVEN = Assumptions()


def test_document_says_what_the_figures_make() -> None:
    """If not: `python -m benchmarks.sizing --publish` writes it anew."""
    assert DOCUMENT.read_text(encoding="utf-8") == published(DOCUMENT, COSTS)


def test_every_measured_figure_is_there_and_costs_something() -> None:
    figures = [each for each in vars(COSTS).values() if isinstance(each, float)]
    assert len(figures) == 7
    assert all(each > 0 for each in figures)
    assert COSTS.event_seconds > COSTS.decode_seconds
    assert all(size > 0 for tables in COSTS.rows.values() for size in tables.values())


def test_figures_are_those_of_the_longest_run_of_a_program() -> None:
    told = json.loads((RESULTS / "results.json").read_text(encoding="utf-8"))["programs"]
    runs = [program for program in told if program["name"] == "flow"]
    longest = max(runs, key=itemgetter("events"))
    assert len(runs) > 1
    assert COSTS.event_seconds == longest["cpu_seconds"] / longest["events"]


def test_ten_times_the_users_do_and_store_ten_times_as_much() -> None:
    some, many = need(SIZES[0], GIVEN, COSTS), need(10 * SIZES[0], GIVEN, COSTS)
    for name in ("events_at_peak", "decisions_at_peak", "cores", "first_core", "rows"):
        assert getattr(many, name) == pytest.approx(10 * getattr(some, name))


def test_every_event_of_a_day_is_counted_once() -> None:
    given = replace(GIVEN, messages=10, typing=2, visits=3, peak=1)
    assert given.events == 10 + 20 + 6
    assert need(86_400, given, COSTS).events_at_peak == pytest.approx(36)


def test_a_message_to_a_group_is_decided_for_every_member_who_is_away() -> None:
    given = replace(GIVEN, messages=10, group_share=0.5, members=30, away=0.5)
    assert given.decisions == 10 * 0.5 * (0.5 + 0.5 * 30)


def test_one_process_does_what_half_a_core_can() -> None:
    half = int(GIVEN.used / need(1_000, GIVEN, COSTS).cores * 1_000)
    assert need(half - 100, GIVEN, COSTS).processes == 1
    assert need(half + 100, GIVEN, COSTS).processes > 1


def test_every_assumption_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--users", "5000", "--messages", "7", "--group-share", "0.11"])
    told = capsys.readouterr().out
    assert "| daily users | 5,000 |" in told
    assert "| messages that a user sends a day | 7 |" in told
    assert "| part of the messages that go to a group | 0.11 |" in told


def test_footprint_of_a_run_is_read_from_what_it_leaves(tmp_path: Path) -> None:
    names = topic_names(settings_for("localhost:1", "crowd"), DEAD_LETTER_SUFFIX)
    with EmbeddedBroker(names) as broker:
        kafka = settings_for(broker.bootstrap_servers, "crowd")
        come_online(kafka, 500, 100)
        used = run_flow(kafka, tmp_path, f"duckdb:///{tmp_path / 'chat.duckdb'}")
    found = duckdb_tables(tmp_path / "chat.duckdb")
    assert used["peak_bytes"] > 10 * 2**20
    assert found["tables"]["user_events"]["rows"] == 500
    assert found["tables"]["presence"]["rows"] == 100
    assert 0 < found["tables"]["user_events"]["bytes"] < found["bytes"]
    assert state_bytes(tmp_path / "chat.duckdb") > 100 * 20


def test_records_of_the_traffic_are_as_large_as_a_chat_servers() -> None:
    assert 200 < record_bytes(plan_of(2_000)) < 1_000
