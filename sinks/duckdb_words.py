"""What DuckDB ran into, in words that hold nothing of what people wrote."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sinks.lease import StoreError

_OF_THE_SYSTEM = tuple(
    os.strerror(number)
    for number in (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
    )
)


def words_of(error: duckdb.Error) -> str:
    """The kind of error, and its cause where the system is that; DuckDB quotes values as well."""
    kind = type(error).__name__
    text = str(error)
    if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        return f"{kind}: {text.splitlines()[0]}"
    # A commit that cannot be written is told as a failed transaction.
    cause = next((words for words in _OF_THE_SYSTEM if words in text), None)
    return f"{kind}: {cause}" if cause else kind


@contextmanager
def in_words(doing: str, path: Path) -> Iterator[None]:
    """Say what could not be done with the file when DuckDB refuses.

    Raises:
        StoreError: Instead of DuckDB's own error.
    """
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(f"cannot {doing} the database {path}: {words_of(error)}") from None
