"""How fast the flow is, beside the limit and beside its peers, on the same topics of a real Kafka.

    python -m benchmarks.suite --events 2000000

Fills the topics with simulated traffic, runs each program over them as a process of its own, from
the first record to the ends that the topics have at its start, and compares what they found.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import machine
from benchmarks.compare import Options, Topics, compare
from benchmarks.measure import ROOT
from benchmarks.programs import NAMES_OF_PROGRAMS
from benchmarks.results import publish, text, write
from benchmarks.topics import make_topics, plan_of, preload
from tests.kafka_server import KafkaServer

_TRIALS = ROOT / "var" / "benchmarks"
_RESULTS = ROOT / "benchmarks" / "results"
_DOCUMENT = ROOT / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 1 when programs that must agree do not."""
    given = _parser().parse_args(arguments)
    options = Options(
        repeat=given.repeat,
        programs=tuple(given.programs),
        quix=_TRIALS / "quix-environment",
        profiles=_TRIALS / "profiles" if given.profile else None,
    )
    with tempfile.TemporaryDirectory() as name, KafkaServer(Path(name) / "kafka") as server:
        address, folder = server.bootstrap_servers, Path(name)
        large = _topics(address, "large", given.events)
        small = large
        if given.peer_events < given.events and options.has_peers:
            small = _topics(address, "small", given.peer_events)
        found = compare(large, small, options, folder)
    found = replace(found, machine={**found.machine, "Kafka": machine.kafka()})
    print(text(found))
    write(found, _RESULTS if given.publish else _TRIALS)
    if given.publish:
        publish(found, _DOCUMENT)
    return 1 if found.disagreements else 0


def _topics(address: str, name: str, events: int) -> Topics:
    kafka = make_topics(address, name)
    print(f"filling the {name} topics with {events:,} events", flush=True)
    return Topics(kafka, preload(kafka, plan_of(events)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=2_000_000, help="events in the topics")
    parser.add_argument(
        "--peer-events", type=int, default=300_000, help="events for the slow peers, if fewer"
    )
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs of the limit and of the whole flow"
    )
    parser.add_argument(
        "--programs", nargs="+", choices=NAMES_OF_PROGRAMS, default=NAMES_OF_PROGRAMS
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--profile",
        action="store_true",
        help="leave flame graphs in var/benchmarks/profiles; the figures are no measure then",
    )
    how.add_argument(
        "--publish",
        action="store_true",
        help="write to benchmarks/results and docs/performance.md, not to var/benchmarks",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
