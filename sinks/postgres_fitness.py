"""Whether a database can hold what the flow writes."""

from typing import Any

import psycopg

from sinks.lease import StoreError

Connection = psycopg.Connection[tuple[Any, ...]]
_OLDEST = 14
"""Major release; the next older one is no longer maintained, and computes instants inexactly."""
_FOUND = "SELECT current_schema(), current_setting('server_encoding')"


def refuse_unfit(connection: Connection, place: str) -> None:
    """Stop before anything is made in a database that cannot hold it.

    Raises:
        StoreError: It is too old, cannot store every text, or has no schema for the tables.
    """
    release = connection.info.server_version // 10_000
    if release < _OLDEST:
        raise StoreError(f"the database {place} is of Postgres {release}: it must be 14 or later")
    ((schema, encoding),) = connection.execute(_FOUND).fetchall()
    if encoding != "UTF8":
        raise StoreError(
            f"the database {place} has the encoding {encoding}: create one with ENCODING 'UTF8'"
        )
    if schema is None:
        raise StoreError(
            f"the database {place} has no schema for the tables: create the one that search_path"
            " names, or let it name another"
        )
