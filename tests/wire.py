"""Events as the records a server publishes, and logs of them as the batches a source hands on."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from random import Random

import msgspec

from dataflows.repeats import FOLD_HORIZON
from native.decoding import PartitionDecoder
from native.library import library
from schemas import events
from schemas.decoding import decode_all
from schemas.events import ChatMessage, DeadLetter, RecordBatch, TopicPartition, UserEvent
from schemas.message_pb2 import Message
from tests.builders import START, Event, Record

Logs = Mapping[TopicPartition, Sequence[Record]]
"""What stands in each partition."""


def decode(
    record: events.Record, source: TopicPartition, tolerance: int
) -> ChatMessage | UserEvent | DeadLetter:
    """What a single record turns out to be."""
    found = decode_all((record,), source, tolerance)
    if library() is not None:
        compiled = PartitionDecoder(source, tolerance, FOLD_HORIZON, ()).decode((record,))
        assert tuple(map(list, compiled[:3])) == tuple(found), "the compiled reading differs"
    kinds: list[ChatMessage | UserEvent | DeadLetter] = []
    kinds += (*found.messages, *found.user_events, *found.letters)
    (only,) = kinds
    return only


def records(found: Iterable[Event | bytes], first: int = 0) -> list[Record]:
    """The log of a partition: events as a server writes them, and bytes as they are."""
    log: list[Record] = []
    for offset, each in enumerate(found, first):
        if isinstance(each, bytes):
            recorded_at = log[-1].recorded_at if log else START
            log.append(Record(each, offset, recorded_at, b"k", (("trace", b"1"),)))
        else:
            log.append(Record(wire(each), offset, each.recorded_at, b"k"))
    return log


def batches(
    logs: Logs,
    *,
    starts: Mapping[TopicPartition, int] | None = None,
    size: int = 3,
    ended: bool = True,
    order: Random | None = None,
) -> list[RecordBatch]:
    """Read the logs as the source does: announcements, then batches, then the ends.

    Args:
        logs: What stands in each partition.
        starts: Where each partition begins; at its first record where nothing is said.
        size: Most records in a batch.
        ended: Whether the read is bounded.
        order: Takes the next batch of any partition; without one they take turns.
    """
    begin = {source: (starts or {}).get(source, 0) for source in logs}
    queues = {source: _cut(source, log, begin[source], size) for source, log in logs.items()}
    found = [RecordBatch(source, begin[source]) for source in logs]
    while waiting := [source for source, queue in queues.items() if queue]:
        turn = [order.choice(waiting)] if order else waiting
        found += [queues[source].pop(0) for source in turn]
    ends = {source: max(len(log), begin[source]) for source, log in logs.items()}
    return found + [RecordBatch(source, ends[source], ended=True) for source in logs if ended]


def _cut(source: TopicPartition, log: Sequence[Record], start: int, size: int) -> list[RecordBatch]:
    return [
        RecordBatch(source, log[first : first + size][-1].number + 1, log[first : first + size])
        for first in range(start, len(log), size)
    ]


def wire(event: Event) -> bytes:
    """The value a server publishes for an event: an envelope, its payload in base64."""
    envelope: dict[str, object] = {
        "event_type": event.event_type,
        "timestamp": event.created_at // 1000,
    }
    if isinstance(event, ChatMessage):
        named = "" if event.message_id == f"m{event.kafka_offset}" else event.message_id
        payload = Message(
            from_user=event.from_user or "",
            to=event.group_id or event.to_user or "",
            content=event.content,
            contentType=event.content_type,
            messageType=event.message_type,
            messageId=named,
            file=b"f" * (event.file_size or 0),
        )
        data = base64.b64encode(payload.SerializeToString()).decode()
        user_id = event.from_user if event.group_id else event.to_user
        return msgspec.json.encode({**envelope, "user_id": user_id or "", "message_data": data})
    metadata = {
        "session_id": event.session_id,
        "connection_time": event.connection_time,
        "group_id": event.group_id,
    }
    said = {key: found for key, found in metadata.items() if found is not None}
    envelope |= {"user_id": event.user_id, "metadata": said}
    if event.worker_id is not None:
        envelope["worker_id"] = event.worker_id
    return msgspec.json.encode(envelope)
