"""Whatever queries take of a disk, the flow that writes there finds room."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analytics.duckdb_reading import DuckDBReading
from analytics.errors import QueryError
from analytics.snapshot import SnapshotError
from tests.analytics.a_week import a_week
from tests.analytics.readings import LIMITS, SPAN, asked
from tests.small_disk import small_disk

MIB = 2**20
KEPT = 64 * MIB
LARGE = """
SELECT count(*) AS n FROM (
    SELECT i, row_number() OVER (ORDER BY hash(i)) AS place FROM range(12000000) AS numbers(i)
) AS ranked WHERE place % 7 = 0
"""
"""A query that writes some hundred MiB to the disk."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 160) as folder:
        (folder / "work").mkdir()
        yield folder


def reading(disk: Path, *, copied: bool) -> DuckDBReading:
    limits = LIMITS._replace(memory_mib=40)
    file = disk / "chat.duckdb"
    return DuckDBReading(file, limits, disk / "work", lambda: False, copied=copied)


@contextmanager
def least_free(disk: Path) -> Iterator[list[int]]:
    """The one number is the room there was when there was least."""
    over, least = threading.Event(), [shutil.disk_usage(disk).free]

    def look() -> None:
        while not over.wait(0.002):
            least[0] = min(least[0], shutil.disk_usage(disk).free)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield least
    finally:
        over.set()
        looking.join()


@pytest.mark.parametrize("copied", [False, True], ids=["the file", "a copy"])
def test_query_that_does_not_fit_leaves_the_flow_its_room(disk: Path, copied: bool) -> None:
    a_week(disk / "chat.duckdb", messages=2000)
    with least_free(disk) as least, reading(disk, copied=copied) as source:
        with pytest.raises(QueryError, match=r"needs more memory .* or room .*output_dir"):
            source.ask(asked(LARGE), SPAN)
        assert source.on_copy == copied
    assert KEPT - MIB < least[0] < KEPT + 16 * MIB


def test_copy_that_would_take_the_room_of_the_flow_is_not_made(disk: Path) -> None:
    file = a_week(disk / "chat.duckdb", messages=2000)
    size = file.stat().st_size
    stuffing = shutil.disk_usage(disk).free - KEPT - size + MIB
    (disk / "stuffing").write_bytes(bytes(stuffing))
    with pytest.raises(SnapshotError, match="there is no room in"), reading(disk, copied=True):
        pass
    (disk / "stuffing").write_bytes(bytes(stuffing - 2 * MIB))
    with reading(disk, copied=True) as source:
        assert source.on_copy
