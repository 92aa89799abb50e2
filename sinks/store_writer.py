"""What writes for a store while the engine runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from schemas.rows import Rows
from sinks.epoch import WindowKey


class Writer(Protocol):
    """Makes one epoch after the other durable, beside the flow."""

    commits: int
    """How many epochs are durable."""
    is_empty: bool
    """Whether the epoch has no rows so far."""

    def append(self, rows: Rows) -> None:
        """Add rows of a table without a key to the epoch."""

    def commit(
        self, merges: Sequence[Rows], revisions: set[WindowKey], then: Callable[[], None]
    ) -> None:
        """Begin to make everything of the epoch durable; the rows of the next one queue behind it.

        Call `settle` before: at most one is under way. `then` is called by the writer's thread
        when this one is durable.
        """

    def query(self, statement: str, arguments: Mapping[str, object]) -> list[Any]:
        """Rows of a query, asked behind what is under way; appended rows may not be in it yet."""

    def settle(self) -> None:
        """Wait for the commit under way; raises what it ran into."""

    def close(self) -> None:
        """Wait for the commit under way and give up what came after it."""
