"""What operators ask of a store beside the flow: its schema, its state, its upkeep."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from schemas.events import TopicPartition
from sinks.periods import Period

AGES = {
    "messages": "created_at",
    "user_events": "created_at",
    "dead_letters": '"at"',
    "presence_changes": '"at"',
    "push_decisions": "decided_at",
    "push_deliveries": '"at"',
}
"""The tables that retention concerns, and the column that says how old a row is."""


class Rules(NamedTuple):
    """How a history is cut and kept."""

    period: Period
    retention: timedelta | None
    """None keeps everything."""


class TableSize(NamedTuple):
    """A table with its rows and, where the store knows it, its bytes on disk."""

    name: str
    rows: int
    bytes: int | None


class StoreStatus(NamedTuple):
    """What a store holds."""

    place: str
    version: int
    """Of its schema."""
    commits: int
    committed_at: int | None
    """When the last one was made, in milliseconds since 1970; None before the first."""
    bytes: int
    tables: tuple[TableSize, ...]
    marks: Mapping[tuple[str, TopicPartition], int]
    """By sink and partition, the offset to go on at."""
    is_exact: bool
    """Whether rows were counted; else they are the database's own estimate."""


class Upkeep(Protocol):
    """Work on a store that is safe while the flow writes it, but for `migrate`."""

    def migrate(self) -> int:
        """Bring it to this release's schema, and return its version.

        Raises:
            StoreLockedError: A flow writes it.
        """

    def status(self) -> StoreStatus:
        """Look at it.

        Raises:
            StoreError: It cannot be read, or no flow has ever prepared it.
        """

    def maintain(self, rules: Rules, now: datetime) -> list[str]:
        """Do what is due, and say what was done, a line for each thing."""
