"""What the flow needs besides time: bytes a stored row, bytes a user it knows.

    python -m benchmarks.footprint --publish

Runs the flow over topics of a real Kafka: simulated traffic, for what rows take in each store; a
large and a small crowd that do equally much, for what a user known and a membership of a group
take. Besides it measures the CPU time of the steps, for `benchmarks.sizing` to go by until
`make bench` publishes better figures, and that of a push decision, by messages to a large group.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.compare import Options, Topics, compare
from benchmarks.crowd import GROUP, come_online, join_groups, people, write_to_group
from benchmarks.measure import ROOT
from benchmarks.stored import duckdb_tables, postgres_tables, state_bytes
from benchmarks.topics import make_topics, plan_of, preload
from config.kafka import KafkaSettings
from tests.flow_process import FlowSettings
from tests.kafka_server import KafkaServer
from tests.postgres_server import PostgresServer, PostgresUnavailableError
from traffic.plan import Plan
from traffic.simulator import simulate

NAME = "footprint.json"
_LAUNCHER = Path(__file__).with_name("launcher.py")
_PROGRAMS = ("decode", "push", "flow")
_MEMBERS = 50
"""Of the large group: each message to it makes so many decisions."""
_SAMPLE = 20_000
_MESSAGES = 10
"""The people of the large crowd are so many times the messages to the large group."""
_STORES = ("duckdb", "postgres")
_SMALL = 1_000
"""People of the small crowd."""

Crowd = Callable[[KafkaSettings, int, int], None]
Figures = dict[str, Any]  # Any: JSON


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write; always with exit status 0 unless a program fails."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, KafkaServer(Path(name) / "kafka") as server:
        found = measure(server.bootstrap_servers, Path(name), given)
    found["machine"]["Kafka"] = machine.kafka()
    folder = ROOT / ("benchmarks/results" if given.publish else "var/benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({key: found[key] for key in ("stores", "crowds", "decisions")}, indent=2))
    return 0


def measure(address: str, folder: Path, given: argparse.Namespace) -> Figures:
    """All figures, from topics that are made for it on the brokers at this address."""
    plan = plan_of(given.events)
    kafka = make_topics(address, "traffic")
    topics = Topics(kafka, preload(kafka, plan))
    print(f"{topics.records:,} events", flush=True)
    options = Options(repeat=1, programs=_PROGRAMS, quix=folder)
    steps = compare(topics, topics, options, folder)
    crowds = (("user", come_online), ("membership", join_groups))
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": dict(steps.machine),
        "record_bytes": record_bytes(plan),
        "programs": [outcome.figures() for outcome in steps.outcomes],
        "stores": dict(_stores(kafka, folder, given.stores)),
        "crowds": {
            name: _crowd(address, folder, name, crowd, given.people) for name, crowd in crowds
        },
        "decisions": _decisions(address, folder, given.people // _MESSAGES),
    }


def record_bytes(plan: Plan) -> float:
    """Of key and value, on the average of the first records of a plan."""
    records = list(islice(simulate(plan), _SAMPLE))
    return sum(len(each.key) + len(each.value or b"") for each in records) / len(records)


def _stores(
    kafka: KafkaSettings, folder: Path, stores: Sequence[str]
) -> Iterator[tuple[str, Figures]]:
    """By store, the rows and the bytes of each table."""
    if "duckdb" in stores:
        file = folder / "stored.duckdb"
        run_flow(kafka, folder, f"duckdb:///{file}")
        yield "duckdb", duckdb_tables(file)
    if "postgres" in stores:
        with _postgres(folder) as url:
            if url is not None:
                run_flow(kafka, folder, url)
                yield "postgres", postgres_tables(url)


def _crowd(address: str, folder: Path, name: str, crowd: Crowd, people: int) -> Figures:
    """What the large crowd takes beyond the small one: in memory, and in the rows of the state."""
    peaks: list[float] = []
    state: list[int] = []
    for size in (_SMALL, people):
        kafka = make_topics(address, f"{name}-{size}")
        crowd(kafka, people, size)
        file = folder / f"{name}-{size}.duckdb"
        run_flow(kafka, folder, f"duckdb:///{file}")
        # Once more, with nothing left to read: what stays, without what the first was busy with.
        peaks.append(run_flow(kafka, folder, f"duckdb:///{file}")["peak_bytes"])
        state.append(state_bytes(file))
        print(f"{name}, {size:,} of them: {peaks[-1] / 2**20:,.0f} MiB", flush=True)
    more = people - _SMALL
    return {
        "more": more,
        "memory_bytes_each": (peaks[1] - peaks[0]) / more,
        "state_bytes_each": (state[1] - state[0]) / more,
    }


def _decisions(address: str, folder: Path, messages: int) -> Figures:
    """CPU time of a push decision: the same messages to a group of one, and of many."""
    kafka = make_topics(address, "decisions")
    write_to_group(kafka, messages)
    spent: list[float] = []
    for members in (1, 1 + _MEMBERS):
        directory = folder / f"{members}.json"
        directory.write_text(json.dumps({"groups": {GROUP: people(members)}}))
        more = {"CHAT_PUSH__DIRECTORY": str(directory)}
        url = f"duckdb:///{folder / str(members)}.duckdb"
        spent.append(run_flow(kafka, folder, url, **more)["cpu_seconds"])
    decisions = messages * _MEMBERS
    print(f"{decisions:,} decisions: {spent[1] - spent[0]:.1f} CPU-s", flush=True)
    return {"more": decisions, "cpu_seconds": spent[1] - spent[0]}


def run_flow(kafka: KafkaSettings, folder: Path, url: str, **more: str) -> dict[str, float]:
    """Read the topics to their ends into a store; returns what the launcher says it used."""
    topics, used = kafka.topics, folder / "used.json"
    settings = FlowSettings(kafka.brokers[0], folder, topics.user_events, recovery=False)
    flow = settings.but(snapshot_seconds=2).with_environment(
        CHAT_KAFKA__TOPICS__CHAT_MESSAGES=topics.chat_messages,
        CHAT_KAFKA__TOPICS__USER_EVENTS=topics.user_events,
        CHAT_KAFKA__TOPICS__GROUP_MESSAGES=topics.group_messages,
        CHAT_STORE__URL=url,
        **more,
    )
    command = [sys.executable, "-I", "-S", str(_LAUNCHER), str(used), *flow.arguments()]
    subprocess.run(command, cwd=ROOT, env=flow.variables(), check=True)
    told: dict[str, float] = json.loads(used.read_text())
    if told["status"] != 0:
        raise RuntimeError(f"the flow ended with status {told['status']:.0f}")
    return told


@contextmanager
def _postgres(folder: Path) -> Iterator[str | None]:
    """A database of its own; None where no server can run."""
    try:
        server = PostgresServer(folder / "postgres")
    except PostgresUnavailableError as error:
        print(f"Postgres is left out: {error}", flush=True)
        yield None
        return
    yield server.create_database()
    server.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the traffic")
    parser.add_argument("--people", type=int, default=200_000, help="people of the large crowd")
    parser.add_argument("--stores", nargs="+", choices=_STORES, default=_STORES)
    parser.add_argument(
        "--publish", action="store_true", help="write to benchmarks/results, not to var/benchmarks"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
