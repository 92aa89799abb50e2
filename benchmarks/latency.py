"""How long a record takes to be visible, and to become a push: live traffic on a real Kafka.

    python -m benchmarks.latency --rate 20000 --publish

Another process looks into the database again and again, as a dashboard would: a row's latency is
from the record timestamp to the first look that finds it. A push's is from the record timestamp to
its decision, which is handed to the provider in the same call.
"""

import argparse
import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import duckdb
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # not all in __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from benchmarks.compare import environment_of
from benchmarks.machine import machine
from benchmarks.measure import ROOT
from benchmarks.results import put, table
from benchmarks.topics import brokers, make_topics
from config.kafka import KafkaSettings
from sinks.lease import open_for_reading

_DOCUMENT = ROOT / "docs" / "performance.md"
_RESULTS = ROOT / "benchmarks" / "results" / "latency.md"
_LOOK_EVERY = 0.2
"""Seconds between two looks into the database."""
_WARM_UP = 30
"""Seconds of traffic that are not counted: meanwhile the broker compiles what it runs often."""
_PREPARE = 10.0
_MADE_A_SECOND = 12_000
"""Records that the sender makes in a second, before it sends any."""
_NEW = """
SELECT source, epoch_ms(recorded_at), count(*), max(kafka_offset)
FROM messages
    JOIN (SELECT unnest($sources) AS source, unnest($seen) AS seen)
        ON source = kafka_topic || kafka_partition AND kafka_offset > seen
WHERE recorded_at >= $since
GROUP BY ALL
"""
_DECISIONS = """
SELECT epoch_ms(d.decided_at) - epoch_ms(m.recorded_at)
FROM push_decisions d JOIN messages m USING (kafka_topic, kafka_partition, kafka_offset)
WHERE m.recorded_at >= $since
"""


class Looks:
    """A thread that looks for new rows; `stop` ends it."""

    def __init__(self, store: Path, sources: Sequence[str], counted_from: int) -> None:
        """Rows recorded before `counted_from`, milliseconds since 1970, are looked for as well."""
        self.latencies: list[int] = []
        """Milliseconds."""
        self._counted_from = counted_from
        self._store = store
        began = time.time_ns() // 1_000_000
        self._seen = dict.fromkeys(sources, -1)
        self._newest = dict.fromkeys(sources, began)
        """Times that the broker gave: they never go back in a partition."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            since = datetime.fromtimestamp(min(self._newest.values()) / 1000, UTC)
            known = {"sources": list(self._seen), "seen": list(self._seen.values())}
            with contextlib.closing(open_for_reading(self._store)) as database:
                found = database.execute(_NEW, {**known, "since": since}).fetchall()
            now = time.time_ns() // 1_000_000
            for source, recorded_at, count, offset in found:
                if recorded_at >= self._counted_from:
                    self.latencies += [now - recorded_at] * count
                self._seen[source] = max(offset, self._seen[source])
                self._newest[source] = max(recorded_at, self._newest[source])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, brokers(given.brokers, Path(name) / "kafka") as at:
        kafka = _topics(at)
        text = _measured(kafka, Path(name), given.rate, given.seconds)
    print(text)
    if given.publish:
        _RESULTS.write_text(f"# Latency\n\n{text}", encoding="utf-8")
        put(text, _DOCUMENT, "latency")
    return 0


def _topics(address: str) -> KafkaSettings:
    """Make topics whose records have the time at which the broker took them."""
    kafka = make_topics(address, "live")
    wanted = AlterConfigOpType.SET
    stamps = [ConfigEntry("message.timestamp.type", "LogAppendTime", incremental_operation=wanted)]
    resources = [
        ConfigResource("topic", name, incremental_configs=stamps) for name in kafka.topics.names
    ]
    admin = AdminClient({"bootstrap.servers": address})
    for altered in admin.incremental_alter_configs(resources).values():
        altered.result(timeout=10)
    return kafka


def _measured(kafka: KafkaSettings, folder: Path, rate: float, seconds: float) -> str:
    store = folder / "chat.duckdb"
    environment = {
        **environment_of(kafka, "live", store),
        "CHAT_KAFKA__CONSUMER__STOP_AT_END": "false",
    }
    command = [sys.executable, "-m", "bytewax.run", "dataflows.chat", "-s", "1"]
    flow = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        started = math.ceil(time.time() + _PREPARE + rate * (_WARM_UP + seconds) / _MADE_A_SECOND)
        counted_from = (started + _WARM_UP) * 1000
        topics = (kafka.topics.chat_messages, kafka.topics.group_messages)
        while not store.exists():
            time.sleep(0.1)
        time.sleep(2)
        sources = [f"{topic}{number}" for topic in topics for number in range(3)]
        looks = Looks(store, sources, counted_from)
        command = [sys.executable, "-m", "benchmarks.sender", kafka.brokers[0], "live"]
        command += ["--start", str(started), "--rate", str(rate)]
        command += ["--seconds", str(_WARM_UP + seconds)]
        sent = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout
        time.sleep(5)
        looks.stop()
        flow.send_signal(signal.SIGTERM)
        if flow.wait(60) != 0:
            raise SystemExit(f"the flow ended with status {flow.returncode}")
    finally:
        flow.kill()
    with contextlib.closing(duckdb.connect(str(store), read_only=True)) as database:
        since = {"since": datetime.fromtimestamp(counted_from / 1000, UTC)}
        decided = [found for (found,) in database.execute(_DECISIONS, since).fetchall()]
    rows = [
        ("record to row, visible to another process", looks.latencies),
        ("record to push decision", decided),
    ]
    return _text(rows, sent.strip().splitlines()[-1])


def _text(rows: Sequence[tuple[str, Sequence[int]]], sent: str) -> str:
    heads = ("latency", "samples", "p50 s", "p90 s", "p99 s", "longest s")
    lines = [
        [what, f"{len(found):,}"]
        + [f"{part / 1000:.2f}" for part in (*_percentiles(found), max(found))]
        for what, found in rows
    ]
    on = "; ".join(f"{name}: {words}" for name, words in machine().items())
    cores = os.cpu_count()
    return (
        f"{sent}; an epoch a second; flow, broker, sender and reader share"
        f" {cores} CPUs; {on}\n\n{table(heads, lines)}\n"
    )


def _percentiles(found: Sequence[int]) -> tuple[float, float, float]:
    cuts = quantiles(found, n=100)
    return cuts[49], cuts[89], cuts[98]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=20_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=30, help="how long")
    parser.add_argument("--brokers", help="a Kafka that runs already, instead of one started here")
    parser.add_argument("--publish", action="store_true", help="write benchmarks/results and docs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
