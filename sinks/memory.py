"""What the steps of the flow ask of the store at start, and what they leave for its next commit.

The store's transaction is the flow's checkpoint: rows, high-water marks and the state of the steps
become durable together or not at all. So a restart needs nothing but the store.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from schemas.events import TopicPartition
from schemas.packed import PackedRows
from schemas.push import PendingPush
from schemas.rows import Rows

STORE = "store"
"""Name of the mark of everything that is one row for one record."""


class WindowState(NamedTuple):
    """One row of an open window, as the stored messages add up to it. Instants in milliseconds."""

    window_start: int
    event_type: str
    content_type: int
    group_id: str
    messages: int
    bytes: int
    senders: tuple[str, ...]


class Memory(Protocol):
    """What has been made durable by earlier executions; empty on the first one."""

    def marks(self, sink: str) -> Mapping[TopicPartition, int]:
        """Where each partition goes on for this sink: everything below is durable."""

    def closed_until(self) -> int | None:
        """End of the newest window ever closed; None when none was."""

    def open_windows(self, length: int, closed_until: int | None) -> Iterable[WindowState]:
        """The windows that were open at the last commit, computed from the stored messages."""

    def message_ids(self, source: TopicPartition, below: int, horizon: int) -> PackedRows:
        """Ids of the newest stored messages of a partition, with the event time of each.

        In offset order, offsets below `below` only, from the first one on that is within `horizon`
        milliseconds of the newest. Event times are capped at the record timestamp plus
        `source.future_tolerance`.
        """

    def states(self, step: str) -> Iterable[tuple[str, bytes]]:
        """Key and state of everything the step left."""

    def active_users(self) -> Iterable[tuple[str, int]]:
        """Users online, with the time at which they last sent or typed; those who did."""

    def packed_states(self, step: str) -> PackedRows:
        """`states` as columns in memory: no object is made of each, where there are a million."""

    def packed_active_users(self) -> PackedRows:
        """`active_users`, likewise."""

    def pending_pushes(self) -> Iterable[PendingPush]:
        """Pushes decided as sent whose outcome is not known."""

    def leave(self, rows: Rows) -> None:
        """Write these rows with the next commit; of equal keys the last one counts.

        Called by a step when the engine closes an epoch (`snapshot()`), so that what it leaves and
        what it sent downstream in that epoch become durable together. Thread-safe.
        """


class NoMemory:
    """For a flow without a store: nothing is remembered."""

    def marks(self, sink: str) -> Mapping[TopicPartition, int]:  # noqa: D102
        return {}

    def closed_until(self) -> int | None:  # noqa: D102
        return None

    def open_windows(self, length: int, closed_until: int | None) -> Iterable[WindowState]:  # noqa: D102
        return ()

    def message_ids(self, source: TopicPartition, below: int, horizon: int) -> PackedRows:  # noqa: D102
        return ()

    def states(self, step: str) -> Iterable[tuple[str, bytes]]:  # noqa: D102
        return ()

    def active_users(self) -> Iterable[tuple[str, int]]:  # noqa: D102
        return ()

    def packed_states(self, step: str) -> PackedRows:  # noqa: D102
        return ()

    def packed_active_users(self) -> PackedRows:  # noqa: D102
        return ()

    def pending_pushes(self) -> Iterable[PendingPush]:  # noqa: D102
        return ()

    def leave(self, rows: Rows) -> None:  # noqa: D102
        return None
