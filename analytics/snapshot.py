"""A copy of a DuckDB file, whole and of one moment, while the flow goes on with the original."""

import subprocess
from pathlib import Path

from analytics.disk_room import spare
from config.errors import ChatflowError
from sinks.lease import open_for_reading

_LONGEST = 120.0
"""Seconds that the flow may be kept from writing; it gives up after `store.lock_timeout`."""


class SnapshotError(ChatflowError):
    """The database cannot be copied."""


def copy_database(database: Path, folder: Path, patience: float) -> Path:
    """Copy the file while holding it open for reading, so that nobody writes to it meanwhile.

    The flow waits for as long as the copy takes, which is next to nothing on file systems that
    share blocks.

    Args:
        database: The file.
        folder: Where the copy goes, under the same name.
        patience: Seconds to wait for the flow's own transaction.

    Raises:
        SnapshotError: There is no room for it, or it cannot be written.
        StoreLockedError: Another program held the file for `patience` seconds.
        StoreError: There is no such file, or it is no DuckDB database.
    """
    copy = folder / database.name
    log = database.with_name(f"{database.name}.wal")
    with open_for_reading(database, patience):
        sources = [file for file in (database, log) if file.exists()]
        size = sum(file.stat().st_size for file in sources)
        if spare(folder, size) < size:
            raise SnapshotError(
                f"there is no room in {folder.parent} for a copy of the database {database}"
                f" ({size / 2**20:,.0f} MiB)"
            )
        for file in sources:
            _copy(file, folder / file.name)
    return copy


def _copy(source: Path, target: Path) -> None:
    # By another process: the lock of this one would be gone as soon as it closed the file that it
    # has opened to copy it. `cp` shares blocks by itself where the file system can.
    command = ["cp", "--", str(source), str(target)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired as error:
        raise SnapshotError(
            f"copying the database {source} took more than {_LONGEST:.0f} s, for which the flow"
            " waits: use a file system that shares blocks, or Postgres"
        ) from error
    if done.returncode:
        raise SnapshotError(f"cannot copy the database {source}: {done.stderr.strip()}")
