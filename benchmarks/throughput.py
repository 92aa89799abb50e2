"""Events a second of the whole flow, beside what librdkafka alone reads, on a real Kafka.

    python -m benchmarks.throughput --events 1000000

Preloads the three topics with simulated traffic, reads them once with `consume(10000)` and
`value()` and nothing else, then runs the flow over them as a user does, with recovery and the
exactly-once store, and prints both rates and their ratio.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from config.kafka import KafkaSettings, consumer_properties
from sinks.lease import open_for_reading
from tests.kafka_server import KafkaServer
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run
from traffic.topics import create_topics, topic_names

_RATE = 2_000.0
"""Events a second of event time: the fewer, the smaller the aligned batches."""
_PRESENCE_RATIO = 0.02
"""Of 20,000 users, half of them connected, each stays for about eight minutes then."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--groups", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, KafkaServer(Path(folder) / "kafka") as server:
        kafka = KafkaSettings(brokers=[server.bootstrap_servers])
        create_topics(kafka, dead_letter_suffix=".dlq")
        total = _preload(kafka, options)
        for number in range(options.repeat):
            raw_seconds = _raw(kafka, total)
            seconds, cpu, rows = _flow(kafka, Path(folder) / f"run-{number}")
            raw, rate = total / raw_seconds, total / seconds
            print(
                f"run {number + 1}: raw consume {raw:,.0f} events/s,"
                f" flow {rate:,.0f} events/s ({rate / raw:.2f} of raw),"
                f" {cpu:.1f} CPU-s, {rows:,} messages stored",
                flush=True,
            )


def _preload(kafka: KafkaSettings, options: argparse.Namespace) -> int:
    seconds = options.events / _RATE
    plan = Plan(
        start=datetime.now(UTC) - timedelta(hours=1, seconds=seconds),
        rate=_RATE,
        seconds=seconds,
        users=options.users,
        groups=options.groups,
        seed=1,
        presence_ratio=_PRESENCE_RATIO,
        poison_ratio=0.001,
    )
    with ChatProducer(kafka) as producer:
        summary = run(plan, producer)
    total = sum(summary.records.values())
    print(f"preloaded {total:,} records in {summary.seconds:.0f} s", flush=True)
    return total


def _raw(kafka: KafkaSettings, total: int) -> float:
    consumer = Consumer({**consumer_properties(kafka), "group.id": "raw"})
    topics = topic_names(kafka, ".dlq")[:3]
    consumer.assign([TopicPartition(topic, part, 0) for topic in topics for part in range(3)])
    started = time.perf_counter()
    seen = 0
    while seen < total:
        for message in consumer.consume(10_000, 0.1):
            if message.error() is None:
                message.value()
                seen += 1
    elapsed = time.perf_counter() - started
    consumer.close()
    return elapsed


def _flow(kafka: KafkaSettings, folder: Path) -> tuple[float, float, int]:
    """Seconds from the start of the process to its end, its CPU-seconds, and messages stored."""
    store = folder / "chat.duckdb"
    command = ["-m", "bytewax.run", "dataflows.chat", "-s", "2", "-b", "0", "-r"]
    environment = {
        **os.environ,
        "CHAT_KAFKA__BROKERS": kafka.brokers[0],
        "CHAT_KAFKA__CONSUMER__STOP_AT_END": "true",
        "CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET": "earliest",
        "CHAT_STORE__URL": f"duckdb:///{store}",
        "CHAT_LOG__LEVEL": "WARNING",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *command, str(folder / "recovery")], env=environment, check=True
    )
    elapsed = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open_for_reading(store) as database:
        found = database.execute("SELECT count(*) FROM messages").fetchone()
    return elapsed, cpu, found[0] if found else 0


if __name__ == "__main__":
    main()
