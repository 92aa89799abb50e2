"""What only the embedded store does."""

from pathlib import Path

from schemas.events import Progress
from tests.builders import CHAT
from tests.places import DuckDBPlace
from tests.sinks.stores import execution


def test_an_epoch_in_which_nothing_moves_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    with execution(DuckDBPlace(path)) as process:
        commits = process.epoch(Progress(CHAT, 7, None))
        written_at = path.stat().st_mtime_ns
        assert process.epoch(Progress(CHAT, 7, None, idle_for=1000)) == commits
        assert path.stat().st_mtime_ns == written_at
        assert process.epoch(Progress(CHAT, 8, None)) == commits + 1
