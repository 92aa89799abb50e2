"""How long a record takes to be visible, and to become a push: live traffic on a real Kafka.

    python -m benchmarks.latency --rate 20000 --publish

Another process looks into the database again and again, as a dashboard would: a row's latency is
from the record timestamp to the first look that finds it. A push's is from the record timestamp to
its decision, which is handed to the provider in the same call.
"""

import argparse
import contextlib
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
_NEW = """
SELECT source, kafka_offset, epoch_ms(recorded_at)
FROM messages
    JOIN (SELECT unnest($sources) AS source, unnest($seen) AS seen)
        ON source = kafka_topic || kafka_partition AND kafka_offset > seen
WHERE recorded_at >= $began
"""
_DECISIONS = """
SELECT epoch_ms(d.decided_at) - epoch_ms(m.recorded_at)
FROM push_decisions d JOIN messages m USING (kafka_topic, kafka_partition, kafka_offset)
"""


class Looks:
    """A thread that looks for new rows; `stop` ends it."""

    def __init__(self, store: Path, sources: Sequence[str]) -> None:
        self.latencies: list[int] = []
        """Milliseconds."""
        self._store = store
        self._began = datetime.now(UTC)
        self._seen = dict.fromkeys(sources, -1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            known = {"sources": list(self._seen), "seen": list(self._seen.values())}
            with contextlib.closing(open_for_reading(self._store)) as database:
                found = database.execute(_NEW, {**known, "began": self._began}).fetchall()
            now = time.time_ns() // 1_000_000
            for source, offset, recorded_at in found:
                self.latencies.append(now - recorded_at)
                self._seen[source] = max(offset, self._seen[source])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, brokers(given.brokers, Path(name) / "kafka") as at:
        kafka = make_topics(at, "live")
        text = _measured(kafka, Path(name), given.rate, given.seconds)
    print(text)
    if given.publish:
        _RESULTS.write_text(f"# Latency\n\n{text}", encoding="utf-8")
        put(text, _DOCUMENT, "latency")
    return 0


def _measured(kafka: KafkaSettings, folder: Path, rate: float, seconds: float) -> str:
    store = folder / "chat.duckdb"
    environment = {
        **environment_of(kafka, "live", store),
        "CHAT_KAFKA__CONSUMER__STOP_AT_END": "false",
    }
    command = [sys.executable, "-m", "bytewax.run", "dataflows.chat", "-s", "1"]
    flow = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while not store.exists():
            time.sleep(0.1)
        time.sleep(2)
        topics = (kafka.topics.chat_messages, kafka.topics.group_messages)
        looks = Looks(store, [f"{topic}{number}" for topic in topics for number in range(3)])
        command = [sys.executable, "-m", "cli.main", "simulate", "--users", "20000"]
        command += ["--groups", "20000", "--rate", str(rate), "--seconds", str(seconds)]
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
        decided = [found for (found,) in database.execute(_DECISIONS).fetchall()]
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
