"""What DuckDB ran into, in words that hold nothing of what people wrote."""

import errno
import os

import duckdb

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
