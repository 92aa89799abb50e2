"""A folder of one process for copies and unfinished files; what a crash leaves is swept later."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import ConfigurationError

_FOLDER = ".work"
_PREFIX = "run-"
_LOCK = "lock"


@contextmanager
def workspace(output_dir: Path) -> Iterator[Path]:
    """A new empty folder, readable by nobody else, on the file system of the outputs.

    Raises:
        ConfigurationError: It cannot be made.
    """
    parent = output_dir / _FOLDER
    try:
        parent.mkdir(parents=True, exist_ok=True)
        sweep(output_dir)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError as error:
        raise ConfigurationError(
            f"analytics.output_dir: {error.filename} cannot be used: {error.strerror}"
        ) from error
    try:
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(output_dir: Path) -> None:
    """Remove the folders of processes that ended without doing so."""
    for lock_file in (output_dir / _FOLDER).glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError), lock_file.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_file.parent, ignore_errors=True)
