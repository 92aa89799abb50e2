from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet
import pytest

from analytics.columns import plain
from analytics.errors import QueryError
from analytics.output_folder import OutputFolder
from analytics.outputs import OutputError, write
from analytics.prune import prune
from analytics.query import FORMATS
from analytics.run_log import NAME, Run, append
from analytics.span import default_span
from analytics.workspace import sweep, workspace
from config.analytics import AnalyticsSettings
from tests.analytics.query_files import query
from tests.analytics.readings import SPAN

TABLE = pa.table({"event_type": ["message", "=1+1", None], "messages": [3, 2, 1]})
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("form", FORMATS)
def test_same_result_becomes_the_same_bytes(form: str, tmp_path: Path) -> None:
    target, found = tmp_path / "out" / f"file.{form}", []
    for _ in range(2):
        write(query(), SPAN, TABLE, form, target, tmp_path)  # type: ignore[arg-type]
        found.append(target.read_bytes())
    assert found[0] == found[1]
    assert len(found[0]) > 0
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_parquet_holds_the_result_and_says_of_what(tmp_path: Path) -> None:
    write(query(), SPAN, TABLE, "parquet", tmp_path / "a.parquet", tmp_path)
    found = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert found.to_pylist() == TABLE.to_pylist()
    assert (found.schema.metadata or {})[b"timezone"] == b"Europe/Berlin"


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    write(query(), SPAN, TABLE, "csv", tmp_path / "a.csv", tmp_path)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines == ['"event_type","messages"', '"message",3', '"\'=1+1",2', ",1"]


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*file/a\.csv"):
        write(query(), SPAN, TABLE, "csv", tmp_path / "file" / "a.csv", tmp_path)


@pytest.mark.parametrize("value", [[1, 2], b"bytes", timedelta(1)], ids=str)
def test_column_that_not_every_format_has_is_refused_by_name(value: object) -> None:
    with pytest.raises(QueryError, match="returns odd as"):
        plain(pa.table({"odd": [value]}))


def test_scheduled_span_is_named_by_its_end_and_others_by_all_that_differs() -> None:
    folder = OutputFolder(Path("out"), "Europe/Berlin")
    usual = default_span(query(), SPAN.end, SPAN.zone)
    other = usual._replace(start=usual.start - timedelta(hours=1))
    tokyo = usual._replace(zone=ZoneInfo("Asia/Tokyo"))
    names = [folder.file(query(), span, "csv").name for span in (usual, other, tokyo)]
    assert names == [
        "2026-03-30T000000Z.csv",
        "2026-03-23T000000Z--2026-03-30T000000Z.csv",
        "2026-03-23T010000Z--2026-03-30T000000Z--Asia-Tokyo.csv",
    ]


def test_prune_removes_what_is_old_and_only_outputs(tmp_path: Path) -> None:
    old = ["2026-03-30T000000Z.csv", "2026-03-01T000000Z--2026-03-30T000000Z.html"]
    kept = [
        "2026-06-01T000000Z.csv",
        "2026-03-30T000000Z.xlsx",
        "2026-13-30T000000Z.csv",
        "2026-03-30.csv",
        "notes.csv",
    ]
    for name in (*old, *kept):
        (tmp_path / "out" / "by_type").mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / "by_type" / name).write_text("")
    foreign = tmp_path / "out" / "other" / old[0]
    foreign.parent.mkdir()
    foreign.write_text("")
    (tmp_path / "out" / "by_type" / "2026-03-29T000000Z.csv").symlink_to(foreign)
    settings = AnalyticsSettings(output_dir=tmp_path / "out")
    removed = list(prune({"by_type": query()}, settings, NOW))
    assert sorted(file.name for file in removed) == sorted(old)
    assert foreign.exists()
    left = {file.name for file in (tmp_path / "out" / "by_type").iterdir()}
    assert left == {*kept, "2026-03-29T000000Z.csv"}


def test_prune_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "2020-01-01T000000Z.csv").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "by_type").symlink_to(tmp_path / "elsewhere")
    settings = AnalyticsSettings(output_dir=tmp_path / "out")
    assert list(prune({"by_type": query()}, settings, NOW)) == []


def test_prune_shortens_the_run_log(tmp_path: Path) -> None:
    runs = [
        Run(at, "q", SPAN.start, SPAN.end, "UTC", "ok", 1.0)
        for at in (NOW - timedelta(days=365), NOW - timedelta(days=1))
    ]
    for run in runs:
        append(tmp_path, run)
    old, new = (tmp_path / NAME).read_text().splitlines(keepends=True)
    (tmp_path / NAME).write_text(old + "no line\n" + new)
    list(prune({"by_type": query()}, AnalyticsSettings(output_dir=tmp_path), NOW))
    assert (tmp_path / NAME).read_text() == new


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_has_is_not(
    tmp_path: Path,
) -> None:
    left = tmp_path / ".work" / "run-of-the-dead"
    left.mkdir(parents=True)
    (left / "lock").write_text("")
    with workspace(tmp_path) as living:
        sweep(tmp_path)
        assert not left.exists()
        assert living.exists()
        assert living.stat().st_mode & 0o077 == 0, "a copy of the database is nobody else's"
    assert not living.exists()
