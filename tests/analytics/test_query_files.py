"""What holds for every file in `analytics`, whichever query it is."""

import re

import pytest

from tests.analytics.chat_rows import Tables, message
from tests.analytics.databases import QUERIES, Database, DuckDB
from tests.analytics.query_list import columns_of, header, header_of, query_list
from tests.analytics.scenarios import scenario
from tests.documents import blocks, text_of

KEYS = ["title", "every", "span", "output", "timeout", "keep", "chart", "description"]
CHARTS = {
    "line": {"x", "y"},
    "bar": {"x", "y"},
    "area": {"x", "y"},
    "funnel": {"x", "y"},
    "heatmap": {"x", "y", "color"},
    "table": set(),
}
SAME_TYPE = {
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "BIGINT": "int8",
    "INTEGER": "int4",
    "DOUBLE": "float8",
    "VARCHAR": "text",
}
SECRET = "meet me at nine"

each_query = pytest.mark.parametrize("name", QUERIES)


@each_query
def test_a_header_says_everything_about_its_query(name: str) -> None:
    said = header_of(name)
    assert list(said) == KEYS
    for key in ("every", "span", "timeout", "keep"):
        assert re.fullmatch(r"[1-9]\d*[smhd]", said[key]), key
    assert set(said["output"].split(", ")) <= {"parquet", "csv", "html"}
    assert said["description"].endswith(".")


@each_query
def test_a_chart_draws_columns_that_there_are(name: str) -> None:
    kind, *words = header_of(name)["chart"].split()
    channels = dict(word.split("=") for word in words)
    assert channels.keys() >= CHARTS[kind]
    assert channels.keys() <= {"x", "y", "color"}
    assert set(channels.values()) <= {column for column, _ in columns_of(DuckDB(), name)}


def test_both_databases_call_columns_the_same_and_give_them_the_same_types(
    database: Database,
) -> None:
    duckdb, during = DuckDB(), scenario("no_rows").span
    for name in QUERIES:
        wanted = duckdb.ask(name, during).columns
        if not isinstance(database, DuckDB):
            wanted = [(column, SAME_TYPE[kind]) for column, kind in wanted]
        assert database.ask(name, during).columns == wanted, name


def test_the_order_of_a_result_does_not_depend_on_that_of_the_rows(database: Database) -> None:
    tables, during = scenario("kolkata_half_an_hour_off")
    database.hold(tables)
    before = {name: database.ask(name, during).rows for name in QUERIES}
    database.hold({name: rows[::-1] for name, rows in tables.items()})
    for name in QUERIES:
        assert _rounded(database.ask(name, during).rows) == _rounded(before[name]), name


def test_no_query_returns_what_people_wrote(database: Database) -> None:
    during = scenario("one_row").span
    sent = message(during.start, content=SECRET, file_name=SECRET, file_size=1)
    letter = {"kafka_topic": "chat", "kafka_partition": 0, "kafka_offset": 1, "reason": "x"}
    secret = {"detail": SECRET, "headers": SECRET, "key": SECRET.encode()}
    dead = {**letter, **secret, "payload": SECRET.encode(), "at": during.start}
    tables: Tables = {"messages": [sent], "dead_letters": [dead]}
    database.hold(tables)
    for name in QUERIES:
        assert SECRET not in repr(database.ask(name, during).rows), name


def test_the_query_that_contributors_begin_with_runs(database: Database) -> None:
    (text,) = blocks("CONTRIBUTING.md", "sql")
    assert list(header(text)) == KEYS
    at = {"created_at": scenario("one_row").span.start, "user_id": "ann", "event_type": "typing"}
    place = {"kafka_topic": "user-events", "kafka_partition": 0, "kafka_offset": 0}
    database.hold({"user_events": [{**place, **at, "recorded_at": at["created_at"]}]})
    found = database.run(text, scenario("one_row").span)
    assert [row[1:] for row in found.rows] == [("typing", 1, 1)]


def test_the_list_in_the_documents_is_that_of_the_files() -> None:
    """If not: `python -m tests.analytics.query_list > docs/queries.md`."""
    assert text_of("docs/queries.md") == query_list()


def _rounded(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Sums of fractions differ in the last digits with the order in which they are added."""
    return [
        tuple(round(value, 9) if isinstance(value, float) else value for value in row)
        for row in rows
    ]
