from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from analytics.duckdb_reading import confine
from analytics.errors import QueryError, QueryTimeoutError, StoppedError
from sinks.lease import StoreError, open_for_reading
from tests.analytics.a_week import a_week
from tests.analytics.query_files import query
from tests.analytics.readings import ENDLESS, LIMITS, SPAN, ask_duckdb, slow

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_week(tmp_path_factory.mktemp("week") / "chat.duckdb", messages=2000)


def test_query_counts_what_lies_in_its_span(week: Path) -> None:
    found = ask_duckdb(week, query())
    assert found.column_names == ["event_type", "messages"]
    assert sum(row["messages"] for row in found.to_pylist()) == 1028


def test_zone_and_limits_of_the_span_are_what_the_query_is_told(week: Path) -> None:
    found = ask_duckdb(week, "SELECT $start AS a, $end AS b, $timezone AS c").to_pylist()
    assert found == [{"a": SPAN.start, "b": SPAN.end, "c": "Europe/Berlin"}]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY messages TO 'stolen.csv'",
        "ATTACH 'other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '64 GB'",
        "PRAGMA threads = 8",
        "CREATE TABLE mine (i INT)",
        "CREATE TEMP TABLE mine (i INT)",
        "INSERT INTO presence SELECT * FROM presence",
        "DELETE FROM messages",
        "EXPORT DATABASE 'all'",
        "CALL checkpoint()",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE messages",
    ],
)
def test_nothing_but_one_select_is_run(sql: str, week: Path) -> None:
    with pytest.raises(QueryError, match="is not one SELECT"):
        ask_duckdb(week, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('https://example.org/a.parquet')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
        "SELECT * FROM sqlite_scan('a', 'b')",
        "SELECT * FROM query('COPY messages TO ''stolen.csv''')",
    ],
)
def test_select_reaches_no_file_and_no_network(sql: str, week: Path) -> None:
    with pytest.raises(QueryError):
        ask_duckdb(week, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY messages TO '{folder}/stolen.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '64 GB'",
        "RESET lock_configuration",
        "CREATE TABLE mine (i INT)",
        "INSERT INTO presence SELECT * FROM presence",
        "DELETE FROM messages",
        "EXPORT DATABASE '{folder}/all'",
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
    ],
)
def test_connection_itself_refuses_too(sql: str, week: Path, tmp_path: Path) -> None:
    """Should a statement ever pass for a SELECT."""
    with open_for_reading(week) as connection:
        confine(connection, LIMITS, tmp_path / "spill", room=0)
        with pytest.raises(duckdb.Error):
            connection.execute(sql.format(folder=tmp_path))
    assert [file.name for file in tmp_path.iterdir() if file.name != "spill"] == []


def test_query_reads_no_variable_of_the_program(week: Path, tmp_path: Path) -> None:
    outside = pa.table({"a": [1]})
    with open_for_reading(week) as connection:
        assert connection.execute("SELECT a FROM outside").fetchall() == [(outside.num_rows,)]
        confine(connection, LIMITS, tmp_path, room=0)
        with pytest.raises(duckdb.CatalogException):
            connection.execute("SELECT a FROM outside")


def test_query_that_takes_too_long_is_broken_off(week: Path) -> None:
    with pytest.raises(QueryTimeoutError, match="took longer than 1 s"):
        ask_duckdb(week, slow(ENDLESS, SECOND))


def test_signal_breaks_a_query_off(week: Path) -> None:
    with pytest.raises(StoppedError):
        ask_duckdb(week, ENDLESS, stop=lambda: True)


def test_result_with_too_many_rows_is_none(week: Path) -> None:
    assert ask_duckdb(week, "SELECT * FROM range(1000)").num_rows == 1000
    with pytest.raises(QueryError, match=r"finds more than 1,000 rows \(analytics.max_rows\)"):
        ask_duckdb(week, "SELECT * FROM range(1001)")


def test_query_that_needs_too_much_memory_says_so(week: Path) -> None:
    small = LIMITS._replace(memory_mib=1)
    with pytest.raises(QueryError, match="needs more memory"):
        ask_duckdb(week, "SELECT list(i) AS l FROM range(20000000) r(i)", small)


def test_words_of_an_error_quote_the_query_and_never_a_message(week: Path) -> None:
    with pytest.raises(QueryError, match="missing_column"):
        ask_duckdb(week, "SELECT missing_column FROM messages")
    with pytest.raises(QueryError) as caught:
        ask_duckdb(week, "SELECT CAST(content AS INTEGER) FROM messages")
    assert "ConversionException" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing\.duckdb"):
        ask_duckdb(tmp_path / "nothing.duckdb", "SELECT 1")
