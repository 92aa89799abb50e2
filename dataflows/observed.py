"""Source, store and provider as they are, telling an observer what passes through them."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from schemas.events import RecordBatch
from schemas.push import PushRequest
from sinks.epoch import StoreItem
from sinks.observer import Observer
from sinks.providers import Provider, Rejected, Unavailable
from sinks.shared_store import EncodedRows


class ObservedSource(FixedPartitionedSource[RecordBatch, int]):
    """A source that tells of every look at a partition, and of what came of it."""

    def __init__(
        self, source: FixedPartitionedSource[RecordBatch, int], observer: Observer
    ) -> None:
        self._source = source
        self._observer = observer

    @override
    def list_parts(self) -> list[str]:
        return self._source.list_parts()

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: int | None
    ) -> "_ObservedReader":
        reader = self._source.build_part(step_id, for_part, resume_state)
        return _ObservedReader(reader, self._observer)


class _ObservedReader(StatefulSourcePartition[RecordBatch, int]):
    def __init__(
        self, reader: StatefulSourcePartition[RecordBatch, int], observer: Observer
    ) -> None:
        self._look = reader.next_batch
        self._tell = observer.read
        self._reader = reader

    @override
    def next_batch(self) -> Sequence[RecordBatch]:
        found: Sequence[RecordBatch] = self._look()  # type: ignore[assignment]  # ours give lists
        self._tell(found)
        return found

    @override
    def next_awake(self) -> datetime | None:
        return self._reader.next_awake()

    @override
    def snapshot(self) -> int:
        return self._reader.snapshot()

    @override
    def close(self) -> None:
        self._reader.close()


class ObservedStore(FixedPartitionedSink[StoreItem, Any]):
    """A store's sink that tells what it is given, and when epochs end."""

    def __init__(self, sink: FixedPartitionedSink[StoreItem, Any], observer: Observer) -> None:
        self._sink = sink
        self._observer = observer

    @override
    def list_parts(self) -> list[str]:
        return self._sink.list_parts()

    @override
    def part_fn(self, item_key: str) -> int:
        return self._sink.part_fn(item_key)

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: Any) -> "_ObservedPartition":
        part = self._sink.build_part(step_id, for_part, resume_state)
        return _ObservedPartition(part, self._observer)


class _ObservedPartition(StatefulSinkPartition[StoreItem, Any]):
    def __init__(self, part: StatefulSinkPartition[StoreItem, Any], observer: Observer) -> None:
        self._part = part
        self._observer = observer

    @override
    def write_batch(self, values: list[StoreItem]) -> None:
        for item in values:
            # What another process has made, it has told of itself.
            if not isinstance(item, EncodedRows):
                self._observer.stored(item)
        self._part.write_batch(values)

    @override
    def snapshot(self) -> Any:
        state = self._part.snapshot()
        self._observer.epoch_ended()
        return state

    @override
    def close(self) -> None:
        self._part.close()


class ObservedProvider:
    """A provider that tells how each attempt went, and how long it took."""

    def __init__(
        self,
        provider: Provider,
        observer: Observer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._observer = observer
        self._clock = clock

    @property
    def name(self) -> str:
        """See `Provider`."""
        return self._provider.name

    async def send(self, request: PushRequest) -> None:
        """See `Provider`."""
        began, result = self._clock(), "failed"
        try:
            await self._provider.send(request)
            result = "accepted"
        except Rejected:
            result = "rejected"
            raise
        except Unavailable:
            result = "unavailable"
            raise
        finally:
            self._observer.attempted(result, self._clock() - began)

    async def aclose(self) -> None:
        """See `Provider`."""
        await self._provider.aclose()
