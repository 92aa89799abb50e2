"""Events of all processes, brought to the first one, where the state is kept.

Only what crosses from one process to another is encoded: column by column, without what the steps
behind this one do not look at. A batch of the first process itself stays as it is.

Columns in C cross as their bytes, and are columns in C again where there is a library; a list of
events crosses in MessagePack. What arrives tells which of both was sent.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Stream, operator
from bytewax.operators import StatefulBatchLogic
from typing_extensions import override

from dataflows.peers import Peers
from dataflows.routing import key_for
from dataflows.timeline import EventBatch
from dataflows.windows import weight
from dataflows.workers import Workers
from native.columns import MessageColumns, UserEventColumns
from native.parcel import messages_of, parcel_of, user_events_of
from schemas.events import (
    SIGNALLING,
    ChatMessage,
    MessageBatch,
    Progress,
    TopicPartition,
    UserEvent,
    UserEventBatch,
)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
# Column by column, because pickling the events takes thrice as long, and with the names of their
# fields they are larger.
_MESSAGE = {name: attrgetter(name) for name in ChatMessage.__struct_fields__}
_USER_EVENT = {name: attrgetter(name) for name in UserEvent.__struct_fields__}


class Parcel:
    """A batch on its way to the first process, and the process it comes from."""

    def __init__(self, process: int, batch: EventBatch) -> None:
        self.process = process
        self.batch = batch
        self._sent: bytes | None = None

    @override
    def __reduce__(self) -> tuple[Callable[..., "Parcel"], tuple[int, bytes]]:
        """Called by the engine when it sends the batch to another process.

        It does so twice: the first time it only looks how long that is.
        """
        if self._sent is None:
            self._sent = _packed(self.batch)
        unpacked = _messages if isinstance(self.batch, MessageBatch) else _user_events
        return unpacked, (self.process, self._sent)


@operator
def gather(
    step_id: str, up: Stream[EventBatch], *, workers: Workers, peers: Peers
) -> Stream[EventBatch]:
    """The batches of all processes, in the first one; of each partition in their order.

    Of a message that comes from another process, `content` is kept where a call may ring; else
    it is empty, and `file_size` holds the weight of both; the name of a file is left out.
    Statistics and presence see no difference.
    """
    key = key_for("all", workers.processes)

    def parcel(batch: EventBatch) -> tuple[str, Parcel]:
        peers.sent(len(batch.events))
        return key, Parcel(workers.process, batch)

    def relay(state: None) -> _Relay:
        assert workers.is_first, "its key belongs to the first process"
        return _Relay(peers)

    parcels = op.stateful_batch("first", op.map("parcel", up, parcel), relay)
    return op.map("batch", parcels, _batch)


class _Relay(StatefulBatchLogic[Parcel, EventBatch, None]):
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    @override
    def on_batch(self, values: list[Parcel]) -> tuple[Iterable[EventBatch], bool]:
        for parcel in values:
            self._peers.took(parcel.process, len(parcel.batch.events))
        return [parcel.batch for parcel in values], StatefulBatchLogic.RETAIN

    @override
    def snapshot(self) -> None:
        return None


def _batch(keyed: tuple[str, EventBatch]) -> EventBatch:
    return keyed[1]


def _packed(batch: EventBatch) -> bytes:
    return _encode((msgspec.structs.astuple(batch.progress), _body(batch)))


def _body(batch: EventBatch) -> bytearray | list[list[object]]:
    if isinstance(batch.events, MessageColumns | UserEventColumns):
        return parcel_of(batch.events)
    return _slim(batch.events) if isinstance(batch, MessageBatch) else _columns(batch.events)


def _unpacked(data: bytes) -> tuple[Progress, bytes | list[list[Any]]]:
    (source, *rest), body = _decode(data)
    return Progress(TopicPartition(*source), *rest), body


def _messages(process: int, data: bytes) -> Parcel:
    progress, body = _unpacked(data)
    events = messages_of(body) if isinstance(body, bytes) else list(map(ChatMessage, *body))
    return Parcel(process, MessageBatch(progress, events))


def _user_events(process: int, data: bytes) -> Parcel:
    progress, body = _unpacked(data)
    events = user_events_of(body) if isinstance(body, bytes) else list(map(UserEvent, *body))
    return Parcel(process, UserEventBatch(progress, events))


def _slim(events: Sequence[ChatMessage]) -> list[list[object]]:
    columns = {name: list(map(field, events)) for name, field in _MESSAGE.items()}
    rings = [event.content_type in SIGNALLING for event in events]
    columns["content"] = [
        event.content if ring else "" for event, ring in zip(events, rings, strict=True)
    ]
    columns["file_size"] = [
        event.file_size if ring else weight(event) or None
        for event, ring in zip(events, rings, strict=True)
    ]
    columns["file_name"] = [None] * len(events)
    return list(columns.values())


def _columns(events: Sequence[UserEvent]) -> list[list[object]]:
    return [list(map(field, events)) for field in _USER_EVENT.values()]
