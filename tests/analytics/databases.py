"""The two databases that a query has to run on, filled with rows, and what it finds there."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import duckdb
import psycopg
import pyarrow as pa

from schemas.rows import Table
from schemas.tables import TABLES
from sinks.derived import DERIVED
from sinks.migrate import migrations
from tests.analytics.chat_rows import Row, Tables
from tests.analytics.wall_clock import Span

FOLDER = Path(__file__).parents[2] / "analytics"
QUERIES = sorted(path.stem for path in FOLDER.glob("*.sql") if "." not in path.stem)

_ELSEWHERE = "Pacific/Auckland"
"""Time zone of the sessions: no result may depend on it."""
_PARAMETER = re.compile(r"\$(\w+)")
_CASTS = {"start": "timestamptz", "end": "timestamptz", "timezone": "text"}


class Answer(NamedTuple):
    """The columns of a result, with their types as the database calls them, and its rows."""

    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]


class Database(Protocol):
    """One kind of database with the tables of the chat."""

    def hold(self, tables: Tables) -> None:
        """Have these rows and no others."""

    def ask(self, name: str, span: Span) -> Answer:
        """Run a query of this release; instants come in UTC."""

    def run(self, text: str, span: Span) -> Answer:
        """Run what a file says."""


OpenDatabase = Callable[[], Database]


class DuckDB:
    """In memory, with the tables that the project's own migrations make."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        for step in migrations("duckdb"):
            self._connection.execute(step.sql)
        self._connection.execute(f"SET TimeZone = '{_ELSEWHERE}'")

    def hold(self, tables: Tables) -> None:
        for table in TABLES:
            self._connection.execute(f"TRUNCATE {table.name}")
        for table, rows in _filled(tables):
            whole = pa.Table.from_pylist(_whole(table, rows))
            derived = list(DERIVED.get(table.name, ()))
            self._connection.register("arriving", whole.drop_columns(derived))
            self._connection.execute(f"INSERT INTO {table.name} BY NAME FROM arriving")

    def ask(self, name: str, span: Span) -> Answer:
        return self.run(_text(name, ".sql"), span)

    def run(self, text: str, span: Span) -> Answer:
        values = _values(span)
        used = {key: values[key] for key in set(_PARAMETER.findall(text))}
        found = self._connection.execute(text, used)
        columns = [(column, str(kind)) for column, kind, *_ in found.description]
        return Answer(columns, _in_utc(found.fetchall()))


class Postgres:
    """A database of its own on a real server."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        for step in migrations("postgres"):
            self._execute(step.sql)
        self._execute(f"SET TimeZone = '{_ELSEWHERE}'")

    def hold(self, tables: Tables) -> None:
        self._execute(f"TRUNCATE {', '.join(table.name for table in TABLES)}")
        for table, rows in _filled(tables):
            with (
                self._connection.cursor() as cursor,
                cursor.copy(f"COPY {table.name} FROM STDIN") as copy,
            ):
                for row in _whole(table, rows):
                    copy.write_row(list(row.values()))

    def ask(self, name: str, span: Span) -> Answer:
        return self.run(_text(name, ".postgres.sql", ".sql"), span)

    def run(self, text: str, span: Span) -> Answer:
        typed = _PARAMETER.sub(lambda found: f"%({found[1]})s::{_CASTS[found[1]]}", text)
        found = self._execute(typed, _values(span))
        types = self._connection.adapters.types
        known = [(column.name, types.get(column.type_code)) for column in found.description or ()]
        columns = [(column, info.name if info else "") for column, info in known]
        return Answer(columns, _in_utc(found.fetchall()))

    def _execute(
        self, text: str, values: dict[str, Any] | None = None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._connection.execute(text, values)

    def close(self) -> None:
        self._connection.close()


def _text(name: str, *endings: str) -> str:
    """What the file of the first ending that there is says."""
    return next(
        path.read_text(encoding="utf-8")
        for ending in endings
        if (path := FOLDER / f"{name}{ending}").exists()
    )


def _filled(tables: Tables) -> list[tuple[Table, list[Row]]]:
    return [(table, rows) for table in TABLES if (rows := tables.get(table.name, []))]


def _whole(table: Table, rows: list[Row]) -> list[Row]:
    return [{name: row.get(name) for name in table.names} for row in rows]


def _values(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "timezone": span.zone.key}


def _in_utc(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row)
        for row in rows
    ]
