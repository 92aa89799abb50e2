"""Messages in; counts for each event-time window, event type, content type and group out.

    open ──watermark passes its end + allowed lateness──► closed
    closed ──a late message──► revised: the store counts it anew, `revision` + 1

At every commit the counts add up to the stored messages: the rows of open windows are left with
the store at the end of each epoch, and at start they are computed from the messages it holds.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import bytewax.operators as op
from bytewax.dataflow import Stream, operator
from bytewax.operators import StatefulBatchLogic
from typing_extensions import override

from config.settings import StatsSettings
from dataflows.compiled_windows import CompiledWindows, windows_of
from dataflows.shards import ALONE, Layout, MessagePart, keyed_messages, shard_of
from dataflows.watermark import Watermark
from dataflows.windows import Windows
from schemas.events import ChatMessage, MessageBatch, TopicPartition
from sinks.epoch import Revisions, StoreItem
from sinks.memory import STORE, Memory


@operator
def stats(
    step_id: str,
    up: Stream[MessageBatch],
    *,
    memory: Memory,
    shards: int,
    settings: StatsSettings,
    layout: Layout = ALONE,
) -> Stream[StoreItem]:
    """Count messages in tumbling windows of their `created_at`.

    Sends the rows of windows as they close, in window order within a shard, and `Revisions` for
    those that late messages belong to; leaves the rows of open windows with `memory`. The end of
    the input closes no window that the watermark has not passed. Changing `window_length` begins
    new windows and leaves the rows of the old ones as they are.
    """
    lateness = settings.allowed_lateness // timedelta(milliseconds=1)
    length = settings.window_length // timedelta(milliseconds=1)

    def logic(state: None) -> _StatsLogic:
        return _StatsLogic(memory, shards, length, lateness, layout.partitions)

    keyed = partial(keyed_messages, shards=shards, layout=layout, route=_route)
    parts = op.flat_map("shard", up, keyed)
    return op.map("rows", op.stateful_batch("window", parts, logic), _item)


def _route(message: ChatMessage) -> str:
    return message.group_id or ""


def _item(keyed: tuple[str, StoreItem]) -> StoreItem:
    return keyed[1]


class _StatsLogic(StatefulBatchLogic[MessagePart, StoreItem, None]):
    def __init__(
        self,
        memory: Memory,
        shards: int,
        length: int,
        lateness: int,
        expected: Iterable[TopicPartition],
    ) -> None:
        self._memory = memory
        self._shards = shards
        self._length = length
        self._lateness = lateness
        self._marks = memory.marks(STORE)
        self._watermark = Watermark(expected)
        self._windows: Windows | CompiledWindows | None = None

    @override
    def on_batch(self, values: list[MessagePart]) -> tuple[Iterable[StoreItem], bool]:
        windows = self._windows or self._recall(values[0].shard)
        items: list[StoreItem] = []
        for _, batch in values:
            late_before = windows.late
            if late := windows.add(batch.events, self._marks.get(batch.progress.source, 0)):
                items.append(Revisions(tuple(late), windows.late - late_before))
            self._watermark.update(batch.progress)
        if (watermark := self._watermark.value) is not None:
            items += windows.close(watermark - self._lateness)
        return items, StatefulBatchLogic.RETAIN

    @override
    def snapshot(self) -> None:
        """Nothing for the engine: what is open follows from the stored messages."""
        if self._windows is not None:
            for rows in self._windows.changed():
                self._memory.leave(rows)

    def _recall(self, shard: int) -> Windows | CompiledWindows:
        closed_until = self._memory.closed_until()
        self._windows = windows_of(self._length, closed_until, self._shards)
        for state in self._memory.open_windows(self._length, closed_until):
            if shard_of(state.group_id, self._shards) == shard:
                self._windows.restore(state)
        return self._windows
