"""The engine's recovery folder: which one it is, and what a crash leaves in it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import TestingSource, run_main

from config.errors import ConfigurationError
from dataflows.recovery import prepare_recovery, prune, recovery_folder
from tests.crashes import CrashingSink, crash
from tests.flow_runs import Collected

RUN = "/venv/lib/python3.11/site-packages/bytewax/run.py"


@pytest.mark.parametrize(
    ("argv", "environ", "expected"),
    [
        ([RUN, "dataflows.chat", "-r", "here"], {}, "here"),
        ([RUN, "-r", "here", "dataflows.chat", "-s", "2"], {}, "here"),
        ([RUN, "dataflows.chat", "-rhere", "-b", "0"], {}, "here"),
        ([RUN, "dataflows.chat", "--recovery-directory", "here"], {}, "here"),
        ([RUN, "dataflows.chat", "--recovery-directory=here"], {}, "here"),
        ([RUN, "dataflows.chat"], {"BYTEWAX_RECOVERY_DIRECTORY": "there"}, "there"),
        ([RUN, "dataflows.chat", "-r", "here"], {"BYTEWAX_RECOVERY_DIRECTORY": "there"}, "here"),
        ([RUN, "dataflows.chat"], {}, None),
        (["/usr/bin/pytest", "-r", "here"], {}, None),
        ([], {}, None),
    ],
    ids=[
        *("short", "first", "joined", "long", "long-joined", "variable", "option-before-variable"),
        *("none", "another-program", "no-program"),
    ],
)
def test_the_folder_is_the_one_the_engine_will_use(
    argv: list[str], environ: dict[str, str], expected: str | None
) -> None:
    assert recovery_folder(argv, environ) == (Path(expected) if expected else None)


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [RUN, "dataflows.chat", "-r", str(folder)])
    prepare_recovery()


def test_a_missing_folder_is_made_and_initialised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path / "a" / "b", monkeypatch)
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == ["part-0.sqlite3"]
    prepare(tmp_path / "a" / "b", monkeypatch)


def test_a_folder_that_is_a_file_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"cannot be used.*delete it, or leave -r out"):
        prepare(tmp_path / "file", monkeypatch)


def test_a_damaged_store_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part-0.sqlite3").write_text("no database" * 1000)
    with pytest.raises(ConfigurationError, match=f"the recovery folder {tmp_path} cannot be used"):
        prepare(tmp_path, monkeypatch)


def counting(folder: Path, moment: str, number: int) -> list[tuple[str, int]]:
    """A flow that adds up what it has seen, an item an epoch, until it crashes."""
    sink = CrashingSink(Collected[tuple[str, int]](), moment, number)
    flow = Dataflow("count")
    items = op.input("source", flow, TestingSource([("a", 1), ("b", 100), ("a", 1)]))
    sums = op.stateful_map("sum", items, lambda state, n: ((state or 0) + n, (state or 0) + n))
    for step in range(20):
        sums = op.map(f"far_{step}", sums, lambda found: found)
    op.output("out", op.key_on("one", sums, lambda found: "one"), sink)
    run_main(flow, epoch_interval=timedelta(0), recovery_config=RecoveryConfig(str(folder)))
    inner = sink.inner
    assert isinstance(inner, Collected)
    return inner.items


def snapshots(folder: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(folder / "part-0.sqlite3")) as database:
        rows = database.execute("SELECT snap_epoch FROM snaps WHERE state_key = 'b'")
        return rows.fetchall()


def test_snapshots_beyond_the_last_durable_epoch_are_dropped_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_db_dir(tmp_path, 1)
    with crash():
        counting(tmp_path, "before", 2)
    assert len(snapshots(tmp_path)) == 1, "the engine stored what the epoch did not survive"
    prepare(tmp_path, monkeypatch)
    assert snapshots(tmp_path) == []
    assert counting(tmp_path, "never", 0) == [("b", 100), ("a", 2)]


def test_a_store_that_nothing_is_wrong_with_is_left_alone(tmp_path: Path) -> None:
    init_db_dir(tmp_path, 1)
    assert prune(tmp_path) == 0
    counting(tmp_path, "never", 0)
    assert prune(tmp_path) == 0
    assert len(snapshots(tmp_path)) == 1
