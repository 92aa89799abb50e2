from collections.abc import Iterator
from datetime import timedelta

import msgspec
import psycopg
import pytest

from analytics.errors import QueryError, StoppedError
from analytics.postgres_reading import PostgresReadError, PostgresReading, place_of
from config.errors import ConfigurationError
from tests.analytics.query_files import query
from tests.analytics.readings import LIMITS, SPAN, ask_postgres, slow
from tests.postgres_server import PostgresServer, execute

_TABLE = """
CREATE TABLE messages (event_type TEXT, content TEXT, created_at TIMESTAMPTZ);
INSERT INTO messages SELECT 'message', 'a secret', TIMESTAMPTZ '2026-03-24 12:00Z'
FROM generate_series(1, 7);
CREATE SEQUENCE numbers;
CREATE ROLE owner NOLOGIN;
CREATE ROLE writer LOGIN IN ROLE owner;
CREATE ROLE climber LOGIN NOINHERIT IN ROLE postgres;
GRANT ALL ON SCHEMA public TO owner;
ALTER TABLE messages OWNER TO owner;
ALTER SEQUENCE numbers OWNER TO owner;
"""
_ROLE_BACK = "FROM (SELECT set_config('role', 'owner', true) AS role OFFSET 0) AS first"


@pytest.fixture(scope="module")
def superuser(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database()
    execute(url, _TABLE)
    yield url
    changed = "SELECT count(*), (SELECT is_called FROM numbers) FROM messages"
    assert execute(url, changed) == [(7, False)], "no test changed anything"


@pytest.fixture(scope="module")
def url(postgres_server: PostgresServer, superuser: str) -> str:
    """Of a role that may do whatever it likes with the tables, but is no superuser."""
    return postgres_server.url_of_role(superuser, "writer")


def test_query_counts_what_lies_in_its_span(url: str) -> None:
    assert ask_postgres(url, query()).to_pylist() == [{"event_type": "message", "messages": 7}]


def test_result_has_the_types_that_duckdb_gives(url: str) -> None:
    sql = """SELECT $start AS a, CAST($start AT TIME ZONE $timezone AS DATE) AS b, 1 AS c,
        sum(7::BIGINT) AS d, 0.5::REAL AS e, 'x' AS f, NULL AS g, $end > $start AS h,
        $start AT TIME ZONE $timezone AS i, '7 % of it' AS j"""
    schema = ask_postgres(url, sql).schema
    assert [str(field.type) for field in schema] == [
        "timestamp[us, tz=UTC]", "date32[day]", "int64", "double", "double", "string", "string",
        "bool", "timestamp[us]", "string",
    ]  # fmt: skip


def test_statement_of_its_own_is_the_one_that_runs(url: str) -> None:
    found = query("SELECT broken FROM nothing", chart="table")
    own = msgspec.structs.replace(found, postgres_sql="SELECT 2 AS n")
    assert ask_postgres(url, own).to_pylist() == [{"n": 2}]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE mine (i INT)",
        "CREATE TEMP TABLE mine (i INT)",
        "INSERT INTO messages SELECT * FROM messages",
        "DELETE FROM messages",
        "WITH gone AS (DELETE FROM messages RETURNING 1) SELECT * FROM gone",
        "SELECT 1; DELETE FROM messages",
        "SELECT 1; COMMIT; DELETE FROM messages",
        "COPY messages TO STDOUT",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY messages FROM '/etc/passwd'",
        "SET statement_timeout = 0",
        "DO $$ BEGIN DELETE FROM messages; END $$",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_ls_dir('/etc')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT * INTO mine FROM messages",
        "SELECT * FROM messages FOR UPDATE",
        "RESET ROLE; DELETE FROM messages",
        "SELECT set_config('session_authorization', 'postgres', false)",
        "SELECT set_config('role', 'postgres', true)",
        f"SELECT role, nextval('numbers') {_ROLE_BACK}",
        f"SELECT * {_ROLE_BACK}, ts_stat('DELETE FROM messages RETURNING to_tsvector(content)')",
        f"SELECT * {_ROLE_BACK}, ts_stat('SELECT to_tsvector(pg_read_file(''/etc/passwd''))')",
    ],
)
def test_query_changes_nothing_and_reads_no_file(sql: str, url: str) -> None:
    """Although the role of these tests owns the tables."""
    with pytest.raises(QueryError):
        ask_postgres(url, sql)


@pytest.mark.parametrize("role", ["postgres", "climber"])
def test_role_with_rights_that_no_query_may_have_is_refused(
    role: str, superuser: str, postgres_server: PostgresServer
) -> None:
    """A query can call up whatever was put down: by `set_config`, and `ts_stat` runs SQL."""
    with pytest.raises(ConfigurationError, match=r"rights of a superuser.*analytics\.url"):
        ask_postgres(postgres_server.url_of_role(superuser, role), "SELECT 1 AS n")


def test_transaction_itself_refuses_to_write(url: str) -> None:
    """Should a statement of a role that may write ever pass for a query."""
    with PostgresReading(url, LIMITS, lambda: False) as reading:
        assert reading.ask(query(), SPAN).num_rows == 1
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reading._connection.execute("DELETE FROM messages")


def test_setting_that_a_query_changes_is_as_it_was_for_the_next(url: str) -> None:
    with PostgresReading(url, LIMITS, lambda: False) as reading:
        reading.ask(query("SELECT set_config('work_mem', '99MB', false)", chart="table"), SPAN)
        found = reading.ask(query("SELECT current_setting('work_mem') AS m", chart="table"), SPAN)
    assert found.to_pylist() == [{"m": "16MB"}]


def test_query_that_takes_too_long_is_broken_off(url: str) -> None:
    with pytest.raises(QueryError, match="took longer than"):
        ask_postgres(url, slow("SELECT 1 AS n FROM pg_sleep(60)", timedelta(seconds=1)))


def test_signal_breaks_a_query_off(url: str) -> None:
    with pytest.raises(StoppedError):
        ask_postgres(url, "SELECT 1 AS n FROM pg_sleep(60)", stop=lambda: True)


def test_queries_go_on_after_one_that_failed(url: str) -> None:
    with PostgresReading(url, LIMITS, lambda: False) as reading:
        with pytest.raises(QueryError):
            reading.ask(query("SELECT broken"), SPAN)
        assert reading.ask(query(), SPAN).num_rows == 1


def test_result_with_too_many_rows_is_none(url: str) -> None:
    with pytest.raises(QueryError, match="finds more than 1,000 rows"):
        ask_postgres(url, "SELECT n FROM generate_series(1, 1001) s(n)")


def test_words_of_an_error_quote_the_query_and_never_a_message(url: str) -> None:
    with pytest.raises(QueryError, match="missing_column"):
        ask_postgres(url, "SELECT missing_column FROM messages")
    with pytest.raises(QueryError) as caught:
        ask_postgres(url, "SELECT CAST(content AS INTEGER) AS n FROM messages")
    assert "22P02" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_password_of_a_url_is_in_no_text() -> None:
    url = "postgresql://ann:hunter2@127.0.0.1:9/chat"
    assert place_of(url) == "Postgres 127.0.0.1/chat"
    with pytest.raises(PostgresReadError) as caught:
        ask_postgres(url, "SELECT 1")
    assert "hunter2" not in str(caught.value)
