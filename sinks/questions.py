"""Questions to a store beside the flow: one text for both databases."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.store import StoreSettings
from sinks.duckdb_words import in_words
from sinks.lease import open_for_reading
from sinks.postgres_session import PostgresSession

_PARAMETER = re.compile(r"\$(\w+)")
_INSTANT = re.compile(r"epoch_ms\(([^()]+)\)")
_AT_ONCE = 10_000
_PATIENCE = 30.0
"""Seconds to wait for whoever holds the database, or for its server."""


def rows_of(
    settings: StoreSettings, statement: str, arguments: Mapping[str, object]
) -> Iterator[tuple[Any, ...]]:
    """Ask a query in DuckDB's words, of what Postgres has too.

    Args:
        settings: Where the store is.
        statement: Arguments are `$name`, `epoch_ms(column)` is an instant in milliseconds.
        arguments: By name.

    Raises:
        ChatflowError: There is no such database, or others hold it.
    """
    if settings.is_postgres:
        yield from _postgres(settings.url, statement, arguments)
        return
    connection = open_for_reading(settings.path, _PATIENCE)
    with contextlib.closing(connection), in_words("read", settings.path):
        found = connection.execute(statement, dict(arguments))
        while rows := found.fetchmany(_AT_ONCE):
            yield from rows


def _postgres(
    url: str, statement: str, arguments: Mapping[str, object]
) -> Iterator[tuple[Any, ...]]:
    named = _PARAMETER.sub(r"%(\1)s", statement)
    asked = _INSTANT.sub(r"(extract(epoch FROM \1) * 1000)::bigint", named)
    session = PostgresSession(url, _PATIENCE, "chatflow", claims=False)
    try:
        yield from session.query(asked, arguments)
    finally:
        session.close()
