"""The flow into Postgres with one process and with several: events a second, and what they cost.

    python -m benchmarks.processes --events 300000 --processes 1 2 3

The broker, the database and all processes share this machine: with few CPUs the figures say what
a process more costs, and not what it brings where it has CPUs of its own.
"""

import argparse
import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.topics import DEAD_LETTER_SUFFIX, plan_of, preload, settings_for
from tests.flow_cluster import FlowCluster
from tests.flow_process import FlowSettings
from tests.kafka_server import KafkaServer
from tests.postgres_server import PostgresServer
from tests.stored import read

_NAME = "processes"
_TABLES = ("messages", "user_events", "dead_letters", "presence_changes", "push_decisions")


class Run(NamedTuple):
    """What one run took, start and end of the processes included."""

    seconds: float
    cpu_seconds: Sequence[float]
    """Of each process, in the order of their numbers."""
    busy: float
    """Of the machine's CPUs, whatever they did."""
    counted: Mapping[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 1 where two numbers of processes left different tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.processes")
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 3])
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, KafkaServer(Path(name) / "kafka") as kafka:
        postgres = PostgresServer(Path(name) / "postgres")
        with contextlib.ExitStack() as stack:
            stack.callback(postgres.stop)
            records = _fill(kafka, asked.events)
            print(f"{records:,} records, {os.cpu_count()} CPUs for everything")
            runs = {
                number: _run(kafka, postgres, Path(name) / f"run-{number}", number)
                for number in asked.processes
            }
    _tell(runs, records)
    return 0 if len({str(run.counted) for run in runs.values()}) == 1 else 1


def _fill(kafka: KafkaServer, events: int) -> int:
    settings = settings_for(kafka.bootstrap_servers, _NAME)
    names = settings.topics.names
    kafka.create_topics(*names, *(name + DEAD_LETTER_SUFFIX for name in names))
    return preload(settings, plan_of(events))


def _run(kafka: KafkaServer, postgres: PostgresServer, folder: Path, processes: int) -> Run:
    flow = _settings(kafka, postgres, folder)
    started, busy_before = time.monotonic(), _busy()
    cpu_seconds = []
    with FlowCluster(flow, processes) as cluster:
        for number in range(processes):
            before = _of_children()
            finished = cluster[number].wait()
            cpu_seconds.append(_of_children() - before)
            if finished.status != 0:
                raise RuntimeError(finished.words)
    seconds = time.monotonic() - started
    busy = (_busy() - busy_before) / seconds / (os.cpu_count() or 1)
    return Run(seconds, cpu_seconds, busy, _counted(flow))


def _settings(kafka: KafkaServer, postgres: PostgresServer, folder: Path) -> FlowSettings:
    topics = ("chat-messages", "user-events", "group-messages")
    return FlowSettings(
        kafka.bootstrap_servers,
        folder,
        folder.name,
        {
            f"CHAT_KAFKA__TOPICS__{topic.replace('-', '_').upper()}": f"{_NAME}-{topic}"
            for topic in topics
        },
        recovery=False,
        snapshot_seconds=2,
        postgres_url=postgres.create_database(),
    )


def _counted(flow: FlowSettings) -> dict[str, int]:
    counts = {table: f"SELECT count(*) FROM {table}" for table in _TABLES}
    counts["in windows"] = "SELECT sum(messages) FROM message_stats"
    return {name: int(read(flow.database, sql)[0][0]) for name, sql in counts.items()}


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy() -> float:
    """Seconds for which CPUs of this machine have worked."""
    user, nice, system, _, _, irq, softirq = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _tell(runs: Mapping[int, Run], records: int) -> None:
    print("| processes | events/s | s | CPU-s of each | CPUs busy |")
    print("|---|---|---|---|---|")
    for number, run in runs.items():
        cpu = " + ".join(f"{seconds:.1f}" for seconds in run.cpu_seconds)
        rate = records / run.seconds
        print(f"| {number} | {rate:,.0f} | {run.seconds:.1f} | {cpu} | {run.busy:.0%} |")
    for number, run in runs.items():
        print(f"{number}: {', '.join(f'{n:,} {t}' for t, n in run.counted.items())}")


if __name__ == "__main__":
    raise SystemExit(main())
