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
        # A row group is compressed and written as soon as it is full, on the writer's thread and
        # during the epoch. With the default of 122,880 rows nearly all of it happened in COMMIT
        # and again at closing, while the flow waited.
        "ROW_GROUP_SIZE 20480",
    )
)
_LOCKED = "Could not set lock"
_SAY_FIRST, _SAY_AGAIN = 5.0, 30.0
"""Seconds until the first line about a lock, and between two later ones."""


class StoreLockedError(ChatflowError):
    """Another program kept the database open for longer than `store.lock_timeout`."""


class StoreError(ChatflowError):
    """The database cannot be opened or written."""


def open_for_writing(
    path: Path,
    timeout: float,
    waited: Callable[[float], None] = lambda seconds: None,
    *,
    create: bool = True,
) -> duckdb.DuckDBPyConnection:
    """Open the file, waiting for whoever reads it; Kafka keeps the data meanwhile.

    Args:
        path: The database.
        timeout: Seconds to wait for the lock.
        waited: Told again and again, while the lock is waited for, how many seconds more.
        create: Whether to create it, with its folder, when it is missing.

    Raises:
        StoreLockedError: The lock was not free in time; names the process that holds it.
        StoreError: The file cannot be opened at all.
    """
    if not create and not path.exists():
        raise StoreError(
            f"the database {path} was removed while the flow ran. Put it back, or start again to"
            " begin anew"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot open the database {path}: its folder cannot be made ({error.strerror})"
        ) from error
    return _open(path, timeout, waited, read_only=False)


def open_for_reading(path: Path, timeout: float = 30.0) -> duckdb.DuckDBPyConnection:
    """Open the file for a short query beside the running flow; close it at once after.

    Raises:
        StoreLockedError: The flow (or another program) held the file all the time.
        StoreError: There is no such file, or it is no DuckDB database.
    """
    return _open(path, timeout, lambda seconds: None, read_only=True)


def _open(
    path: Path, timeout: float, waited: Callable[[float], None], *, read_only: bool
) -> duckdb.DuckDBPyConnection:
    started = time.monotonic()
    say_at = started + _SAY_FIRST
    while True:
        try:
            return _connect(path, read_only=read_only)
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


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    if read_only:
        connection = duckdb.connect(str(path), read_only=True)
    else:
        # The inserts run beside the decoding; more threads would take its core.
        connection = duckdb.connect(":memory:", config={"threads": 1})
        try:
            place = str(path).replace("'", "''")
            connection.execute(f"ATTACH '{place}' AS chat ({_OPTIONS})")
            connection.execute("USE chat")
        except duckdb.Error:
            connection.close()
            raise
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _locked(path: Path, error: duckdb.Error, waited: float) -> str:
    holder = str(error).partition("Conflicting lock is held in ")[2].partition(". See")[0]
    return (
        f"the database {path} has been locked for {waited:.0f} s by {holder or 'another program'};"
        " close that program (long sessions belong on a copy of the file)"
    )
