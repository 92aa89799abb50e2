"""A commit in Postgres that does not end before the test lets it: a middle to stop a flow in."""

import time
from types import TracebackType
from typing import Self

import psycopg

from sinks.postgres import PostgresStore
from tests.flow_process import FlowProcess

_LOCK = 4711
_FUNCTION = """
CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.step = 'store' AND NEW.key = 'commits' AND NEW.state = convert_to('{}', 'utf8') THEN
        PERFORM pg_advisory_xact_lock({});
    END IF;
    RETURN NEW;
END $$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER hold BEFORE INSERT OR UPDATE ON flow_state
FOR EACH ROW EXECUTE FUNCTION hold()
"""
_COMMITS = """
SELECT convert_from(state, 'utf8')::int FROM flow_state WHERE step = 'store' AND key = 'commits'
"""
_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


class HeldCommit:
    """Holds the flow's second commit from now on until `release`, or the end of the block."""

    def __init__(self, url: str) -> None:
        store = PostgresStore(url, lock_timeout=30, tolerance=0, window_length=60_000)
        store.prepare()
        store.close()
        self._connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Self:
        row = self._connection.execute(_COMMITS).fetchone()
        number = (row[0] if row else 0) + 2
        self._connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        self._connection.execute(_FUNCTION.format(number, _LOCK).encode())
        self._connection.execute(_TRIGGER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def until_reached(self, flow: FlowProcess) -> None:
        """Wait until the flow is in the middle of it."""
        while self._connection.execute(_WAITING).fetchone() == (0,):
            assert flow.is_running, flow.wait()
            time.sleep(0.02)

    def release(self) -> None:
        """Let it end."""
        self._connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
