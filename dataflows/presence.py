"""Events in; changes of who is online, and the offline recipients of each message out.

Messages and user events of all partitions are put in the order of their time before any of them is
looked at, so a replay decides as the live run did. What is known of the users is left with the
store at the end of each epoch, and only for those about whom something changed.
"""

from dataclasses import dataclass
from functools import partial

import bytewax.operators as op
from bytewax.dataflow import Stream, operator
from msgspec.structs import astuple

from config.settings import PresenceSettings
from dataflows.candidates import AnyRecipients
from dataflows.compiled_join import join_kind
from dataflows.compiled_roster import ChangeColumns
from dataflows.join import Found, JoinLogic, Part
from dataflows.shards import ALONE, Layout, shard_of
from dataflows.timeline import EventBatch
from schemas.directory import Directory
from schemas.events import MessageBatch, TopicPartition, UserEventBatch
from schemas.rows import Rows
from schemas.tables import PRESENCE_CHANGES
from sinks.memory import Memory
from sinks.observer import UNOBSERVED, Observer


@dataclass(frozen=True)
class PresenceOut:
    """What presence says to others."""

    changes: Stream[Rows]
    """Rows of `presence_changes`, in order of time within a shard."""
    recipients: Stream[list[AnyRecipients]]
    """Offline recipients of messages, those of one activation in no certain order."""


@operator
def presence(
    step_id: str,
    messages: Stream[MessageBatch],
    user_events: Stream[UserEventBatch],
    *,
    memory: Memory,
    shards: int,
    directory: Directory,
    settings: PresenceSettings,
    observer: Observer = UNOBSERVED,
    layout: Layout = ALONE,
) -> PresenceOut:
    """Join messages with the presence of their recipients, in order of event time.

    An event older than the watermark minus `settings.allowed_lateness` is taken as it comes. At the
    end of a bounded input everything is decided; when the flow is only stopped, what still waits
    is read again by the next execution.
    """
    waiting: dict[int, dict[TopicPartition, int]] = {}
    kind = join_kind(shards)

    def logic(state: None) -> JoinLogic:
        partitions = layout.partitions
        return kind(memory, shards, directory, settings, waiting, observer, partitions)

    events: Stream[EventBatch] = op.merge("events", messages, user_events)
    parts = op.flat_map("shard", events, partial(_keyed, shards=shards, layout=layout))
    found = op.map("found", op.stateful_batch("join", parts, logic), _value)
    return PresenceOut(
        op.filter_map("changes", found, _rows), op.map("recipients", found, _recipients)
    )


def _keyed(batch: EventBatch, shards: int, layout: Layout) -> list[tuple[str, Part]]:
    if shards == 1:
        return [(layout.key(0), Part(0, batch))]
    return [
        (layout.key(shard), Part(shard, own_part(batch, shard, shards))) for shard in range(shards)
    ]


def own_part(batch: EventBatch, shard: int, shards: int) -> EventBatch:
    """What of a batch concerns the users of a shard; messages to groups concern all."""

    def mine(user_id: str | None) -> bool:
        return user_id is not None and shard_of(user_id, shards) == shard

    if isinstance(batch, UserEventBatch):
        return UserEventBatch(batch.progress, [e for e in batch.events if mine(e.user_id)])
    return MessageBatch(
        batch.progress,
        [e for e in batch.events if e.group_id or mine(e.to_user) or mine(e.from_user)],
    )


def _value(keyed: tuple[str, Found]) -> Found:
    return keyed[1]


def _rows(found: Found) -> Rows | None:
    if isinstance(found.changes, ChangeColumns):
        return found.changes.rows
    changes = [(*astuple(c.by), c.user_id, c.status, c.reason, c.at) for c in found.changes]
    return Rows.of(PRESENCE_CHANGES, changes) if changes else None


def _recipients(found: Found) -> list[AnyRecipients]:
    return found.recipients
