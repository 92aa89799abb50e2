"""The partitions of `messages` and `user_events`: a span of time each, and one for the rest."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from sinks.periods import Period, Span, span_of
from sinks.postgres_session import Connection

TABLES = ("messages", "user_events")
"""They are cut by `created_at`."""

_BOUNDS = re.compile(r"FROM \('(.+?)'\) TO \('(.+?)'\)")
_PARTITIONS = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = %s::regclass
"""
_PATIENCE = "SET LOCAL lock_timeout = '2s'"
"""A statement that waits for a lock makes all later ones wait too: better to try again."""


def partitions(connection: Connection, table: str) -> dict[str, Span]:
    """The names and spans of its partitions, without the one for the rest."""
    found = {}
    for name, bounds in connection.execute(_PARTITIONS, (table,)).fetchall():
        if matched := _BOUNDS.search(bounds):
            start, end = map(datetime.fromisoformat, matched.groups())
            found[name] = Span(start, end)
    return found


def make_partitions(
    connection: Connection, table: str, spans: Iterable[Span], period: Period
) -> list[str]:
    """Make those that are missing, each in a transaction, and move their rows into them.

    Returns:
        The names of the new ones. A span that meets an old partition, cut by another period, is
        left as it is.
    """
    known = list(partitions(connection, table).values())
    made = []
    for span in spans:
        if not any(span.overlaps(other) for other in known):
            name = f"{table}_{span.start:{'%Y%m%d' if period == 'day' else '%Y%m'}}"
            _make(connection, table, name, span)
            known.append(span)
            made.append(name)
    return made


def spans_of_the_rest(
    connection: Connection, table: str, period: Period, end: datetime
) -> Iterator[Span]:
    """The periods before `end` that have rows in no partition of their own."""
    rows = connection.execute(
        f"SELECT DISTINCT date_trunc('{period}', created_at) FROM {table}_default"
        " WHERE created_at < %s ORDER BY 1",
        (end,),
    ).fetchall()
    return (span_of(start, period) for (start,) in rows)


def drop_partitions(connection: Connection, floor: datetime) -> list[str]:
    """Within a transaction: remove all partitions that end before, and older rows of the rest."""
    connection.execute(_PATIENCE)
    gone = []
    for table in TABLES:
        old = [name for name, span in partitions(connection, table).items() if span.end <= floor]
        for name in sorted(old):
            connection.execute(f"DROP TABLE {name}")
        connection.execute(f"DELETE FROM {table}_default WHERE created_at < %s", (floor,))
        gone += sorted(old)
    return gone


def _make(connection: Connection, table: str, name: str, span: Span) -> None:
    # Attached, not created as a partition: that would lock the whole table against everybody.
    bounds = (span.start, span.end)
    with connection.transaction():
        connection.execute(_PATIENCE)
        connection.execute(f"LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE")
        if connection.execute("SELECT to_regclass(%s)", (name,)).fetchone() != (None,):
            # A start and the upkeep can both want it; who waited for the lock finds it made.
            return
        connection.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        connection.execute(
            f"WITH moved AS (DELETE FROM {table}_default"
            " WHERE created_at >= %s AND created_at < %s RETURNING *)"
            f" INSERT INTO {name} SELECT * FROM moved",
            bounds,
        )
        connection.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{span.start.isoformat()}') TO ('{span.end.isoformat()}')"
        )
