"""Queries on a DuckDB file that a flow may be writing to."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from analytics.columns import plain
from analytics.deadline import Stop, within
from analytics.disk_room import spare
from analytics.errors import QueryError, QueryTimeoutError
from analytics.query import Query
from analytics.reading import Limits, parameters
from analytics.snapshot import copy_database
from analytics.span import Span
from sinks.lease import open_for_reading

_SPILL_FACTOR = 8
_MIB = 2**20
_SECOND = timedelta(seconds=1)
_ABOUT_THE_TEXT = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
"""Errors whose words quote the query; those of others may quote what people wrote."""


class DuckDBReading:
    """A file, opened for one query at a time; see `Reading`.

    A query that is not done after `Limits.live_seconds` is broken off and begun anew on a copy of
    the file, and so are all after it: the flow waits for a copy, never for a long query.
    """

    def __init__(
        self, database: Path, limits: Limits, workspace: Path, stop: Stop, *, copied: bool = False
    ) -> None:
        self.place = str(database)
        self.on_copy = False
        self._database = database
        self._limits = limits
        self._workspace = workspace
        self._stop = stop
        self._copied = copied

    def __enter__(self) -> "DuckDBReading":
        if self._copied:
            self._copy()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.on_copy:
            self._database.unlink(missing_ok=True)
            self._database.with_name(f"{self._database.name}.wal").unlink(missing_ok=True)

    def ask(self, query: Query, span: Span) -> pa.Table:
        """See `Reading.ask`."""
        timeout, live = query.timeout / _SECOND, self._limits.live_seconds
        if self.on_copy or timeout <= live:
            return self._ask(query, span, timeout)
        try:
            return self._ask(query, span, live)
        except QueryTimeoutError:
            self._copy()
        return self._ask(query, span, timeout)

    def _ask(self, query: Query, span: Span, timeout: float) -> pa.Table:
        with self._open() as connection, _in_words():
            statements = connection.extract_statements(query.sql)
            if [found.type for found in statements] != [duckdb.StatementType.SELECT]:
                raise QueryError("is not one SELECT, and nothing else can be run")
            (statement,) = statements
            asked = parameters(span, frozenset(statement.named_parameters))
            most = self._limits.max_rows
            found = within(
                timeout,
                # One more than allowed tells a full result from one that is cut off.
                lambda: (
                    connection.sql(statement.query, params=dict(asked))
                    .limit(most + 1)
                    .to_arrow_table()
                ),
                connection.interrupt,
                self._stop,
            )
        if found.num_rows > most:
            raise QueryError(f"finds more than {most:,} rows (analytics.max_rows)")
        return plain(found)

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        patience = self._limits.lock_seconds
        with contextlib.closing(open_for_reading(self._database, patience)) as connection:
            room = spare(self._workspace, self._database.stat().st_size)
            confine(connection, self._limits, self._workspace, room)
            yield connection

    def _copy(self) -> None:
        self._database = copy_database(self._database, self._workspace, self._limits.lock_seconds)
        self.on_copy = True


def confine(connection: duckdb.DuckDBPyConnection, limits: Limits, spill: Path, room: int) -> None:
    """Keep SQL away from files, the network, extensions and settings; bound what it takes.

    What does not fit in memory goes to the folder `spill`, never more than `room` bytes.
    """
    folder = str(spill).replace("'", "''")
    most = min(limits.memory_mib * _SPILL_FACTOR, room // _MIB)
    for setting in (
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        f"threads = {limits.threads}",
        f"memory_limit = '{limits.memory_mib} MiB'",
        f"temp_directory = '{folder}'",
        f"max_temp_directory_size = '{most} MiB'",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


@contextmanager
def _in_words() -> Iterator[None]:
    """Tell DuckDB's errors as ours, with its words only where they cannot quote a table."""
    try:
        yield
    except _ABOUT_THE_TEXT as error:
        raise QueryError(f"cannot be run: {' '.join(str(error).split())}") from None
    except duckdb.OutOfMemoryException:
        raise QueryError(
            "needs more memory (analytics.memory_limit_mib), or room for what does not fit in it"
            " (analytics.output_dir)"
        ) from None
    except duckdb.PermissionException:
        raise QueryError("reaches for a file, which queries cannot") from None
    except duckdb.Error as error:
        raise QueryError(f"cannot be run: DuckDB's {type(error).__name__}") from None
