"""Bring a database to this release's schema: one runner, a history for each dialect."""

import contextlib
import logging
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, NamedTuple, Protocol

import duckdb

from sinks.lease import StoreError

log = logging.getLogger(__name__)

_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER NOT NULL, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""

_VERSION = "SELECT coalesce(max(number), 0) FROM schema_migrations"


class Connection(Protocol):
    """What connections of both databases can do."""

    def execute(self, statement: str, /) -> Any:
        """Run statements; the result has `fetchone`."""


class Migration(NamedTuple):
    """One step of the schema's history."""

    number: int
    name: str
    sql: str


def migrations(store: str) -> list[Migration]:
    """The steps for a store (`duckdb`, `postgres`), oldest first."""
    folder = files("sinks.migrations").joinpath(store)
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(
        Migration(int(file.name.partition("_")[0]), file.name, file.read_text()) for file in found
    )


def migrate(connection: Connection, store: str, steps: Sequence[Migration] | None = None) -> None:
    """Apply what is missing, each step all of it or nothing.

    Args:
        connection: A database in which no transaction is open.
        store: Whose dialect it speaks.
        steps: The schema's history, oldest first; by default the one of this release.

    Raises:
        StoreError: The database was written by a newer release, and an older one must not touch
            it; or a step failed, and its changes were taken back.
    """
    connection.execute(_HISTORY)
    version = version_of(connection)
    steps = migrations(store) if steps is None else steps
    if version > steps[-1].number:
        raise StoreError(
            f"the database has schema version {version}, this release knows {steps[-1].number}:"
            " run the release that wrote it, or a newer one"
        )
    for step in steps:
        if step.number > version:
            if version:
                log.info("bringing the database to schema version %d", step.number)
            _apply(connection, step, _errors(store))


def version_of(connection: Connection) -> int:
    """Number of the last step applied, of a database that has been migrated; 0 before the first."""
    row = connection.execute(_VERSION).fetchone()
    return int(row[0]) if row else 0


def _errors(store: str) -> type[Exception]:
    """What a statement that fails raises; a flow without Postgres does without its driver."""
    if store == "duckdb":
        return duckdb.Error
    import psycopg

    return psycopg.Error


def _apply(connection: Connection, step: Migration, errors: type[Exception]) -> None:
    connection.execute("BEGIN")
    try:
        connection.execute(step.sql)
        connection.execute(
            f"INSERT INTO schema_migrations (number, name) VALUES ({step.number}, '{step.name}')"
        )
        connection.execute("COMMIT")
    except errors as error:
        with contextlib.suppress(errors):  # DuckDB may have done so itself
            connection.execute("ROLLBACK")
        raise StoreError(
            f"the database cannot be brought to schema version {step.number}:"
            f" {str(error).splitlines()[0]}. It is as it was before"
        ) from error
