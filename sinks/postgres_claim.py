"""Which flow may write a schema: the one that holds its lock, and came last.

The lock keeps a second flow out while the first is connected. Should a flow lose its connection,
and with it the lock, the mark that its successor leaves keeps it from writing ever again.
"""

import uuid
from typing import Any

import psycopg

from sinks.commits import COMMITS, STEP
from sinks.lease import StoreError, StoreLockedError

Connection = psycopg.Connection[tuple[Any, ...]]
WRITER = "writer"
"""Key of the mark, beside the number of commits."""

_KEY = "hashtextextended('chatflow ' || current_schema() || %(process)s, 0)"
_TRY = f"SELECT pg_try_advisory_lock({_KEY})"
_HOLDER = f"""
SELECT a.pid, coalesce(nullif(a.application_name, ''), 'no name'),
    coalesce(host(a.client_addr), 'a local socket'),
    coalesce(to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS"Z"'), 'an unknown time')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((l.classid::bigint << 32) | l.objid::bigint) = {_KEY}
"""
_LEAVE = """
INSERT INTO flow_state (step, key, state) VALUES (%s, %s, %s)
ON CONFLICT (step, key) DO UPDATE SET state = excluded.state
"""
_FOUND = "SELECT key, state FROM flow_state WHERE step = %s AND key = ANY(%s)"


def is_claimed(connection: Connection) -> bool:
    """Whether a flow that writes the schema is connected."""
    return connection.execute(_HOLDER, _key(0)).fetchone() is not None


def claim(connection: Connection, place: str, process: int = 0) -> None:
    """Take the lock of the schema, for as long as the connection lives.

    The first process of a flow is the one that writes; every other one has a lock of its own.

    Raises:
        StoreLockedError: Another flow holds it; names its session.
    """
    row = connection.execute(_TRY, _key(process)).fetchone()
    if row is not None and row[0]:
        return
    holder = connection.execute(_HOLDER, _key(process)).fetchone()
    words = "another flow"
    if holder is not None:
        words = f"{holder[1]} (pid {holder[0]} from {holder[2]}, since {holder[3]})"
    if process:
        raise StoreLockedError(
            f"process {process} of the flow that writes the database {place} runs already:"
            f" {words}. Give each process a number of its own"
        )
    raise StoreLockedError(
        f"the database {place} is being written by {words}: one flow may write a schema. Stop the"
        " other one, or give this one a schema of its own"
    )


def _key(process: int) -> dict[str, str]:
    return {"process": f" process {process}" if process else ""}


def take(connection: Connection) -> str:
    """Leave a mark by which every earlier flow is kept from writing, and return it."""
    token = uuid.uuid4().hex
    leave(connection, WRITER, token)
    return token


def leave(connection: Connection, key: str, word: str) -> None:
    """Leave a word for other processes, in place of an earlier one."""
    connection.execute(_LEAVE, (STEP, key, word.encode()))


def left(connection: Connection, *keys: str, lock: bool = False) -> dict[str, bytes]:
    """The words that were left under these keys; with `lock`, nobody changes them meanwhile."""
    statement = _FOUND + " FOR UPDATE" if lock else _FOUND
    return dict(connection.execute(statement, (STEP, list(keys))).fetchall())


def refuse_taken(connection: Connection, place: str, token: str) -> None:
    """Stop a flow that another one has followed.

    Raises:
        StoreError: The mark is not the one that this flow left.
    """
    _refuse(left(connection, COMMITS, WRITER), place, token)


def lock_commits(connection: Connection, place: str, token: str) -> int:
    """Within a transaction: how many epochs are committed; nobody else changes it until its end.

    Raises:
        StoreError: Another flow has begun to write.
    """
    states = left(connection, COMMITS, WRITER, lock=True)
    _refuse(states, place, token)
    return int(states[COMMITS])


def _refuse(states: dict[str, bytes], place: str, token: str) -> None:
    if states.get(WRITER) != token.encode() or COMMITS not in states:
        raise StoreError(
            f"the database {place} was taken over by another flow, or replaced, while this one had"
            " lost its connection. This one stops; what it had not committed, the other reads again"
        )
