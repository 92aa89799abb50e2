"""A DuckDB file opened for as long as a transaction, so that other programs can query it between.

One process may write a DuckDB file while no other reads it. A writer that keeps the file open
locks every reader out; this one opens it once an epoch and closes it again.
"""

import logging
import random
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from config.errors import ChatflowError

log = logging.getLogger(__name__)

_OPTIONS = ", ".join(
    (
        # Readable by duckdb 1.5 too, and faster to open than the oldest format.
        "STORAGE_VERSION 'v1.5.0'",
        # A row group is compressed and written as soon as it is full, during the epoch; what is not
        # full is compressed anew with every commit. With the default of 122,880 nearly all was.
        "ROW_GROUP_SIZE 20480",
    )
)
_INSTANCE: dict[str, str | bool | int | float | list[str]] = {
    # The inserts run beside the decoding; more threads would take its core.
    "threads": 1,
    # Full row groups are kept in memory no longer than until the next one is full.
    "write_buffer_row_group_count": 1,
}
_LOCKED = "Could not set lock"
_SAY_FIRST, _SAY_AGAIN = 5.0, 30.0
"""Seconds until the first line about a lock, and between two later ones."""


class StoreLockedError(ChatflowError):
    """Another program kept the database open for longer than `store.lock_timeout`."""


class StoreError(ChatflowError):
    """The database cannot be opened or written."""


class Lease:
    """The file, opened and closed again and again by one instance of DuckDB.

    To make an instance takes ten times as long as to attach a file to one. And of a process only
    one may have the file open: to close it in another gives up the lock of both, for the locks of
    POSIX belong to processes. An instance attaches no file that it has not let go of yet.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        """`timeout` is for how many seconds the lock is waited for."""
        self.path = path
        self._timeout = timeout
        self._instance: duckdb.DuckDBPyConnection | None = None

    def take(
        self, waited: Callable[[float], None] = lambda seconds: None, *, create: bool = False
    ) -> duckdb.DuckDBPyConnection:
        """Open the file, waiting for whoever reads it; Kafka keeps the data meanwhile.

        Args:
            waited: Told again and again, while the lock is waited for, how many seconds more.
            create: Whether to create the file, with its folder, when it is missing.

        Raises:
            StoreLockedError: The lock was not free in time; names the process that holds it.
            StoreError: The file is gone, or cannot be opened.
        """
        if create:
            _make_folder(self.path)
        else:
            _refuse_removed(self.path)
        return _open(self.path, self._timeout, waited, self._attached)

    def release(self) -> None:
        """Close the file; what is committed is in it, whatever its checkpoint runs into."""
        if self._instance is None:
            return
        try:
            # A checkpoint, too: else each opening reads the log again, and a copy lacks rows.
            self._instance.execute("USE memory")
            self._instance.execute("DETACH chat")
        except duckdb.Error:
            self.close()

    def close(self) -> None:
        """Give up what is not committed, and the instance."""
        instance, self._instance = self._instance, None
        if instance is not None:
            instance.close()

    def _attached(self) -> duckdb.DuckDBPyConnection:
        if self._instance is None:
            self._instance = _instance()
        _attach(self._instance, self.path)
        return self._instance


def open_for_writing(
    path: Path, timeout: float, *, create: bool = True
) -> duckdb.DuckDBPyConnection:
    """Open the file until the connection is closed, in an instance of its own; see `Lease.take`."""
    return Lease(path, timeout).take(create=create)


def open_for_reading(path: Path, timeout: float = 30.0) -> duckdb.DuckDBPyConnection:
    """Open the file for a short query beside the running flow; close it at once after.

    Raises:
        StoreLockedError: The flow (or another program) held the file all the time.
        StoreError: There is no such file, or it is no DuckDB database.
    """
    return _open(path, timeout, lambda seconds: None, lambda: _readable(path))


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot open the database {path}: its folder cannot be made ({error.strerror})"
        ) from error


def _refuse_removed(path: Path) -> None:
    if not path.exists():
        raise StoreError(
            f"the database {path} was removed while the flow ran. Put it back, or start again to"
            " begin anew"
        )


def _open(
    path: Path,
    timeout: float,
    waited: Callable[[float], None],
    connect: Callable[[], duckdb.DuckDBPyConnection],
) -> duckdb.DuckDBPyConnection:
    started = time.monotonic()
    say_at = started + _SAY_FIRST
    while True:
        try:
            return connect()
        except duckdb.IOException as error:
            now = time.monotonic()
            if _LOCKED not in str(error):
                raise StoreError(f"cannot open the database {path}: {error}") from error
            if now - started > timeout:
                raise StoreLockedError(_locked(path, error, now - started)) from error
            if now > say_at:
                say_at = now + _SAY_AGAIN
                log.warning("%s", _locked(path, error, now - started))
        except duckdb.Error as error:
            raise StoreError(f"cannot open the database {path}: {error}") from error
        time.sleep(random.uniform(0.005, 0.02))
        waited(time.monotonic() - now)


def _readable(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _instance() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config=_INSTANCE)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    place = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS chat ({_OPTIONS})")
    connection.execute("USE chat")


def _locked(path: Path, error: duckdb.Error, waited: float) -> str:
    holder = str(error).partition("Conflicting lock is held in ")[2].partition(". See")[0]
    return (
        f"the database {path} has been locked for {waited:.0f} s by {holder or 'another program'};"
        " close that program (long sessions belong on a copy of the file)"
    )
