"""Upkeep of a Postgres schema, beside the flow or without it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from typing_extensions import override

from schemas.events import TopicPartition
from schemas.tables import FLOW_STATE, TABLES
from sinks import postgres_sql as sql
from sinks.commits import COMMITS, STEP, commits_in, committed_at_in, kept_from_in, kept_row
from sinks.lease import StoreError
from sinks.migrate import migrate, version_of
from sinks.periods import kept_from, spans_ahead
from sinks.postgres_copy import encode
from sinks.postgres_partitions import TABLES as PARTITIONED
from sinks.postgres_partitions import drop_partitions, make_partitions, spans_of_the_rest
from sinks.postgres_session import Connection, PostgresSession
from sinks.postgres_writer import write
from sinks.upkeep import AGES, Rules, StoreStatus, TableSize, Upkeep

_T = TypeVar("_T")

_SIZES = """
SELECT coalesce(sum(greatest(c.reltuples, 0)) FILTER (WHERE c.relkind = 'r'), 0)::bigint,
    coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
FROM pg_class c
WHERE c.oid = %s::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree(%s::regclass))
"""
_MARKS = (
    "SELECT sink, kafka_topic, kafka_partition, next_offset FROM kafka_offsets ORDER BY 1, 2, 3"
)
_CLOSED_UNTIL = "SELECT max(window_end) FROM message_stats WHERE closed"
_IS_PREPARED = "SELECT to_regclass('schema_migrations') IS NOT NULL"
_LOCK_COMMITS = "SELECT FROM flow_state WHERE step = %s AND key = %s FOR UPDATE"


class PostgresUpkeep(Upkeep):
    """Work on the schema that the connection finds first."""

    def __init__(self, url: str, patience: float) -> None:
        """`patience`: seconds to wait for the server, and for locks of others."""
        self._url = url
        self._patience = patience
        self.place = PostgresSession(url, patience, "").place

    @override
    def migrate(self) -> int:
        self._run("prepare", lambda connection: migrate(connection, "postgres"), claims=True)
        return self._run("read", version_of)

    @override
    def status(self) -> StoreStatus:
        return self._run("read", self._status)

    @override
    def maintain(self, rules: Rules, now: datetime) -> list[str]:
        self._run("read", self._refuse_unprepared)
        done = []
        for table in PARTITIONED:
            made = self._run("maintain", partial(_make, table=table, rules=rules, now=now))
            done += [f"made the partition {name}" for name in made]
        if rules.retention is not None:
            done += self._let_go(rules, now, rules.retention)
        for each in TABLES:
            self._do(f"ANALYZE {each.name}")
        return [*done, "renewed the statistics of the planner"]

    def _let_go(self, rules: Rules, now: datetime, retention: timedelta) -> list[str]:
        closed = self._run("read", lambda connection: _one(connection, _CLOSED_UNTIL)[0])
        if closed is None:
            return ["kept everything: no window is closed yet"]
        states = self._run("read", _states)
        # What is gone stays gone, also when the retention has become longer since.
        gone_until = datetime.fromtimestamp(kept_from_in(states) / 1000, UTC)
        floor = max(kept_from(now, retention, closed, rules.period), gone_until)
        gone = self._run("maintain", partial(_drop, floor=floor))
        done = [f"dropped the partition {name}" for name in gone]
        for table, column in AGES.items():
            if table not in PARTITIONED:
                count = self._do(f"DELETE FROM {table} WHERE {column} < %s", floor)
                done += [f"deleted {count} rows of {table}"] if count else []
        return [*done, f"everything since {floor:%Y-%m-%d} is kept"]

    def _status(self, connection: Connection) -> StoreStatus:
        self._refuse_unprepared(connection)
        tables = tuple(
            TableSize(each.name, *_one(connection, _SIZES, each.name, each.name)) for each in TABLES
        )
        states = _states(connection)
        marks = connection.execute(_MARKS).fetchall()
        return StoreStatus(
            self.place,
            version_of(connection),
            commits_in(states),
            committed_at_in(states),
            sum(table.bytes or 0 for table in tables),
            tables,
            {(sink, TopicPartition(*at)): offset for sink, *at, offset in marks},
            is_exact=False,
        )

    def _refuse_unprepared(self, connection: Connection) -> None:
        if _one(connection, _IS_PREPARED) != (True,):
            raise StoreError(
                f"the database {self.place} has none of the flow's tables: the flow makes them when"
                " it starts, and so does `chatflow store migrate`"
            )

    def _do(self, statement: str, *arguments: object) -> int:
        """Run a statement as a transaction of its own; says how many rows it concerned."""
        return self._run(
            "maintain", lambda connection: connection.execute(statement, arguments).rowcount
        )

    def _run(self, doing: str, job: Callable[[Connection], _T], *, claims: bool = False) -> _T:
        session = PostgresSession(self._url, self._patience, "chatflow store", claims=claims)
        try:
            return session.run(doing, job)
        finally:
            session.close()


def _make(connection: Connection, table: str, rules: Rules, now: datetime) -> list[str]:
    """The partitions of the days to come, and those of rows that came for other days."""
    ahead = list(spans_ahead(now, rules.period))
    rest = spans_of_the_rest(connection, table, rules.period, ahead[-1].end)
    return make_partitions(connection, table, [*ahead, *rest], rules.period)


def _drop(connection: Connection, floor: datetime) -> list[str]:
    """Let messages go, and leave word of it, while no epoch is being written."""
    with connection.transaction(), connection.cursor() as cursor:
        connection.execute(_LOCK_COMMITS, (STEP, COMMITS))
        row = kept_row(int(floor.timestamp()) * 1000)
        write(cursor, {}, {FLOW_STATE: [encode(row)]})
        return drop_partitions(connection, floor)


def _states(connection: Connection) -> list[tuple[str, bytes]]:
    return connection.execute(sql.QUESTIONS.states, {"step": STEP}).fetchall()


def _one(connection: Connection, statement: str, *arguments: object) -> tuple[Any, ...]:
    found = connection.execute(statement, arguments).fetchone()
    assert found is not None, "the statement aggregates"
    return found
