"""What it costs to count, beside decoding: both on the same batches of a simulated chat.

    python -m benchmarks.metrics_cost

Prints microseconds of an event; the whole flow takes several times what decoding alone takes.
"""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as Position
from prometheus_client import CollectorRegistry

from config.kafka import KafkaSettings
from dataflows.decode import DeadLetterLimit, Decoder
from dataflows.metrics import Metrics
from dataflows.persist import rows_of
from dataflows.standing import FlowStanding
from schemas.events import RecordBatch, TopicPartition
from sinks.epoch import StoreItem
from sinks.memory import NoMemory
from traffic.embedded import EmbeddedBroker
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_BATCH = 2000
_ROUNDS = 7
_PATIENCE = 1.0


def main() -> int:
    """Measure and print; the best of several rounds."""
    topics = KafkaSettings().topics.names
    with EmbeddedBroker(topics, partitions=1) as broker:
        batches = _batches(broker.bootstrap_servers, topics)
    events = sum(len(batch.records) for batch in batches)
    items: list[StoreItem] = [item for found in _decoder()(batches) for item in rows_of(found)]
    observer = Metrics(CollectorRegistry(), topics, FlowStanding())
    print(f"{events:,} events in {len(batches)} batches")
    costs = {
        "decode": _best(lambda: list(_decoder()(batches))),
        "count what is read": _best(lambda: [observer.read([batch]) for batch in batches]),
        "count what is stored": _best(lambda: [observer.stored(item) for item in items]),
    }
    for what, seconds in costs.items():
        print(f"{what:<22}{seconds / events * 1e6:7.3f} us an event")
    return 0


def _decoder() -> Decoder:
    return Decoder(NoMemory(), 60_000, DeadLetterLimit(1.0, 1000))


def _batches(servers: str, topics: Sequence[str]) -> list[RecordBatch]:
    kafka = KafkaSettings(brokers=[servers])
    plan = Plan(start=datetime.now(UTC), rate=1000, seconds=60, users=5000, groups=100, seed=1)
    with ChatProducer(kafka) as producer:
        run(plan, producer, pace=False, stop=lambda: False)
    return [batch for topic in topics for batch in _read(servers, topic)]


def _read(servers: str, topic: str) -> list[RecordBatch]:
    """What the topic's only partition has; the embedded broker keeps the newest few thousand."""
    place = TopicPartition(topic, 0)
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "cost"})
    begin, end = consumer.get_watermark_offsets(Position(*place), timeout=_PATIENCE)
    consumer.assign([Position(*place, begin)])
    found: list[RecordBatch] = []
    while not found or found[-1].next_offset < end:
        if records := consumer.consume(_BATCH, _PATIENCE):
            found.append(RecordBatch(place, (records[-1].offset() or 0) + 1, records))
    consumer.close()
    return found


def _best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


if __name__ == "__main__":
    sys.exit(main())
