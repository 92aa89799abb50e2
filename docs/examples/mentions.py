"""Messages to groups in; how many names each of them mentions, as rows, out."""

import re

import bytewax.operators as op
from bytewax.dataflow import Stream, operator
from bytewax.operators import KeyedStream

from schemas.events import MessageBatch
from schemas.rows import Rows, Table, Type

MENTIONS = Table(
    "mentions",
    (
        ("kafka_topic", Type.TEXT),
        ("kafka_partition", Type.INTEGER),
        ("kafka_offset", Type.BIGINT),
        ("group_id", Type.TEXT),
        ("mentions", Type.INTEGER),
    ),
)
"""A message to a group that mentions somebody; summed up, the mentions of a group."""

_NAME = re.compile(r"(?<!\w)@(\w[\w-]*)")


def names_in(content: str) -> frozenset[str]:
    """The different names behind an `@` that begins a word: mail addresses are none."""
    return frozenset(_NAME.findall(content))


def rows_of(batch: MessageBatch) -> Rows:
    """The rows of a batch, in offset order; with its progress, even where there are none."""
    source = batch.progress.source
    rows = [
        (*source, message.kafka_offset, message.group_id, len(names))
        for message in batch.events
        if message.group_id and (names := names_in(message.content))
    ]
    counted = Rows.of(MENTIONS, rows)
    return Rows(MENTIONS, counted.columns, batch.progress)


@operator
def mentions(step_id: str, up: Stream[MessageBatch]) -> KeyedStream[Rows]:
    """Count the names that each message to a group mentions.

    Every batch becomes rows, maybe none, so that a sink learns how far each partition has come.
    The step remembers nothing: what is read again becomes the same rows again.
    """
    return op.map("rows", up, _keyed)


def _keyed(batch: MessageBatch) -> tuple[str, Rows]:
    """All rows have one key, for a sink of one part."""
    return "mentions", rows_of(batch)
