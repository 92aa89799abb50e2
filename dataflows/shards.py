"""A fixed number of keys for the stateful steps.

All shards share one time in the store, and a start may have another number of them. It is the same
in each: every shard gets a part of every batch, maybe empty, with the progress that moves time, all
on one worker; and none leaves its state before all have had the whole epoch.
"""

import zlib
from collections.abc import Callable, Collection
from typing import NamedTuple

from dataflows.routing import key_for
from schemas.events import ChatMessage, MessageBatch, TopicPartition


class Layout(NamedTuple):
    """How the steps that keep state are spread: of several workers the first one has them all."""

    workers: int = 1
    partitions: Collection[TopicPartition] = ()
    """Those that other processes announce: time does not go on before they have."""

    def key(self, shard: int) -> str:
        """The key of a shard."""
        return key_for(str(shard), self.workers)


ALONE = Layout()


class MessagePart(NamedTuple):
    """What one shard gets of a batch."""

    shard: int
    batch: MessageBatch


def shard_of(name: str, shards: int) -> int:
    """The shard a name belongs to; the same in every process and every execution."""
    return zlib.crc32(name.encode(errors="replace")) % shards if shards > 1 else 0


def keyed_messages(
    batch: MessageBatch, shards: int, layout: Layout, route: Callable[[ChatMessage], str]
) -> list[tuple[str, MessagePart]]:
    """The batch for each shard; every shard gets one, maybe empty, for the progress it carries."""
    if shards == 1:
        return [(layout.key(0), MessagePart(0, batch))]
    found: list[list[ChatMessage]] = [[] for _ in range(shards)]
    for event in batch.events:
        found[shard_of(route(event), shards)].append(event)
    return [
        (layout.key(shard), MessagePart(shard, MessageBatch(batch.progress, found[shard])))
        for shard in range(shards)
    ]
