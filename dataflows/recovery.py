"""The engine's recovery folder, made ready before the engine opens it."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bytewax.recovery import init_db_dir

from config.errors import ConfigurationError


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
    """
    folder = recovery_folder(sys.argv, os.environ)
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.glob("part-*.sqlite3")):
            init_db_dir(folder, 1)
        else:
            prune(folder)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(
            f"the recovery folder {folder} cannot be used: {error}. It is not needed to go on"
            " where the flow was: delete it, or leave -r out"
        ) from error


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
