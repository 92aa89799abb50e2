"""Fixtures of the tests about queries."""

from collections.abc import Iterator

import pytest

from tests.analytics.databases import Database, DuckDB, OpenDatabase, Postgres
from tests.postgres_server import PostgresServer

_KINDS = ("duckdb", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture(scope="module", params=_KINDS)
def open_database(request: pytest.FixtureRequest) -> Iterator[OpenDatabase]:
    """Makes an empty database whenever it is called; once of each kind."""
    if request.param == "duckdb":
        yield DuckDB
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    opened: list[Postgres] = []

    def create() -> Database:
        opened.append(Postgres(server.create_database()))
        return opened[-1]

    yield create
    for database in opened:
        database.close()


@pytest.fixture(scope="module")
def database(open_database: OpenDatabase) -> Database:
    """One that the tests of a module use in turn: each says first what it is to hold."""
    return open_database()
