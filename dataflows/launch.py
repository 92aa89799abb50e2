"""Opens what the flow of this process needs: the store, the brokers, the provider of pushes."""

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bytewax.outputs import Sink

from config.directory import read_directory
from config.kafka import consumer_properties, producer_properties
from config.librdkafka import refuse_unusable_properties
from config.settings import PushSettings, Settings
from dataflows import lifecycle
from dataflows.broker import Brokers, quiet
from dataflows.clock import WallClock
from dataflows.deliveries import gateway_of, pending_requests
from dataflows.group import GroupOffsets, group_offsets
from dataflows.identity import STEP as TOPICS_STEP
from dataflows.join import MARK as PRESENCE_MARK
from dataflows.marks import lowest
from dataflows.monitors import monitor_of
from dataflows.observed import ObservedSource, ObservedStore
from dataflows.policy import Policy
from dataflows.reader import ReaderRules
from dataflows.recovery import prepare_recovery
from dataflows.source import KafkaSource
from dataflows.stores import new_store
from dataflows.workers import refuse_several_workers
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
from sinks.push_gateway import PushGateway
from sinks.push_sink import PushSink
from sinks.store import Store, StoreSink
from sinks.topics import create_topics

log = logging.getLogger(__name__)

_SETTLE = timedelta(seconds=5)
"""How long the last commit waits for pushes under way, so that it can hold their outcomes."""


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
    refuse_several_workers(sys.argv, os.environ)
    refuse_unusable_properties(settings.kafka.properties)
    directory = read_directory(settings.push.directory)
    monitor = monitor_of(settings, lifecycle.stopping.is_set)
    store = _store(settings, monitor.observer)
    clock = WallClock()
    source = _source(settings, store, clock)
    brokers = _prepare(source, settings, store)
    group = group_offsets(settings.kafka, settings.source.active_group)
    store.begin(source.starts(), (STORE, DEAD_LETTERS_MARK))
    policy = policy_of(settings.push, directory)
    gateway = gateway_of(settings.push, store, monitor.observer)
    if group is not None:
        store.on_commit = group.publish
    store.on_close = lambda: _close(group, source.failure or clock.refuse())
    store.before_commit = lambda: _settle(source, gateway)
    dead_letters = _dead_letters(settings, store, brokers)
    sinks = Sinks(
        store=ObservedStore(StoreSink(store), monitor.observer),
        push=PushSink(lambda: gateway, lambda: pending_requests(store, policy)),
        dead_letters=dead_letters,
        memory=store,
        observer=monitor.observer,
    )
    file = None if settings.store.is_postgres else settings.store.path
    monitor.watch(source.prepared().ends, lambda: gateway.pending, file)
    store.on_failure = dead_letters.on_failure = lifecycle.end_with
    lifecycle.tune_garbage_collection()
    return Launch(ObservedSource(source, monitor.observer), sinks, settings, directory)


def policy_of(settings: PushSettings, directory: Directory) -> Policy:
    """The push policy that the settings and the directory make."""
    step = timedelta(milliseconds=1)
    return Policy(
        directory, settings.max_age // step, settings.call_max_age // step, settings.provider
    )


def _store(settings: Settings, observer: Observer) -> Store:
    """The store, brought to this release's schema; the recovery folder is made ready before."""
    prepare_recovery()
    store = new_store(settings)
    store.observer = observer
    store.prepare()
    return store


def _source(settings: Settings, store: Store, clock: WallClock) -> KafkaSource:
    marks = lowest([store.marks(sink) for sink in (STORE, PRESENCE_MARK, DEAD_LETTERS_MARK)])
    rules = ReaderRules(
        settings.source.batch_size,
        settings.source.idle_timeout.total_seconds(),
        lambda: lifecycle.stopping.is_set() or clock.went_back(),
    )
    return KafkaSource(settings.kafka, settings.source, marks, rules)


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


def _close(group: GroupOffsets | None, failure: Exception | None) -> None:
    """After the last commit, which came early if something failed."""
    if group is not None:
        group.close()
    if failure is not None:
        lifecycle.end_with(failure)


def _settle(source: KafkaSource, gateway: PushGateway) -> None:
    """Before the last commit, give pushes under way a moment to get their outcome."""
    deadline = time.monotonic() + _SETTLE.total_seconds()
    while source.finished and gateway.pending and time.monotonic() < deadline:
        time.sleep(0.01)
