"""However often a run is interrupted, and wherever, the tables are those of one run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bytewax.recovery import RecoveryConfig, init_db_dir
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dataflows.recovery import prune
from tests.crashes import CrashingSink, crash
from tests.flow_runs import Flow, differences, settings
from tests.places import DuckDBPlace, RowSink
from tests.random_logs import SOON, random_logs, tables_of
from tests.wire import batches

pytestmark = pytest.mark.usefixtures("each_join")

FEW = hypothesis_settings(max_examples=20, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)


def crashing(moment: str, number: int) -> Callable[[RowSink], RowSink]:
    return lambda sink: CrashingSink(sink, moment, number)


def whole(sink: RowSink) -> RowSink:
    return sink


@FEW
@given(seed=SEEDS, stop=st.integers(1, 30), per_epoch=st.integers(1, 6))
def test_a_stop_at_any_place_changes_nothing(seed: int, stop: int, per_epoch: int) -> None:
    logs, flow = random_logs(seed), Flow(settings=SOON)
    flow.run(batches(logs)[:stop], per_epoch=per_epoch)
    flow.run(batches(logs, starts=flow.starts), per_epoch=per_epoch)
    assert not differences(flow.tables, tables_of(logs))


def test_many_restarts_one_after_the_other_change_nothing() -> None:
    logs, flow = random_logs(7, events=200), Flow(settings=SOON)
    while flow.starts != {source: len(log) for source, log in logs.items()}:
        rest = batches(logs, starts=flow.starts, size=2)
        # Of a few batches all events may still wait for their turn, which is no progress.
        flow.run(rest[: max(20, len(rest) // 4)] if len(rest) > 60 else rest)
    assert not differences(flow.tables, tables_of(logs))


@FEW
@given(
    seed=SEEDS,
    crashes=st.lists(
        st.tuples(st.sampled_from(["write", "before", "after"]), st.integers(1, 4)), max_size=4
    ),
)
def test_crashes_inside_an_epoch_change_nothing(seed: int, crashes: list[tuple[str, int]]) -> None:
    logs, flow = random_logs(seed, events=120), Flow(settings=SOON)
    for moment, number in crashes:
        flow.wrap = crashing(moment, number)
        with crash():
            flow.run(batches(logs, starts=flow.starts, ended=False), per_epoch=2)
    flow.wrap = whole
    flow.run(batches(logs, starts=flow.starts), per_epoch=3)
    assert not differences(flow.tables, tables_of(logs))


@FEW
@given(
    seed=SEEDS,
    lives=st.lists(
        st.tuples(
            st.integers(1, 4), st.sampled_from(["write", "before", "after"]), st.integers(1, 9)
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_crashes_and_another_number_of_shards_change_nothing(
    seed: int, lives: list[tuple[int, str, int]]
) -> None:
    logs, flow = random_logs(seed, events=120), Flow()
    for shards, moment, number in lives:
        flow.settings = settings(session_timeout=60, grace=5, shards=shards)
        flow.wrap = crashing(moment, number)
        with crash():
            flow.run(batches(logs, starts=flow.starts, ended=False, size=2), per_epoch=4)
    flow.wrap = whole
    flow.run(batches(logs), per_epoch=3)  # with records again that were handed out before
    assert not differences(flow.tables, tables_of(logs))


@FEW
@given(seed=SEEDS, stop=st.integers(5, 30))
def test_records_below_every_mark_may_be_read_again(seed: int, stop: int) -> None:
    logs, flow = random_logs(seed), Flow(settings=SOON)
    flow.run(batches(logs)[:stop], per_epoch=4)
    flow.run(batches(logs), per_epoch=50)
    assert not differences(flow.tables, tables_of(logs))


@FEW
@given(seed=SEEDS)
def test_a_bounded_read_repeated_from_the_beginning_changes_nothing(seed: int) -> None:
    logs, flow = random_logs(seed), Flow(settings=SOON)
    flow.run(batches(logs), per_epoch=1000)
    flow.run(batches(logs), per_epoch=1000)
    assert not differences(flow.tables, tables_of(logs))


@pytest.mark.parametrize("moment", ["write", "before", "after"])
def test_a_file_after_a_crash_is_that_of_an_uninterrupted_run(moment: str, tmp_path: Path) -> None:
    logs, flow = random_logs(11), Flow(DuckDBPlace(tmp_path / "chat.duckdb"), SOON)
    flow.wrap = crashing(moment, 2)
    with crash():
        flow.run(batches(logs), per_epoch=9)
    flow.wrap = whole
    flow.run(batches(logs, starts=flow.starts), per_epoch=9)
    assert not differences(flow.tables, tables_of(logs))


def test_the_recovery_folder_and_the_store_agree_after_an_abort(tmp_path: Path) -> None:
    logs, flow = random_logs(17), Flow(DuckDBPlace(tmp_path / "chat.duckdb"), SOON)
    (folder := tmp_path / "recovery").mkdir()
    init_db_dir(folder, 1)
    flow.run(batches(logs)[:20], per_epoch=8, aborts=True, recovery=RecoveryConfig(str(folder)))
    prune(folder)
    rest = batches(logs, starts=flow.starts)
    flow.run(rest, per_epoch=8, recovery=RecoveryConfig(str(folder)))
    assert not differences(flow.tables, tables_of(logs))
