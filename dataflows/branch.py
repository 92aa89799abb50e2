"""Batches in, one stream for each of their classes out."""

from dataclasses import dataclass

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from schemas.events import Batch, DeadLetterBatch, MessageBatch, UserEventBatch


@dataclass(frozen=True)
class BranchOut:
    """The three branches; each gets a batch, maybe an empty one, for every batch decoded."""

    messages: Stream[MessageBatch]
    user_events: Stream[UserEventBatch]
    dead_letters: Stream[DeadLetterBatch]


def _messages(batch: Batch) -> MessageBatch | None:
    return batch if isinstance(batch, MessageBatch) else None


def _user_events(batch: Batch) -> UserEventBatch | None:
    return batch if isinstance(batch, UserEventBatch) else None


def _dead_letters(batch: Batch) -> DeadLetterBatch | None:
    return batch if isinstance(batch, DeadLetterBatch) else None


@operator
def branch(step_id: str, up: Stream[Batch]) -> BranchOut:
    """Route by class, once a batch and not once an event."""
    return BranchOut(
        op.filter_map("messages", up, _messages),
        op.filter_map("user_events", up, _user_events),
        op.filter_map("dead_letters", up, _dead_letters),
    )
