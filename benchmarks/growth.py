"""What an event costs as the work grows: known users, groups, rows in the store; and the start.

    python -m benchmarks.growth --publish

For each case: everybody comes online, the flow stores that and ends; then it is started again on
the traffic that is measured, with all of them in its state.
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median

import duckdb

from benchmarks.compare import environment_of
from benchmarks.machine import machine
from benchmarks.measure import ROOT, Measured, measure
from benchmarks.programs import FLOW
from benchmarks.results import put, table
from benchmarks.topics import brokers, make_topics, plan_of
from config.kafka import KafkaSettings
from traffic.people import populate
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_PATIENCE = 1800.0
_RESULTS = ROOT / "benchmarks" / "results" / "growth.md"
_DOCUMENT = ROOT / "docs" / "performance.md"
_OLD_ROWS = """
INSERT INTO messages BY NAME
SELECT 'old' AS kafka_topic, 0 AS kafka_partition, i AS kafka_offset, 'old-' || i AS message_id,
    'message' AS event_type, 'a' AS from_user,
    (i % 50000)::VARCHAR AS to_user, 'What was said long ago, ' || i AS content,
    1 AS content_type, 1 AS message_type, created_at, created_at AS recorded_at
FROM (
    SELECT i, now() - INTERVAL 90 DAY + to_milliseconds(i) AS created_at
    FROM range(?) AS numbers(i)
)
"""


@dataclass(frozen=True)
class Case:
    """What there is before the measured traffic comes."""

    users: int = 10_000
    groups: int = 500
    rows: int = 0
    """Messages that are stored already."""

    @property
    def title(self) -> str:
        """In words."""
        return f"{self.users:,} users, {self.groups:,} groups, {self.rows:,} messages stored"

    def over(self, scale: int) -> "Case":
        """The same, so many times smaller."""
        return Case(max(self.users // scale, 2), max(self.groups // scale, 1), self.rows // scale)


CASES = (Case(), Case(users=1_000_000), Case(groups=50_000), Case(rows=20_000_000))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every case and print the table."""
    given = _parser().parse_args(arguments)
    found: list[tuple[Case, Measured]] = []
    with tempfile.TemporaryDirectory() as name, brokers(given.brokers, Path(name) / "kafka") as at:
        for number, case in enumerate(CASES[: given.cases]):
            scaled = case.over(given.scale)
            kafka = make_topics(at, f"growth{number}")
            folder = Path(name) / f"growth{number}"
            folder.mkdir()
            measured = _measure(scaled, kafka, folder, given.events)
            found.append((scaled, measured))
            print(f"{scaled.title}: measured", flush=True)
    text = _text(found, given.events)
    print(text)
    if given.publish:
        _RESULTS.write_text(f"# Growth\n\n{text}", encoding="utf-8")
        put(text, _DOCUMENT, "growth")
    return 0


def _measure(case: Case, kafka: KafkaSettings, folder: Path, events: int) -> Measured:
    plan = replace(plan_of(events), users=case.users, groups=case.groups)
    store = folder / "chat.duckdb"
    environment = environment_of(kafka, folder.name, store)
    command = [sys.executable, *FLOW.command(folder)]
    with ChatProducer(kafka) as producer:
        _all_online(plan, producer)
        measure(command, environment, folder, _PATIENCE)
        if case.rows:
            with contextlib.closing(duckdb.connect(store)) as database:
                database.execute("SET threads = 1")
                database.execute(_OLD_ROWS, [case.rows])
        run(plan, producer)
    return measure(command, environment, folder, _PATIENCE)


def _all_online(plan: Plan, producer: ChatProducer) -> None:
    """Let each user of the plan connect with one device, shortly before it begins."""
    at = plan.start - timedelta(minutes=1)
    # The same people as in the plan's traffic, which draws them from the same random numbers.
    people = populate(Random(f"{plan.seed} people"), plan.users, plan.groups, plan.largest_group)
    for person in people.all:
        address = f"{person.host}:40000"
        producer.send_user_event("user_online", person.user_id, {"client_ip": address}, at=at)
    producer.flush()


def _text(found: Sequence[tuple[Case, Measured]], events: int) -> str:
    heads = (
        "before the measured events", "CPU-s a million", "to the first", "start s",
        "commit s, longest", "peak MiB",
    )  # fmt: skip
    first = found[0][1].reading_cpu_seconds
    rows = [
        [
            case.title,
            f"{run.reading_cpu_seconds / events * 1e6:.1f}",
            f"{run.reading_cpu_seconds / first:.2f}",
            f"{run.start_seconds or 0:.1f}",
            f"{median(run.commits):.2f}, {max(run.commits):.2f}",
            f"{run.peak_bytes / 2**20:,.0f}",
        ]
        for case, run in found
    ]
    on = "; ".join(f"{name}: {words}" for name, words in machine().items())
    return f"{events:,} events each, {on}\n\n{table(heads, rows)}\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=400_000, help="measured events a case")
    parser.add_argument("--cases", type=int, default=len(CASES), help="only the first so many")
    parser.add_argument("--scale", type=int, default=1, help="users and rows divided by this")
    parser.add_argument("--brokers", help="a Kafka that runs already, instead of one started here")
    parser.add_argument("--publish", action="store_true", help="write benchmarks/results and docs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
