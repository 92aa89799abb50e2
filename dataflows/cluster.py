"""What the flow has besides its steps where several processes run it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream

from dataflows.branch import BranchOut, branch
from dataflows.gather import gather
from dataflows.peers import Peers, Word
from dataflows.pulse import PeerSink, PulseSource, Rest, addressee
from dataflows.roll_call import Present
from dataflows.routing import key_for
from dataflows.shards import Layout
from dataflows.timeline import EventBatch
from dataflows.workers import Workers
from schemas.events import TopicPartition
from schemas.rows import Rows
from sinks.epoch import StoreItem


@dataclass(frozen=True)
class Cluster:
    """This process among the others."""

    workers: Workers
    peers: Peers
    start: str
    """See `Present`."""
    partitions: Collection[TopicPartition]
    """Those that all processes read together."""
    encode: Callable[[Rows], StoreItem | None]
    """Makes of rows what the store takes from this process; None where it has them."""

    @property
    def layout(self) -> Layout:
        """How the steps are spread over the processes."""
        return Layout(self.workers.processes, self.partitions)


def sent(rows: Stream[StoreItem], flow: Dataflow, cluster: Cluster) -> Stream[StoreItem]:
    """The rows of this process for the store of the first one, and before them who sends them.

    Also lets the processes tell each other how far they are.
    """
    workers, peers = cluster.workers, cluster.peers

    def encoded(item: StoreItem) -> StoreItem | None:
        return cluster.encode(item) if isinstance(item, Rows) else item

    told = op.input("pulse", flow, PulseSource(workers, peers, cluster.start))
    words = op.key_on("addressee", op.filter_map("words", told, _word), addressee)
    op.output("peers", words, PeerSink(workers, peers))
    present = op.filter_map("present", told, _present)
    own = key_for("rest", workers.processes, workers.process)
    op.stateful_batch("rest", op.key_on("own", present, lambda _: own), lambda _: Rest(peers))
    # Every process must have the same steps, whether they have something to do there or not.
    return op.merge("sent", present, op.filter_map("encoded", rows, encoded))


def gathered(branches: BranchOut, cluster: Cluster) -> BranchOut:
    """The messages and user events of all processes, in the first one."""
    events: Stream[EventBatch] = op.merge("events", branches.messages, branches.user_events)
    found = gather("gather", events, workers=cluster.workers, peers=cluster.peers)
    return branch("gathered", found)


def _word(told: Present | Word) -> Word | None:
    return told if isinstance(told, Word) else None


def _present(told: Present | Word) -> Present | None:
    return told if isinstance(told, Present) else None
