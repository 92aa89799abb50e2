"""Opens what the flow of this process needs: the store, the brokers, the provider of pushes."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bytewax.outputs import Sink

from config.directory import read_directory
from config.kafka import consumer_properties, producer_properties
from config.librdkafka import refuse_unusable_properties
from config.settings import PushSettings, Settings
from dataflows import lifecycle
from dataflows.broker import GroupOffsets, partitions_of, quiet, refuse_active_group
from dataflows.join import MARK as PRESENCE_MARK
from dataflows.marks import lowest
from dataflows.policy import Policy
from dataflows.reader import ReaderRules
from dataflows.recovery import prepare_recovery
from dataflows.source import KafkaSource
from dataflows.workers import refuse_several_workers
from schemas.directory import Directory
from schemas.events import DeadLetterBatch
from schemas.push import PushDelivery, PushRequest
from schemas.rows import Rows
from schemas.tables import PUSH_DELIVERIES
from sinks.duckdb import DuckDBSink, DuckDBStore
from sinks.epoch import StoreItem
from sinks.kafka import MARK as DEAD_LETTERS_MARK
from sinks.kafka import DeadLetterSink
from sinks.memory import STORE, Memory, NoMemory
from sinks.providers import LogProvider, Provider
from sinks.push_gateway import PushGateway
from sinks.push_sink import PushSink
from sinks.webhook import WebhookProvider

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


@dataclass(frozen=True)
class Launch:
    """Everything `build` wires."""

    source: KafkaSource
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
    prepare_recovery()
    store = new_store(settings)
    store.prepare()
    refuse_active_group(settings.kafka)
    source = _source(settings, store)
    source.prepare()
    store.begin(source.starts(), (STORE, DEAD_LETTERS_MARK))
    policy = policy_of(settings.push, directory)
    gateway = _gateway(settings.push, store)
    group = GroupOffsets(consumer_properties(settings.kafka))
    store.on_commit, store.on_close = group.publish, group.close
    store.before_commit = lambda: _settle(source, gateway)
    dead_letters = _dead_letters(settings, store)
    sinks = Sinks(
        store=DuckDBSink(store),
        push=PushSink(lambda: gateway, lambda: _pending(store, policy)),
        dead_letters=dead_letters,
        memory=store,
    )
    store.on_failure = dead_letters.on_failure = lifecycle.end_with
    lifecycle.tune_garbage_collection()
    return Launch(source, sinks, settings, directory)


def policy_of(settings: PushSettings, directory: Directory) -> Policy:
    """The push policy that the settings and the directory make."""
    step = timedelta(milliseconds=1)
    return Policy(
        directory, settings.max_age // step, settings.call_max_age // step, settings.provider
    )


def new_store(settings: Settings) -> DuckDBStore:
    """The store that the settings name, not yet opened."""
    return DuckDBStore(
        settings.store.path,
        lock_timeout=settings.store.lock_timeout.total_seconds(),
        chunk_rows=settings.store.write_batch_rows,
        tolerance=settings.source.future_tolerance // timedelta(milliseconds=1),
        window_length=settings.stats.window_length // timedelta(milliseconds=1),
    )


def _source(settings: Settings, store: DuckDBStore) -> KafkaSource:
    marks = lowest([store.marks(sink) for sink in (STORE, PRESENCE_MARK, DEAD_LETTERS_MARK)])
    rules = ReaderRules(
        settings.source.batch_size,
        settings.source.idle_timeout.total_seconds(),
        lifecycle.stopping.is_set,
    )
    return KafkaSource(settings.kafka, settings.source, marks, rules)


def _dead_letters(settings: Settings, store: DuckDBStore) -> DeadLetterSink:
    kafka, suffix = settings.kafka, settings.dead_letters.topic_suffix
    counts: dict[str, int] = {}
    for topic, _ in partitions_of(kafka, [topic + suffix for topic in kafka.topics.names]):
        counts[topic] = counts.get(topic, 0) + 1
    return DeadLetterSink(
        quiet(producer_properties(kafka)),
        quiet(consumer_properties(kafka)),
        store,
        suffix=suffix,
        name=kafka.consumer.group_id,
        partitions=counts,
    )


def _gateway(settings: PushSettings, memory: Memory) -> PushGateway:
    def on_delivery(delivery: PushDelivery) -> None:
        memory.leave(delivery_rows(delivery))

    return PushGateway(
        _provider(settings),
        on_delivery=on_delivery,
        max_pending=settings.max_pending,
        concurrency=settings.webhook.concurrency,
        max_backoff=settings.webhook.max_backoff,
    )


def _provider(settings: PushSettings) -> Provider:
    url, secret = settings.webhook.url, settings.webhook.secret
    if settings.provider == "webhook" and url is not None and secret is not None:
        return WebhookProvider(str(url), secret.get_secret_value(), settings.webhook.timeout)
    return LogProvider()


def delivery_rows(delivery: PushDelivery) -> Rows:
    """The outcome of a push as a row of `push_deliveries`."""
    request = delivery.request
    row = (
        request.kafka_topic,
        request.kafka_partition,
        request.kafka_offset,
        request.message_id,
        request.user_id,
        delivery.provider,
        delivery.outcome,
        delivery.detail,
        delivery.attempts,
        delivery.at,
    )
    return Rows.of(PUSH_DELIVERIES, [row])


def _pending(memory: Memory, policy: Policy) -> Iterable[PushRequest]:
    for found in memory.pending_pushes():
        yield policy.request(found.source, found.message, found.user_id, found.decided_at)


def _settle(source: KafkaSource, gateway: PushGateway) -> None:
    """Before the last commit, give pushes under way a moment to get their outcome."""
    deadline = time.monotonic() + _SETTLE.total_seconds()
    while source.finished and gateway.pending and time.monotonic() < deadline:
        time.sleep(0.01)
