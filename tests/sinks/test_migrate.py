from pathlib import Path

import pytest

from schemas.rows import Type
from schemas.tables import TABLES
from sinks.lease import StoreError, open_for_writing
from sinks.migrate import migrations
from tests.places import open_store, query

_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "INTEGER",
    Type.BIGINT: "BIGINT",
    Type.BOOLEAN: "BOOLEAN",
    Type.BYTES: "BLOB",
    Type.INSTANT: "TIMESTAMP WITH TIME ZONE",
}
HISTORY = "SELECT number, name FROM schema_migrations ORDER BY number"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "chat.duckdb"
    open_store(found)
    return found


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_tables_have_the_columns_that_rows_are_written_with(path: Path, table: object) -> None:
    (found,) = [each for each in TABLES if each is table]
    columns = query(
        path,
        "SELECT column_name, data_type FROM information_schema.columns"
        f" WHERE table_name = '{found.name}' ORDER BY ordinal_position",
    )
    assert columns == [(name, _TYPES[kind]) for name, kind in found.columns]


def test_no_part_of_a_key_can_be_null(path: Path) -> None:
    for table in TABLES:
        nullable = query(
            path,
            "SELECT column_name FROM information_schema.columns"
            f" WHERE table_name = '{table.name}' AND is_nullable = 'YES'",
        )
        assert not {name for (name,) in nullable} & set(table.key)


def test_a_second_start_applies_nothing_again(path: Path) -> None:
    before = query(path, HISTORY)
    open_store(path)
    assert query(path, HISTORY) == before
    assert before == [(step.number, step.name) for step in migrations("duckdb")]


def test_steps_are_numbered_without_gaps() -> None:
    numbers = [step.number for step in migrations("duckdb")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_file_of_a_newer_release_is_refused_and_left_alone(path: Path) -> None:
    connection = open_for_writing(path, 1.0)
    connection.execute("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')")
    connection.close()
    with pytest.raises(StoreError, match=r"schema version 99, this release knows \d+"):
        open_store(path)
    assert query(path, HISTORY)[-1] == (99, "later")
