"""Every event in, as rows of the tables out, with how far each partition has come."""

import json
from collections.abc import Iterable

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from native.columns import MessageColumns, UserEventColumns
from schemas.events import (
    Batch,
    DeadLetterBatch,
    Header,
    MessageBatch,
    Progress,
    UserEventBatch,
)
from schemas.repeated import Repeated
from schemas.rows import Rows, Table
from schemas.tables import DEAD_LETTERS, MESSAGES, USER_EVENTS
from sinks.epoch import StoreItem


@operator
def persist(
    step_id: str,
    messages: Stream[MessageBatch],
    user_events: Stream[UserEventBatch],
    dead_letters: Stream[DeadLetterBatch],
) -> Stream[StoreItem]:
    """Turn each batch into the rows of its table.

    After the rows of a batch's records comes its progress, which moves the high-water mark: at the
    end of an epoch the store has everything below it.
    """
    batches: Stream[Batch] = op.merge("batches", messages, user_events, dead_letters)
    return op.flat_map("rows", batches, rows_of)


def rows_of(batch: Batch) -> Iterable[StoreItem]:
    """The rows of a batch, column by column, and with the messages the batch's progress."""
    if isinstance(batch, MessageBatch):
        return [_messages(batch), batch.progress] if batch.events else [batch.progress]
    if not batch.events:
        return ()
    return [_user_events(batch) if isinstance(batch, UserEventBatch) else _dead_letters(batch)]


def _taken_over(
    table: Table, progress: Progress, events: MessageColumns | UserEventColumns
) -> Rows:
    """Rows of columns as they stand in memory: nothing is copied."""
    count = [len(events)]
    columns = (
        Repeated([progress.source.topic], count),
        Repeated([progress.source.partition], count),
        *(events.column(name) for name in table.names[2:]),
    )
    return Rows(table, columns, progress)


# One list comprehension a column is faster than zip(*rows), because no row is ever built.


def _messages(batch: MessageBatch) -> Rows:
    source, events = batch.progress.source, batch.events
    if isinstance(events, MessageColumns):
        return _taken_over(MESSAGES, batch.progress, events)
    columns = (
        Repeated([source.topic], [len(events)]),
        Repeated([source.partition], [len(events)]),
        [event.kafka_offset for event in events],
        [event.message_id for event in events],
        [event.event_type for event in events],
        [event.conversation_id for event in events],
        [event.from_user for event in events],
        [event.to_user for event in events],
        [event.group_id for event in events],
        [event.content for event in events],
        [event.content_type for event in events],
        [event.message_type for event in events],
        [event.file_name for event in events],
        [event.file_size for event in events],
        [event.created_at for event in events],
        [event.recorded_at for event in events],
    )
    return Rows(MESSAGES, columns, batch.progress)


def _user_events(batch: UserEventBatch) -> Rows:
    source, events = batch.progress.source, batch.events
    if isinstance(events, UserEventColumns):
        return _taken_over(USER_EVENTS, batch.progress, events)
    columns = (
        Repeated([source.topic], [len(events)]),
        Repeated([source.partition], [len(events)]),
        [event.kafka_offset for event in events],
        [event.event_type for event in events],
        [event.user_id for event in events],
        [event.session_id for event in events],
        [event.client_ip for event in events],
        [event.created_at for event in events],
        [event.recorded_at for event in events],
    )
    return Rows(USER_EVENTS, columns, batch.progress)


def _dead_letters(batch: DeadLetterBatch) -> Rows:
    source, letters = batch.progress.source, batch.events
    rows = [
        (
            *source,
            letter.kafka_offset,
            letter.reason,
            letter.detail,
            letter.key,
            letter.payload,
            headers_as_json(letter.headers),
            letter.recorded_at,
        )
        for letter in letters
    ]
    of = Rows.of(DEAD_LETTERS, rows)
    return Rows(of.table, of.columns, batch.progress)


def headers_as_json(headers: Iterable[Header]) -> str:
    """Headers as a JSON list of pairs, in order; values that are not text in hexadecimal."""
    return json.dumps([[name, _text(value)] for name, value in headers])


def _text(value: bytes | str | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
