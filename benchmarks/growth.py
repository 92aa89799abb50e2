"""What an event costs as the work grows: known users, groups, rows in the store; and the start.

    python -m benchmarks.growth --publish

For each case: everybody comes online, the flow stores that and ends; then it is started again on
the traffic that is measured, with all of them in its state. It goes on from there several times,
the cases in turns, because one run differs from the next by as much as a case may cost.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.environment import environment_of
from benchmarks.machine import machine
from benchmarks.measure import ROOT, Measured, measure
from benchmarks.old_messages import store_old_messages
from benchmarks.programs import FLOW
from benchmarks.results import put, table
from benchmarks.topics import brokers, make_topics, plan_of
from config.kafka import KafkaSettings
from traffic.people import populate
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import run

_PATIENCE = 1800.0
_STORE = "chat.duckdb"
_RESULTS = ROOT / "benchmarks" / "results" / "growth.md"
_DOCUMENT = ROOT / "docs" / "performance.md"


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


@dataclass(frozen=True)
class Ready:
    """A case that can be measured, again and again from the same start."""

    case: Case
    kafka: KafkaSettings
    folder: Path
    """What the flow left when everybody was online."""
    runs: list[Measured] = field(default_factory=list)

    def measure(self) -> None:
        """Let the flow go on from there once more."""
        with tempfile.TemporaryDirectory(dir=self.folder.parent) as name:
            copied = shutil.copytree(self.folder, Path(name) / "flow")
            self.runs.append(_run(self.kafka, copied))

    @property
    def commits(self) -> list[float]:
        """Seconds of each, of all runs."""
        return [seconds for run in self.runs for seconds in run.commits]

    def median(self, figure: Callable[[Measured], float]) -> float:
        """Of one figure of all runs."""
        return median(map(figure, self.runs))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every case and print the table."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, brokers(given.brokers, Path(name) / "kafka") as at:
        found = []
        for number, case in enumerate(CASES[: given.cases]):
            folder = Path(name) / f"growth{number}"
            kafka = make_topics(at, folder.name)
            found.append(_prepare(case.over(given.scale), kafka, folder, given.events))
            print(f"{found[-1].case.title}: everybody is online", flush=True)
        for _ in range(given.repeat):
            for ready in found:
                ready.measure()
                print(f"{ready.case.title}: measured", flush=True)
    text = _text(found, given.events)
    print(text)
    if given.publish:
        _RESULTS.write_text(f"# Growth\n\n{text}", encoding="utf-8")
        put(text, _DOCUMENT, "growth")
    return 0


def _prepare(case: Case, kafka: KafkaSettings, folder: Path, events: int) -> Ready:
    plan = replace(plan_of(events), users=case.users, groups=case.groups)
    folder.mkdir()
    with ChatProducer(kafka) as producer:
        _all_online(plan, producer)
        _run(kafka, folder)
        if case.rows:
            store_old_messages(folder / _STORE, kafka.topics.chat_messages, case.rows)
        run(plan, producer)
    return Ready(case, kafka, folder)


def _run(kafka: KafkaSettings, folder: Path) -> Measured:
    """The flow, from what the folder has to the ends of the topics."""
    environment = environment_of(kafka, kafka.topics.chat_messages, folder / _STORE)
    return measure([sys.executable, *FLOW.command(folder)], environment, folder, _PATIENCE)


def _all_online(plan: Plan, producer: ChatProducer) -> None:
    """Let each user of the plan connect with one device, shortly before it begins."""
    at = plan.start - timedelta(minutes=1)
    # The same people as in the plan's traffic, which draws them from the same random numbers.
    people = populate(Random(f"{plan.seed} people"), plan.users, plan.groups, plan.largest_group)
    for person in people.all:
        address = f"{person.host}:40000"
        producer.send_user_event("user_online", person.user_id, {"client_ip": address}, at=at)
    producer.flush()


def _text(found: Sequence[Ready], events: int) -> str:
    heads = (
        "before the measured events", "CPU-s a million", "to the first", "least, most", "start s",
        "commit s, longest", "peak MiB",
    )  # fmt: skip
    first = found[0].median(_cpu)
    rows = [
        [
            ready.case.title,
            f"{ready.median(_cpu) / events * 1e6:.1f}",
            f"{ready.median(_cpu) / first:.2f}",
            ", ".join(f"{end(map(_cpu, ready.runs)) / events * 1e6:.1f}" for end in (min, max)),
            f"{ready.median(lambda run: run.start_seconds or 0):.1f}",
            f"{median(ready.commits):.2f}, {max(ready.commits):.2f}",
            f"{max(run.peak_bytes for run in ready.runs) / 2**20:,.0f}",
        ]
        for ready in found
    ]
    on = "; ".join(f"{name}: {words}" for name, words in machine().items())
    runs = f"{len(found[0].runs)} runs, medians"
    return f"{events:,} events each, {runs}; {on}\n\n{table(heads, rows)}\n"


def _cpu(run: Measured) -> float:
    return run.reading_cpu_seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=400_000, help="measured events a case")
    parser.add_argument("--cases", type=int, default=len(CASES), help="only the first so many")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each case, at least one")
    parser.add_argument("--scale", type=int, default=1, help="users and rows divided by this")
    parser.add_argument("--brokers", help="a Kafka that runs already, instead of one started here")
    parser.add_argument("--publish", action="store_true", help="write benchmarks/results and docs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
