"""However the same records are read, cut, sharded or interrupted, the tables are the same."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from bytewax.recovery import RecoveryConfig, init_db_dir
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dataflows.recovery import prune
from tests.crashes import CrashingSink, crash
from tests.flow_runs import Flow, Tables, differences, settings
from tests.random_logs import random_logs
from tests.wire import Logs, batches

FEW = hypothesis_settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
)
SOON = settings(session_timeout=60, grace=5)
"""Sessions expire within the hour that the logs tell of."""


def tables_of(logs: Logs, *, size: int = 99, order: int = 0, shards: int = 1) -> Tables:
    """What a run without interruption leaves."""
    with TemporaryDirectory() as folder:
        flow = Flow(
            Path(folder) / "chat.duckdb", settings(session_timeout=60, grace=5, shards=shards)
        )
        flow.run(batches(logs, size=size, order=Random(order)), per_epoch=1000)
        return flow.tables


@FEW
@given(seed=st.integers(0, 1000), size=st.integers(1, 9), order=st.integers(0, 1000))
def test_the_cut_into_batches_and_their_order_do_not_matter(
    seed: int, size: int, order: int
) -> None:
    logs = random_logs(seed)
    assert not differences(tables_of(logs, size=size, order=order), tables_of(logs))


@FEW
@given(seed=st.integers(0, 1000), shards=st.integers(2, 5))
def test_shards_give_the_same_tables_as_one(seed: int, shards: int) -> None:
    logs = random_logs(seed, late=0.2)
    assert not differences(tables_of(logs, shards=shards), tables_of(logs))


@pytest.mark.parametrize("part", range(4))
def test_a_restart_after_any_epoch_changes_nothing(part: int, tmp_path: Path) -> None:
    logs = random_logs(7)
    whole, found = tables_of(logs), batches(logs)
    for stop in range(1 + part, len(found), 8):
        flow = Flow(tmp_path / f"{stop}.duckdb", SOON)
        flow.run(found[:stop], per_epoch=4)
        flow.run(batches(logs, starts=flow.starts), per_epoch=4)
        assert not differences(flow.tables, whole), f"stopped after {stop} batches"


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("moment", ["write", "before", "after"])
def test_a_crash_inside_an_epoch_changes_nothing(moment: str, number: int, tmp_path: Path) -> None:
    logs = random_logs(11)
    flow = Flow(tmp_path / "chat.duckdb", SOON)
    flow.wrap = lambda sink: CrashingSink(sink, moment, number)
    with crash():
        flow.run(batches(logs), per_epoch=5)
    flow.wrap = lambda sink: sink
    flow.run(batches(logs, starts=flow.starts), per_epoch=5)
    assert not differences(flow.tables, tables_of(logs))


def test_crash_after_crash_changes_nothing(tmp_path: Path) -> None:
    logs = random_logs(13)
    flow = Flow(tmp_path / "chat.duckdb", SOON)
    for moment, number in [("before", 2), ("after", 1), ("write", 3), ("after", 2)]:
        flow.wrap = lambda sink, m=moment, n=number: CrashingSink(sink, m, n)  # type: ignore[misc]
        with crash():
            flow.run(batches(logs, starts=flow.starts), per_epoch=3)
    flow.wrap = lambda sink: sink
    flow.run(batches(logs, starts=flow.starts), per_epoch=1000)
    assert not differences(flow.tables, tables_of(logs))


def test_the_recovery_folder_and_the_store_agree_after_an_abort(tmp_path: Path) -> None:
    logs = random_logs(17)
    flow, found = Flow(tmp_path / "chat.duckdb", SOON), batches(logs)
    (folder := tmp_path / "recovery").mkdir()
    init_db_dir(folder, 1)
    flow.run(found[:20], per_epoch=8, aborts=True, recovery=RecoveryConfig(str(folder)))
    prune(folder)
    rest = batches(logs, starts=flow.starts)
    flow.run(rest, per_epoch=8, recovery=RecoveryConfig(str(folder)))
    assert not differences(flow.tables, tables_of(logs))


def test_records_below_every_mark_may_be_read_again(tmp_path: Path) -> None:
    logs = random_logs(19)
    flow, found = Flow(tmp_path / "chat.duckdb", SOON), batches(logs)
    flow.run(found[:20], per_epoch=10)
    flow.run(found, per_epoch=1000)
    assert not differences(flow.tables, tables_of(logs))


def test_a_bounded_read_repeated_from_the_beginning_changes_nothing(tmp_path: Path) -> None:
    logs = random_logs(23)
    flow = Flow(tmp_path / "chat.duckdb", SOON)
    flow.run(batches(logs), per_epoch=1000)
    flow.run(batches(logs), per_epoch=1000)
    assert not differences(flow.tables, tables_of(logs))
