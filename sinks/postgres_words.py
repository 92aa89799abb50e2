"""What Postgres ran into: whether it passes, and words that hold nothing of what people wrote."""

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from config.errors import ConfigurationError

_PASSING = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.TooManyConnections,
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleSessionTimeout,
    errors.IdleInTransactionSessionTimeout,
    errors.ReadOnlySqlTransaction,
)
"""Over when the server is back, or another transaction has ended."""
_LASTING = (
    "authentication failed",
    "no pg_hba.conf entry",
    "does not exist",
    "permission denied",
    "not permitted to log in",
    "no password supplied",
    "server does not support SSL",
    "certificate",
)
"""In the text of a connection refused for a reason that somebody has to remove: it has no code."""
_QUOTING = ("22", "23")
"""Classes of errors about values, which their texts quote."""


def passes(error: psycopg.Error) -> bool:
    """Whether the same transaction may succeed later."""
    if isinstance(error, _PASSING):
        return True
    if error.sqlstate is not None:
        return error.sqlstate.startswith("08")
    if isinstance(error, psycopg.OperationalError):
        return not any(words in str(error) for words in _LASTING)
    return False


def words_of(error: psycopg.Error) -> str:
    """The kind of error, and its text where that can quote no value."""
    kind = type(error).__name__
    if error.sqlstate is None:
        return _one_line(str(error)) if isinstance(error, psycopg.OperationalError) else kind
    text = error.diag.message_primary
    if error.sqlstate.startswith(_QUOTING) or text is None:
        return f"{kind} in {error.diag.table_name}" if error.diag.table_name else kind
    return f"{kind}: {_one_line(text)}"


def place_of(url: str) -> str:
    """Where the database is: the URL without user, password and options.

    Raises:
        ConfigurationError: It is no connection URL of Postgres; the text shows nothing of it.
    """
    try:
        found = conninfo_to_dict(url)
    except psycopg.Error:  # whose text quotes the URL
        raise ConfigurationError(
            "store.url is no Postgres URL: % stands before two hexadecimal digits only, and behind"
            " ? stand settings of libpq by their own names"
        ) from None
    host, port = found.get("host") or found.get("service") or "local", found.get("port")
    name = found.get("dbname") or found.get("user") or ""
    return f"postgresql://{host}{f':{port}' if port else ''}/{name}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
