"""Upkeep of a DuckDB file, between two epochs of the flow or without it."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from typing_extensions import override

from schemas.events import TopicPartition
from schemas.tables import FLOW_STATE, TABLES
from sinks import duckdb_sql as sql
from sinks.arrow import arrow_table
from sinks.commits import STEP, commits_in, committed_at_in, kept_from_in, kept_row
from sinks.duckdb_words import in_words
from sinks.lease import StoreError, open_for_reading, open_for_writing
from sinks.migrate import migrate, version_of
from sinks.periods import kept_from
from sinks.upkeep import AGES, Rules, StoreStatus, TableSize, Upkeep

_IS_PREPARED = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migrations'"
_MARKS = "SELECT sink, kafka_topic, kafka_partition, next_offset FROM kafka_offsets ORDER BY ALL"


class DuckDBUpkeep(Upkeep):
    """Work on one file."""

    def __init__(self, path: Path, lock_timeout: float, *, checkpoint: bool = False) -> None:
        """With `checkpoint`, space that deleted rows leave is given back to the file at once."""
        self._path = path
        self._lock_timeout = lock_timeout
        self._checkpoint = checkpoint

    @override
    def migrate(self) -> int:
        connection = open_for_writing(self._path, self._lock_timeout)
        with contextlib.closing(connection), in_words("prepare", self._path):
            migrate(connection, "duckdb")
            return version_of(connection)

    @override
    def status(self) -> StoreStatus:
        connection = open_for_reading(self._path, self._lock_timeout)
        with contextlib.closing(connection), in_words("read", self._path):
            self._refuse_unprepared(connection)
            states = connection.execute(sql.QUESTIONS.states, {"step": STEP}).fetchall()
            marks = connection.execute(_MARKS).fetchall()
            return StoreStatus(
                str(self._path),
                version_of(connection),
                commits_in(states),
                committed_at_in(states),
                self._path.stat().st_size,
                tuple(TableSize(each.name, _rows(connection, each.name), None) for each in TABLES),
                {(sink, TopicPartition(*at)): offset for sink, *at, offset in marks},
                is_exact=True,
            )

    @override
    def maintain(self, rules: Rules, now: datetime) -> list[str]:
        with contextlib.closing(open_for_reading(self._path, self._lock_timeout)) as connection:
            self._refuse_unprepared(connection)
        connection = open_for_writing(self._path, self._lock_timeout, create=False)
        with contextlib.closing(connection), in_words("maintain", self._path):
            done = []
            if rules.retention is not None:
                done += _let_go(connection, rules, now, rules.retention)
            if self._checkpoint:
                connection.execute("CHECKPOINT")
                done.append("gave the space of deleted rows back to the file")
            return done

    def _refuse_unprepared(self, connection: duckdb.DuckDBPyConnection) -> None:
        if connection.execute(_IS_PREPARED).fetchone() == (0,):
            raise StoreError(
                f"the database {self._path} has none of the flow's tables: the flow makes them when"
                " it starts, and so does `chatflow store migrate`"
            )


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0


def _let_go(
    connection: duckdb.DuckDBPyConnection, rules: Rules, now: datetime, retention: timedelta
) -> list[str]:
    """Delete what is old enough, in one transaction, and leave word of it."""
    row = connection.execute(sql.QUESTIONS.closed_until).fetchone()
    if row is None or row[0] is None:
        return ["kept everything: no window is closed yet"]
    closed = datetime.fromtimestamp(row[0] / 1000, UTC)
    states = connection.execute(sql.QUESTIONS.states, {"step": STEP}).fetchall()
    # What is gone stays gone, also when the retention has become longer since.
    gone_until = datetime.fromtimestamp(kept_from_in(states) / 1000, UTC)
    floor = max(kept_from(now, retention, closed, rules.period), gone_until)
    done = []
    with _transaction(connection):
        connection.register(sql.ROWS, arrow_table(kept_row(int(floor.timestamp()) * 1000)))
        connection.execute(sql.merge(FLOW_STATE))
        connection.unregister(sql.ROWS)
        for table, column in AGES.items():
            deleted = connection.execute(f"DELETE FROM {table} WHERE {column} < ?", [floor])
            count = (deleted.fetchone() or (0,))[0]
            done += [f"deleted {count} rows of {table}"] if count else []
    return [*done, f"everything since {floor:%Y-%m-%d} is kept"]


@contextlib.contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
