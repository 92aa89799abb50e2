"""Whether this process is alone, and what it takes to be one of several."""

import atexit
import os
import sys
import zlib
from collections.abc import Callable, Mapping
from functools import partial

from config.errors import ConfigurationError
from config.settings import Settings
from dataflows import lifecycle
from dataflows.cluster import Cluster
from dataflows.connecting import Connecting
from dataflows.lost_peers import in_words
from dataflows.peers import Peers
from dataflows.recovery import recovery_folder
from dataflows.source import KafkaSource
from dataflows.workers import Workers, refuse_recovery_folder, workers_of
from schemas.events import TopicPartition
from schemas.rows import Rows
from sinks.epoch import StoreItem, above_mark
from sinks.memory import STORE
from sinks.observer import Observer
from sinks.shared_store import SharedStore
from sinks.store import Store

Told = Callable[[StoreItem], None]


def workers_here(settings: Settings) -> Workers:
    """Which process of how many this is.

    Raises:
        ConfigurationError: What was asked for cannot be run, or not with this store.
    """
    workers = workers_of(sys.argv, os.environ)
    refuse_recovery_folder(workers, recovery_folder(sys.argv, os.environ))
    if workers.processes > 1 and not settings.store.is_postgres:
        raise ConfigurationError(
            "store.url: a DuckDB file belongs to one process at a time, so several processes"
            " cannot share it. Name a postgresql:// database, or start without -i and -a"
        )
    return workers


def connect(workers: Workers) -> Connecting | None:
    """From here on a signal ends the wait for the others; None where there are none."""
    if workers.processes == 1:
        return None
    lifecycle.translations.append(partial(in_words, workers=workers))
    others = [a for n, a in enumerate(workers.addresses) if n != workers.process]
    return Connecting(others, lifecycle.leave_unstarted)


def cluster_of(
    workers: Workers,
    connecting: Connecting | None,
    source: KafkaSource,
    store: Store,
    failure: Callable[[], Exception | None],
    observer: Observer,
) -> Cluster | None:
    """This process among the others; None where it is alone. `failure` is why it ends early."""
    if connecting is None:
        return None
    assert isinstance(store, SharedStore), "no other is shared"
    peers = Peers(
        workers,
        source.alignment,
        source.rules.pace,
        has_finished=lambda: source.finished,
        stops=lambda: source.rules.stop() or failure() is not None,
        stop=lifecycle.stopping.set,
        connected=partial(_connected, workers, connecting, source),
        parted=partial(_parted, workers, source),
        alive=lambda: observer.read(()),
    )
    if not workers.is_first:
        # The first one says it after the last commit; here that is known when the engine has ended.
        atexit.register(_say, failure)
    marks, told = store.marks(STORE), None if workers.is_first else observer.stored
    encode = partial(_encoded, store=store, marks=marks, told=told)
    partitions = tuple(source.partitions)
    # Who saw other partitions, because one was added meanwhile, is not of the same start: else
    # nobody would read some of them.
    start = f"{store.start} {zlib.crc32(repr(sorted(partitions)).encode()):08x}"
    return Cluster(workers, peers, start, partitions, encode)


def _connected(workers: Workers, connecting: Connecting, source: KafkaSource) -> None:
    connecting.over()
    if workers.is_first:
        # It alone knows what is stored, so it alone can tell how much of all partitions is not.
        source.prepared().watch(*source.partitions)


def _parted(workers: Workers, source: KafkaSource) -> None:
    if workers.is_first:
        source.prepared().forget(*source.partitions)


def _say(failure: Callable[[], Exception | None]) -> None:
    if (found := failure()) is not None:
        lifecycle.end_with(found)


def _encoded(
    rows: Rows, *, store: SharedStore, marks: Mapping[TopicPartition, int], told: Told | None
) -> StoreItem | None:
    """Rows as the store of the first process takes them: made where they are, at no cost there."""
    if told is None:
        return rows
    told(rows)
    kept = above_mark(rows, marks)
    return store.encoded(kept) if kept is not None else None
