"""Opens what the flow of this process needs: the store, the brokers, the provider of pushes."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bytewax.outputs import Sink

from config.directory import read_directory
from config.kafka import consumer_properties, producer_properties
from config.librdkafka import refuse_unusable_properties
from config.settings import Settings
from dataflows import lifecycle
from dataflows.allocation import give_memory_back
from dataflows.broker import Brokers
from dataflows.clock import WallClock
from dataflows.cluster import Cluster
from dataflows.company import cluster_of, connect, workers_here
from dataflows.complaints import quiet
from dataflows.deliveries import Outcomes, gateway_of, pending_requests
from dataflows.endings import close, in_turn, settle
from dataflows.group import GroupOffsets, group_offsets
from dataflows.identity import STEP as TOPICS_STEP
from dataflows.join import MARK as PRESENCE_MARK
from dataflows.marks import lowest
from dataflows.monitors import monitor_of
from dataflows.observed import ObservedSource, ObservedStore
from dataflows.policy import policy_of
from dataflows.reader import ReaderRules
from dataflows.recovery import prepare_recovery
from dataflows.roll_call import First, RollCall
from dataflows.source import KafkaSource
from dataflows.stores import new_store
from dataflows.workers import Workers
from schemas.directory import Directory
from schemas.events import DeadLetterBatch
from schemas.push import PushRequest
from schemas.rows import Rows
from schemas.tables import FLOW_STATE
from sinks.epoch import StoreItem
from sinks.kafka import MARK as DEAD_LETTERS_MARK
from sinks.kafka import DeadLetterSink
from sinks.memory import STORE, Memory, NoMemory
from sinks.observer import UNOBSERVED, Observer
from sinks.push_sink import PushSink
from sinks.store import Store, StoreSink
from sinks.topics import create_topics

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sinks:
    """Where results land, and what is remembered of them."""

    store: Sink[tuple[str, StoreItem]]
    push: Sink[tuple[str, Sequence[PushRequest]]]
    dead_letters: Sink[tuple[str, DeadLetterBatch]]
    memory: Memory = field(default_factory=NoMemory)
    """What the store knows of earlier executions; nothing where the sinks keep nothing."""
    observer: Observer = UNOBSERVED


@dataclass(frozen=True)
class Launch:
    """Everything `build` wires."""

    source: KafkaSource | ObservedSource
    sinks: Sinks
    settings: Settings
    directory: Directory
    cluster: Cluster | None = None


def launch(settings: Settings) -> Launch:
    """Check the surroundings and open them, in the main thread, before the engine starts.

    Raises:
        ConfigurationError: A setting cannot be used as it is; names it.
        ChatflowError: A broker, a topic or the database is not there or not usable.
    """
    # First of all: who is stopped while starting ends as orderly as who is stopped later.
    lifecycle.stop_on_signals()
    if settings.log.level != "DEBUG":
        lifecycle.keep_native_code_quiet()
    lifecycle.set_up_logging(settings.log)
    lifecycle.say_what_is_slow()
    give_memory_back()
    workers = workers_here(settings)
    connecting = connect(workers)
    refuse_unusable_properties(settings.kafka.properties)
    directory = read_directory(settings.push.directory)
    monitor = monitor_of(settings, lifecycle.stopping.is_set, workers)
    store = _store(settings, workers, monitor.observer)
    clock = WallClock()
    source = _source(settings, store, clock, workers)
    brokers = _prepare(source, settings, store)
    group = _group(settings, workers)
    store.begin(source.starts(), (STORE, DEAD_LETTERS_MARK))
    policy = policy_of(settings.push, directory)
    outcomes = Outcomes()
    gateway = gateway_of(settings.push, outcomes, monitor.observer)
    if group is not None:
        store.on_commit = group.publish
    failure = partial(_failure, source, clock)
    cluster = cluster_of(workers, connecting, source, store, failure, monitor.observer)
    store.on_close = lambda: close(group, failure())
    settled = partial(settle, source, cluster, gateway)
    store.before_commit = in_turn(settled, partial(outcomes.leave, store))
    dead_letters = _dead_letters(settings, store, brokers)
    push = PushSink(lambda: gateway, lambda: pending_requests(store, policy))
    stored = ObservedStore(StoreSink(store), monitor.observer)
    sinks = _sinks(stored, push, dead_letters, cluster)
    sinks = replace(sinks, memory=store, observer=monitor.observer)
    file = None if settings.store.is_postgres else settings.store.path
    monitor.watch(source.prepared().ends, lambda: gateway.pending, file)
    store.on_failure = dead_letters.on_failure = lifecycle.end_with
    lifecycle.tune_interpreter()
    return Launch(ObservedSource(source, monitor.observer), sinks, settings, directory, cluster)


def _sinks(
    stored: ObservedStore, push: PushSink, letters: DeadLetterSink, cluster: Cluster | None
) -> Sinks:
    """The sinks; of several processes the first one has them."""
    if cluster is None:
        return Sinks(stored, push, letters)
    workers = cluster.workers
    called = RollCall(stored, workers, cluster.start, lifecycle.end_with)
    return Sinks(called, First(push, workers), First(letters, workers))


def _failure(source: KafkaSource, clock: WallClock) -> Exception | None:
    return source.failure or clock.refuse()


def _store(settings: Settings, workers: Workers, observer: Observer) -> Store:
    """The store, brought to this release's schema; the recovery folder is made ready before."""
    prepare_recovery()
    store = new_store(settings, workers)
    store.observer = observer
    store.prepare()
    return store


def _source(settings: Settings, store: Store, clock: WallClock, workers: Workers) -> KafkaSource:
    marks = lowest([store.marks(sink) for sink in (STORE, PRESENCE_MARK, DEAD_LETTERS_MARK)])
    rules = ReaderRules(
        settings.source.batch_size,
        settings.source.idle_timeout.total_seconds(),
        lambda: lifecycle.stopping.is_set() or clock.went_back(),
    )
    return KafkaSource(settings.kafka, settings.source, marks, rules, workers.share)


def _prepare(source: KafkaSource, settings: Settings, store: Store) -> Brokers:
    """See to it that the topics are there, and are those that were read."""
    known = {topic: state.decode() for topic, state in store.states(TOPICS_STEP)}
    created: Sequence[str] = ()
    if settings.source.missing_topics == "create":
        suffix, read = settings.dead_letters.topic_suffix, source.topics_read
        created = create_topics(
            settings.kafka, dead_letter_suffix=suffix, replication_factor=-1, but=read
        ).created
    if created:
        log.warning("created the missing topics %s", ", ".join(created))
    brokers = Brokers(settings.kafka)
    source.prepare(brokers, known, created)
    if new := source.topic_ids.items() - known.items():
        ids = [(TOPICS_STEP, topic, topic_id.encode()) for topic, topic_id in new]
        store.leave(Rows.of(FLOW_STATE, ids))
    return brokers


def _group(settings: Settings, workers: Workers) -> GroupOffsets | None:
    """Who publishes the offsets of the group: the first process, which knows what is durable."""
    if not workers.is_first:
        return None
    return group_offsets(settings.kafka, settings.source.active_group)


def _dead_letters(settings: Settings, store: Store, brokers: Brokers) -> DeadLetterSink:
    kafka, suffix = settings.kafka, settings.dead_letters.topic_suffix
    counts = Counter(t for t, _ in brokers.partitions([n + suffix for n in kafka.topics.names]))
    return DeadLetterSink(
        quiet(producer_properties(kafka)),
        quiet(consumer_properties(kafka)),
        store,
        suffix=suffix,
        name=kafka.consumer.group_id,
        partitions=counts,
    )
