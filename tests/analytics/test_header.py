from datetime import timedelta
from pathlib import Path

import pytest

from analytics.catalog import chosen, load_catalog
from analytics.query import Chart
from config.errors import ConfigurationError
from tests.analytics.query_files import query, query_text


def test_file_says_all_there_is_to_know_of_a_query() -> None:
    found = query()
    assert (found.name, found.title) == ("by_type", "Messages by type")
    assert (found.every, found.span) == (timedelta(hours=1), timedelta(days=7))
    assert found.output == ("parquet", "csv", "html")
    assert (found.timeout, found.keep) == (timedelta(minutes=1), timedelta(days=90))
    assert found.chart == Chart("bar", "event_type", "messages")
    assert found.sql.startswith("SELECT")


def test_comments_below_the_header_belong_to_the_statement() -> None:
    assert query("SELECT 1 -- one\n").sql == "SELECT 1 -- one\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every": ""}, r"by_type.sql: the header lacks every"),
        ({"every": "soon"}, r"by_type.sql: every must be a duration"),
        ({"every": "7h"}, r"by_type.sql: every must divide a day or be whole days"),
        ({"every": "0s"}, r"by_type.sql: every must be a second or longer"),
        ({"span": "-1d"}, r"by_type.sql: span must be"),
        ({"output": "csv, xlsx"}, r"output must be some of parquet, csv, html, not 'xlsx'"),
        ({"chart": "pie x=a y=b"}, r"chart must begin with one of line, .*, not 'pie'"),
        ({"chart": "line x=a"}, r"chart lacks y, which a line needs"),
        ({"chart": "line x=a y=b size=c"}, r"chart must name columns as in .*, not 'size=c'"),
        ({"chart": "line x=a x=b y=c"}, r"not 'x=b'"),
        ({"color": "red"}, r"by_type.sql:9: unknown key color; there is title"),
    ],
    ids=str,
)
def test_mistake_in_a_header_names_file_and_key(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        query(**changes)


def test_key_that_is_there_twice_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match=r"by_type.sql:9: title is there twice"):
        query("-- title: Another\nSELECT 1")


def test_comment_in_a_header_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match=r"by_type.sql:9: the header is made of lines"):
        query("-- by ann\nSELECT 1")


@pytest.mark.parametrize("sql", ["SELECT $begin", "", "\n"])
def test_statement_is_there_and_asks_for_what_there_is(sql: str) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no"):
        query(sql)


def test_own_query_replaces_one_of_the_release(tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text(query_text())
    packaged = load_catalog(None)
    (tmp_path / f"{next(iter(packaged), 'mine')}.sql").write_text(query_text(title="Ours"))
    catalog = load_catalog(tmp_path)
    assert catalog.keys() == packaged.keys() | {"mine"}
    assert "Ours" in {found.title for found in catalog.values()}


def test_statement_of_its_own_for_postgres_has_no_header(tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text(query_text())
    (tmp_path / "mine.postgres.sql").write_text("SELECT 2")
    assert load_catalog(tmp_path)["mine"].postgres_sql == "SELECT 2"


@pytest.mark.parametrize("name", ["Mine.sql", "my-query.sql", "alone.postgres.sql"])
def test_file_with_a_name_of_no_query_is_a_mistake(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(query_text())
    with pytest.raises(ConfigurationError, match=name):
        load_catalog(tmp_path)


def test_folder_that_is_not_there_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"analytics.queries: the folder .*/none cannot"):
        load_catalog(tmp_path / "none")


def test_query_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="there is no query nothing"):
        chosen({"by_type": query()}, ["nothing"])
