"""What the runner needs of a database, whichever it is."""

from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Protocol

import pyarrow as pa

from analytics.query import Query
from analytics.span import Span


class Limits(NamedTuple):
    """What a query may take."""

    max_rows: int
    memory_mib: int
    threads: int
    live_seconds: float
    """How long it may keep a file open that the flow waits for."""
    lock_seconds: float
    """How long to wait for a file that is locked."""


class Reading(Protocol):
    """A database opened for queries, which can change nothing in it."""

    place: str
    """The database in words, without credentials."""

    on_copy: bool
    """Whether queries read a copy, made while this reading lasts."""

    def ask(self, query: Query, span: Span) -> pa.Table:
        """The result of a query, in plain columns.

        Raises:
            QueryError: It cannot be run, takes too long or finds too much.
            StoppedError: A signal came first.
            ChatflowError: The database cannot be read.
        """

    def __enter__(self) -> "Reading":
        """Open what is needed; ask only after it."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything, and remove what was copied."""


def parameters(span: Span, wanted: frozenset[str]) -> Mapping[str, object]:
    """The values of those parameters that a statement names; a database refuses others."""
    values = {"start": span.start, "end": span.end, "timezone": span.zone.key}
    return {name: value for name, value in values.items() if name in wanted}
