"""How long a record takes to be visible, and to become a push: live traffic on a real Kafka.

    python -m benchmarks.latency --rates 5000 20000 --publish

Another process looks into the database again and again: a row's latency is from the time at which
the broker took the record to the first look that finds the row. A push's is to its decision, which
is handed to the provider in the same call. What comes in the `--warm-up` is not counted: meanwhile
the broker compiles what it runs often.
"""

import argparse
import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import duckdb
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # not all of it in __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from benchmarks.environment import environment_of
from benchmarks.looks import Looks
from benchmarks.machine import machine
from benchmarks.measure import ROOT
from benchmarks.results import put, table
from benchmarks.topics import brokers, make_topics
from config.kafka import KafkaSettings

_DOCUMENT = ROOT / "docs" / "performance.md"
_RESULTS = ROOT / "benchmarks" / "results" / "latency.md"
_RATES = (5_000.0, 20_000.0)
_PREPARE = 10.0
_MADE_A_SECOND = 10_000
"""Records that the sender makes in a second, before it sends any."""
_QUIET = 20.0
"""Seconds without a new row after which all is stored and, with every grace over, decided."""
_DECISIONS = """
SELECT epoch_ms(d.decided_at) - epoch_ms(m.recorded_at)
FROM push_decisions d JOIN messages m USING (kafka_topic, kafka_partition, kafka_offset)
WHERE m.recorded_at >= $since
"""


class Live(NamedTuple):
    """What was measured at one rate; latencies in milliseconds."""

    rate: float
    sent: str
    """The sender's own words."""
    rows: Sequence[int]
    pushes: Sequence[int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    given = _parser().parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory() as name, brokers(given.brokers, Path(name) / "kafka") as at:
        for number, rate in enumerate(given.rates):
            folder = Path(name) / f"live{number}"
            kafka = _topics(at, folder.name)
            found.append(_measured(kafka, folder, rate, given.warm_up, given.seconds))
            print(found[-1].sent, flush=True)
    text = _text(found)
    print(text)
    if given.publish:
        _RESULTS.write_text(f"# Latency\n\n{text}", encoding="utf-8")
        put(text, _DOCUMENT, "latency")
    return 0


def _topics(address: str, name: str) -> KafkaSettings:
    """Make topics whose records have the time at which the broker took them."""
    kafka = make_topics(address, name)
    stamp = ConfigEntry(
        "message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET
    )
    resources = [
        ConfigResource("topic", topic, incremental_configs=[stamp]) for topic in kafka.topics.names
    ]
    admin = AdminClient({"bootstrap.servers": address})
    for altered in admin.incremental_alter_configs(resources).values():
        altered.result(timeout=10)
    return kafka


def _measured(
    kafka: KafkaSettings, folder: Path, rate: float, warm_up: float, seconds: float
) -> Live:
    folder.mkdir()
    store = folder / "chat.duckdb"
    environment = environment_of(kafka, folder.name, store)
    started = math.ceil(time.time() + _PREPARE + rate * (warm_up + seconds) / _MADE_A_SECOND)
    counted_from = started + warm_up
    with _running(environment):
        while not store.exists():
            time.sleep(0.1)
        topics = (kafka.topics.chat_messages, kafka.topics.group_messages)
        sources = [f"{topic}{number}" for topic in topics for number in range(3)]
        looks = Looks(store, sources, round(counted_from * 1000))
        command = [sys.executable, "-m", "benchmarks.sender", kafka.brokers[0], folder.name]
        command += ["--start", str(started), "--rate", str(rate)]
        command += ["--seconds", str(warm_up + seconds)]
        sent = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        seen = -1
        while seen < len(looks.latencies):
            seen = len(looks.latencies)
            time.sleep(_QUIET)
        looks.stop()
    with contextlib.closing(duckdb.connect(str(store), read_only=True)) as database:
        since = {"since": datetime.fromtimestamp(counted_from, UTC)}
        decided = [found for (found,) in database.execute(_DECISIONS, since).fetchall()]
    return Live(rate, sent.strip(), looks.latencies, decided)


@contextlib.contextmanager
def _running(environment: Mapping[str, str]) -> Iterator[None]:
    """The flow, an epoch a second; it drains in the end."""
    command = [sys.executable, "-m", "bytewax.run", "dataflows.chat", "-s", "1"]
    endless = {**environment, "CHAT_KAFKA__CONSUMER__STOP_AT_END": "false"}
    flow = subprocess.Popen(command, cwd=ROOT, env=endless)
    try:
        yield
        flow.send_signal(signal.SIGTERM)
        if flow.wait(60) != 0:
            raise SystemExit(f"the flow ended with status {flow.returncode}")
    finally:
        flow.kill()


def _text(found: Sequence[Live]) -> str:
    heads = ("records/s", "latency", "samples", "p50 s", "p90 s", "p99 s", "longest s")
    lines = [
        [f"{live.rate:,.0f}", what, f"{len(values):,}"]
        + [f"{part / 1000:.2f}" for part in (*_percentiles(values), max(values))]
        for live in found
        for what, values in (
            ("record to row, visible to another process", live.rows),
            ("record to push decision", live.pushes),
        )
    ]
    on = "; ".join(f"{name}: {words}" for name, words in machine().items())
    return (
        f"An epoch a second; flow, broker, sender and reader share {os.cpu_count()} CPUs; {on}\n\n"
        f"{table(heads, lines)}\n"
    )


def _percentiles(found: Sequence[int]) -> tuple[float, float, float]:
    cuts = quantiles(found, n=100)
    return cuts[49], cuts[89], cuts[98]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", type=float, nargs="+", default=_RATES, help="records a second")
    parser.add_argument("--seconds", type=float, default=30, help="how long each is measured")
    parser.add_argument("--warm-up", type=float, default=30, help="seconds before")
    parser.add_argument("--brokers", help="a Kafka that runs already, instead of one started here")
    parser.add_argument("--publish", action="store_true", help="write benchmarks/results and docs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
