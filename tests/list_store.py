"""A store in Python's own lists: it keeps the contract of stores, and epochs cost nothing.

With it a test can read the same hour a hundred times, cut and interrupted in other ways.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from schemas.events import ChatMessage, Progress, TopicPartition
from schemas.packed import PackedRows, packed_rows
from schemas.push import PendingPush
from schemas.rows import Rows
from schemas.tables import TABLES
from sinks.epoch import Epoch, Revisions, StoreItem, WindowKey, above_mark
from sinks.memory import STORE, WindowState

Row = dict[str, Any]
Durable = dict[str, dict[Any, Row]]
"""By table, the rows by their key, or by their number where the table has none."""


def nothing() -> Durable:
    """What a new store holds."""
    return {table.name: {} for table in TABLES}


class ListStore:
    """The memory of a process over what is durable."""

    def __init__(self, durable: Durable, tolerance: int) -> None:
        self.durable = durable
        self.epoch = Epoch()
        self._tolerance = tolerance

    def rows(self, table: str) -> list[Row]:
        """What has been committed."""
        return list(self.durable[table].values())

    def marks(self, sink: str) -> Mapping[TopicPartition, int]:
        return {
            TopicPartition(row["kafka_topic"], row["kafka_partition"]): row["next_offset"]
            for row in self.rows("kafka_offsets")
            if row["sink"] == sink
        }

    def closed_until(self) -> int | None:
        ends = (row["window_end"] for row in self.rows("message_stats") if row["closed"])
        return max(ends, default=None)

    def open_windows(self, length: int, closed_until: int | None) -> Iterable[WindowState]:
        found: dict[tuple[int, str, int, str], list[Row]] = {}
        for row in self.rows("messages"):
            start = row["created_at"] // length * length
            if closed_until is None or start + length > closed_until:
                kind = (row["event_type"], row["content_type"], row["group_id"] or "")
                found.setdefault((start, *kind), []).append(row)
        for key, rows in found.items():
            yield WindowState(*key, len(rows), sum(map(weight, rows)), tuple(senders(rows)))

    def message_ids(self, source: TopicPartition, below: int, horizon: int) -> PackedRows:
        rows = [
            row
            for row in self.rows("messages")
            if (row["kafka_topic"], row["kafka_partition"]) == source
            and row["kafka_offset"] < below
        ]
        found = [(row["message_id"], self._event_time(row)) for row in rows]
        oldest = max((at for _, at in found), default=0) - horizon
        first = next((place for place, (_, at) in enumerate(found) if at >= oldest), 0)
        return packed_rows(found[first:])

    def states(self, step: str) -> Iterable[tuple[str, bytes]]:
        rows = self.rows("flow_state")
        return [(row["key"], row["state"]) for row in rows if row["step"] == step]

    def active_users(self) -> Iterable[tuple[str, int]]:
        return [
            (row["user_id"], row["active_at"])
            for row in self.rows("presence")
            if row["sessions"] and row["active_at"] is not None
        ]

    def packed_states(self, step: str) -> PackedRows:
        return packed_rows(self.states(step))

    def packed_active_users(self) -> PackedRows:
        return packed_rows(self.active_users())

    def pending_pushes(self) -> Iterable[PendingPush]:
        place = ("kafka_topic", "kafka_partition", "kafka_offset")
        messages = {tuple(row[name] for name in place): row for row in self.rows("messages")}
        for row in self.rows("push_decisions"):
            record = tuple(row[name] for name in place)
            if (
                row["decision"] == "sent"
                and (*record, row["user_id"]) not in self.durable["push_deliveries"]
            ):
                found = messages[record]
                told = {**found, "event_time": self._event_time(found)}
                message = msgspec.convert(told, ChatMessage)
                source = TopicPartition(*record[:2])
                yield PendingPush(source, message, row["user_id"], row["decided_at"])

    def leave(self, rows: Rows) -> None:
        self.epoch.merge(rows)

    def _event_time(self, row: Row) -> int:
        return int(min(row["created_at"], row["recorded_at"] + self._tolerance))


class ListSink(FixedPartitionedSink[StoreItem, int]):
    """Writes to a `ListStore`."""

    def __init__(self, store: ListStore) -> None:
        self._store = store

    @override
    def list_parts(self) -> list[str]:
        return [STORE]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> "_Part":
        return _Part(self._store)


class _Part(StatefulSinkPartition[StoreItem, int]):
    def __init__(self, store: ListStore) -> None:
        self._store = store
        self._marks = store.marks(STORE)
        self._new: list[Rows] = []

    @override
    def write_batch(self, values: list[StoreItem]) -> None:
        for item in values:
            if isinstance(item, Progress):
                if item.next_offset > self._marks.get(item.source, -1):
                    self._store.epoch.advance(item)
            elif isinstance(item, Revisions):
                self._store.epoch.revise(item)
            elif item.table.key:
                self._store.epoch.merge(item)
            elif rows := above_mark(item, self._marks):
                self._new.append(copy.deepcopy(rows))

    @override
    def snapshot(self) -> int:
        merges, revisions, _ = self._store.epoch.take(STORE)
        for rows in [*self._new, *merges]:
            _write(self._store.durable[rows.table.name], rows)
        self._new = []
        for window in revisions:
            _revise(self._store, window)
        return 0


def _write(durable: dict[Any, Row], rows: Rows) -> None:
    for values in zip(*rows.columns, strict=True):
        row = dict(zip(rows.table.names, values, strict=True))
        key = tuple(row[name] for name in rows.table.key) or len(durable)
        if row.get("state", b"") is None:
            durable.pop(key, None)
        else:
            durable[key] = row


def _revise(store: ListStore, window: WindowKey) -> None:
    kind = (window.event_type, window.content_type, window.group_id)
    key = (window.window_start, window.window_end, *kind)
    rows = [
        row
        for row in store.rows("messages")
        if window.window_start <= row["created_at"] < window.window_end
        and (row["event_type"], row["content_type"], row["group_id"] or "") == kind
    ]
    durable = store.durable["message_stats"]
    revision = durable[key]["revision"] + 1 if key in durable else 1
    counts = {"messages": len(rows), "senders": len(senders(rows)), "bytes": sum(map(weight, rows))}
    durable[key] = {
        **msgspec.structs.asdict(window),
        **counts,
        "closed": True,
        "revision": revision,
    }


def weight(row: Row) -> int:
    """Bytes of a message."""
    return len(row["content"].encode()) + (row["file_size"] or 0)


def senders(rows: Iterable[Row]) -> set[str]:
    """Who sent these messages."""
    return {row["from_user"] for row in rows if row["from_user"] is not None}
