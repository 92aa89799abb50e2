"""Queries on a Postgres database, in a transaction that can change nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from types import TracebackType

import psycopg
import pyarrow as pa
from psycopg import Column
from psycopg.conninfo import conninfo_to_dict

from analytics.columns import UTC_MICROSECONDS, plain
from analytics.deadline import Stop, within
from analytics.errors import QueryError
from analytics.parameters import for_postgres, named_parameters
from analytics.query import Query
from analytics.reading import Limits, parameters
from analytics.span import Span
from config.errors import ChatflowError, ConfigurationError

_CONNECT_SECONDS = 10
_GRACE = 1.0
"""Seconds that the server may be late with its own limit before we break the query off."""
_SECOND = timedelta(seconds=1)
_WORK_MEMORY_PARTS = 8
"""A plan sorts and hashes at several places, and each may take `work_mem`."""
_FETCHED = 10_000
_ABOUT_THE_TEXT = ("42", "0A")
"""Classes of SQLSTATE whose words quote the query; those of others may quote what people wrote."""
_MIGHT_BE_SUPERUSER = """
SELECT 1 FROM pg_roles WHERE rolsuper AND pg_has_role(session_user, oid, 'MEMBER') LIMIT 1
"""

_ARROW: Mapping[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int64(),
    "int4": pa.int64(),
    "int8": pa.int64(),
    "float4": pa.float64(),
    "float8": pa.float64(),
    "numeric": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": UTC_MICROSECONDS,
    "text": pa.string(),
    "varchar": pa.string(),
    "bpchar": pa.string(),
    "name": pa.string(),
}


class PostgresReadError(ChatflowError):
    """The Postgres server does not let queries in."""


class PostgresReading:
    """One transaction for everything that is asked, so that all of it shows one moment.

    See `Reading`. Read-only, one statement at a time as a cursor, with limits for time and memory.
    What a role may do beyond that is for the server to say: it should be one that can only read. A
    superuser is refused, and so is who may become one: such rights cannot be put down, because any
    query can take them back by a function, and read the server's files.
    """

    def __init__(self, url: str, limits: Limits, stop: Stop) -> None:
        self.place = place_of(url)
        self.on_copy = False
        self._url = url
        self._limits = limits
        self._stop = stop

    def __enter__(self) -> "PostgresReading":
        self._connection = connect(self._url, self.place)
        try:
            self._confine()
        except BaseException as error:
            self._connection.close()
            if isinstance(error, psycopg.Error):
                words = f"cannot read from {self.place}: {type(error).__name__}"
                raise PostgresReadError(words) from None
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ask(self, query: Query, span: Span) -> pa.Table:
        """See `Reading.ask`."""
        timeout = query.timeout / _SECOND
        with _in_words(self.place), self._connection.transaction(force_rollback=True):
            self._set("statement_timeout", f"{timeout * 1000:.0f}")
            found = within(
                timeout + _GRACE,
                lambda: self._fetch(query, span),
                self._connection.cancel_safe,
                self._stop,
            )
        return plain(found)

    def _confine(self) -> None:
        connection, limits = self._connection, self._limits
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        if connection.execute(_MIGHT_BE_SUPERUSER).fetchone():
            raise ConfigurationError(
                f"queries on {self.place} would have the rights of a superuser, who can do more"
                " than read: name a role that may only read in analytics.url"
            )
        self._set("timezone", "UTC")
        self._set("work_mem", f"{limits.memory_mib // _WORK_MEMORY_PARTS}MB")
        self._set("max_parallel_workers_per_gather", str(limits.threads - 1))

    def _set(self, name: str, value: str) -> None:
        self._connection.execute("SELECT set_config(%s, %s, true)", [name, value])

    def _fetch(self, query: Query, span: Span) -> pa.Table:
        sql = query.postgres_sql or query.sql
        asked = parameters(span, named_parameters(sql))
        most = self._limits.max_rows
        with self._connection.cursor("query") as cursor:
            cursor.execute(for_postgres(sql).encode(), asked)
            rows: list[tuple[object, ...]] = []
            while found := cursor.fetchmany(_FETCHED):
                rows += found
                if len(rows) > most:
                    raise QueryError(f"finds more than {most:,} rows (analytics.max_rows)")
            return _table(cursor.description or [], rows)


def connect(url: str, place: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect, or say in words why not; never with what the URL holds of credentials.

    Raises:
        PostgresReadError: Nobody answers, or the role is not let in.
    """
    try:
        return psycopg.connect(
            url, connect_timeout=_CONNECT_SECONDS, application_name="chatflow analytics"
        )
    except psycopg.Error as error:
        raise PostgresReadError(f"cannot connect to {place}: {_reason(error)}") from None


def place_of(url: str) -> str:
    """Host and database of a URL."""
    try:
        named = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "the Postgres database"
    return f"Postgres {named.get('host') or 'localhost'}/{named.get('dbname') or ''}"


def _reason(error: psycopg.Error) -> str:
    words = str(error).splitlines() or [type(error).__name__]
    return words[-1].strip()


def _table(columns: Sequence[Column], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    fields = [pa.field(column.name, _type(column)) for column in columns]
    values = zip(*rows, strict=True) if rows else ([] for _ in fields)
    arrays = [
        pa.array(map(_plain_value, column), field.type)
        for column, field in zip(values, fields, strict=True)
    ]
    return pa.table(arrays, schema=pa.schema(fields))


def _plain_value(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _type(column: Column) -> pa.DataType:
    kind = column.type_display
    found = _ARROW.get(kind.partition("(")[0])
    if found is None:
        raise QueryError(f"returns {column.name} as {kind}; cast it to a number, a text or a time")
    return found


@contextmanager
def _in_words(place: str) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise QueryError("took longer than its timeout") from None
    except psycopg.errors.ReadOnlySqlTransaction:
        raise QueryError("writes, which queries cannot") from None
    except psycopg.OperationalError as error:
        raise PostgresReadError(f"{place} ended the query: {type(error).__name__}") from None
    except psycopg.Error as error:
        state = error.sqlstate or ""
        said = f": {error.diag.message_primary}" if state[:2] in _ABOUT_THE_TEXT else ""
        raise QueryError(f"cannot be run: {type(error).__name__} {state}{said}".strip()) from None
