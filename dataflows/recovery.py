"""The engine's recovery folder, made ready before the engine opens it."""

import argparse
import errno
import os
import re
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from bytewax.recovery import init_db_dir

from config.errors import ChatflowError, ConfigurationError
from dataflows import lifecycle

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_NO_ROOM_IN_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_OF_THE_ENGINE = re.compile(r"SqliteFailure\(Error \{ .*\}, (?:Some\(\"(.+)\"\)|None)\)")
"""How Bytewax 0.21.1 tells of SQLite: a panic, or a RuntimeError with the words of one."""


class RecoveryError(ChatflowError):
    """The recovery folder cannot be written any more."""


def recovery_folder(argv: Sequence[str], environ: Mapping[str, str]) -> Path | None:
    """The folder that `python -m bytewax.run … -r FOLDER` was given, or its variable."""
    if not argv or Path(argv[0]).parts[-2:] != ("bytewax", "run.py"):
        return None
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-r", "--recovery-directory")
    found, _ = parser.parse_known_args(argv[1:])
    folder = found.recovery_directory or environ.get("BYTEWAX_RECOVERY_DIRECTORY")
    return Path(folder) if folder else None


def prepare_recovery() -> None:
    """Create and initialise the folder when missing; else drop what a crash left behind.

    Raises:
        ConfigurationError: The folder cannot be made or holds something else.
        RecoveryError: Its disk is full or broken.
    """
    folder = recovery_folder(sys.argv, os.environ)
    if folder is None:
        return
    lifecycle.translations.append(partial(in_words, folder=folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.glob("part-*.sqlite3")):
            _initialise(folder)
        else:
            prune(folder)
    except (OSError, sqlite3.Error) as error:
        if _is_of_the_disk(error):
            raise _unwritable(folder, str(error)) from error
        raise ConfigurationError(
            f"the recovery folder {folder} cannot be used: {error}. It is not needed to go on"
            " where the flow was: delete it, or leave -r out"
        ) from error


def in_words(error: BaseException, *, folder: Path) -> RecoveryError | None:
    """An error of the engine's own about its recovery folder; None for any other."""
    found = _OF_THE_ENGINE.search(str(error))
    return _unwritable(folder, found[1] or "an error of SQLite") if found else None


def _initialise(folder: Path) -> None:
    try:
        init_db_dir(folder, 1)
    except BaseException as error:  # a panic of the engine is no Exception
        for half_made in folder.glob("part-*.sqlite3*"):
            half_made.unlink()
        if (found := in_words(error, folder=folder)) is not None:
            raise found from error
        raise


def _is_of_the_disk(error: OSError | sqlite3.Error) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM_IN_SQLITE


def _unwritable(folder: Path, why: str) -> RecoveryError:
    return RecoveryError(
        f"the recovery folder {folder} cannot be written: {why}. Make room on its disk; or delete"
        " it, or leave -r out: it is not needed to go on where the flow was"
    )


def prune(folder: Path) -> int:
    """Delete snapshots that a crashed execution wrote beyond the epoch the next one resumes at.

    Bytewax 0.21.1 loads them after a second crash, as if they belonged to the resumed execution.

    Returns:
        How many were deleted.
    """
    parts = sorted(folder.glob("part-*.sqlite3"))
    executions: list[tuple[int, int, int]] = []
    fronts: dict[tuple[int, int], int] = {}
    for part in parts:
        with closing(sqlite3.connect(part)) as database:
            executions += database.execute("SELECT ex_num, worker_count, resume_epoch FROM exs")
            for number, worker, front in database.execute(
                "SELECT ex_num, worker_index, worker_frontier FROM fronts"
            ):
                fronts[number, worker] = max(front, fronts.get((number, worker), 0))
    if not executions:
        return 0
    number, workers, resumed = max(executions)
    epoch = min(max(fronts.get((number, worker), 0), resumed) for worker in range(workers))
    deleted = 0
    for part in parts:
        with closing(sqlite3.connect(part)) as database, database:
            deleted += database.execute(
                "DELETE FROM snaps WHERE snap_epoch >= ?", (epoch,)
            ).rowcount
    return deleted
