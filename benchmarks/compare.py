"""Runs the programs over topics that are filled already, and compares what they found."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.environment import environment_of
from benchmarks.machine import machine
from benchmarks.measure import Measured, measure
from benchmarks.outcomes import Comparison, Outcome
from benchmarks.programs import FLOW, PROGRAMS, QUIX, Program
from benchmarks.quix_environment import QuixUnavailableError, quix_python, quix_version
from benchmarks.totals import Totals, disagreements, stored_totals
from config.kafka import KafkaSettings
from tests.postgres_server import PostgresServer
from tests.stored import Database

_PATIENCE = 1800.0
"""Seconds after which a program is taken to be stuck."""


@dataclass(frozen=True)
class Topics:
    """Topics that are filled."""

    kafka: KafkaSettings
    records: int


@dataclass(frozen=True)
class Options:
    """What to run."""

    repeat: int
    programs: tuple[str, ...]
    """Names, in any order."""
    quix: Path
    """Where the environment of Quix Streams is, or is to be made."""
    profiles: Path | None = None
    """Where flame graphs of the runs go; without it nothing is profiled."""

    @property
    def has_peers(self) -> bool:
        """Whether any of the programs reads the smaller topics."""
        return any(program.is_peer for program in PROGRAMS if program.name in self.programs)


def compare(large: Topics, small: Topics, options: Options, folder: Path) -> Comparison:
    """Run each program, those that repeat in turns, and say where totals differ.

    Raises:
        ProgramFailedError: One of them failed.
    """
    chosen = [program for program in PROGRAMS if program.name in options.programs]
    chosen, skipped, versions = _with_quix(chosen, options)
    bench = _Bench(folder, options.profiles)
    ours = [program for program in chosen if not program.is_peer]
    for number in range(options.repeat):
        for program in ours:
            if program.repeats or number == 0:
                bench.run(program, large, program.title)
    wrong = list(bench.disagreements())
    outcomes = bench.outcomes
    if peers := [program for program in chosen if program.is_peer]:
        bench = _Bench(folder, options.profiles)
        if large is not small or FLOW not in ours:
            bench.run(FLOW, small, "chatflow, on the peers' events")
        else:
            bench.take(next(found for found in outcomes if found.program is FLOW))
            outcomes = [found for found in outcomes if found.program is not FLOW]
        for program in peers:
            bench.run(program, small, program.title)
        wrong += bench.disagreements()
        outcomes = [*outcomes, *bench.outcomes]
    return Comparison(outcomes, {**machine(), **versions}, skipped, wrong)


class _Bench:
    """Runs programs over one set of topics."""

    def __init__(self, folder: Path, profiles: Path | None) -> None:
        self._folder = folder
        self._profiles = profiles
        self._found: dict[str, Outcome] = {}

    @property
    def outcomes(self) -> list[Outcome]:
        return list(self._found.values())

    def take(self, outcome: Outcome) -> None:
        """What was found already."""
        self._found[outcome.program.name] = outcome

    def run(self, program: Program, topics: Topics, title: str) -> None:
        """Run a program once more."""
        name = program.name
        before = self._found[name].runs if name in self._found else []
        label = f"{topics.kafka.topics.chat_messages}-{name}-{len(before) + 1}"
        folder = self._folder / label
        folder.mkdir()
        environment = environment_of(topics.kafka, label, folder / "chat.duckdb")
        command = [program.python, *program.command(folder)]
        if self._profiles is not None:
            command = [*profiler(self._profiles / f"{name}.svg", "flamegraph"), *command]
        with _database(program, folder) as database:
            url = {"CHAT_STORE__URL": database} if isinstance(database, str) else {}
            run = measure(command, {**environment, **url}, folder, _PATIENCE)
            totals = {**run.told, **(stored_totals(database) if program.stores else {})}
        self._found[name] = Outcome(program, title, topics.records, [*before, run], totals)
        print(f"{title}: {_words(run, topics.records)}", flush=True)

    def disagreements(self) -> Iterator[str]:
        """Lines for the totals that differ from the flow's, or from an exact step's without it."""
        complete = [found for found in self.outcomes if found.program.exact == FLOW.exact]
        if not complete:
            return
        expected = complete[-1].totals
        for found in self.outcomes:
            exact = found.program.exact
            yield from disagreements(found.title, found.totals, expected, exact)
        yield from _unaccounted(expected, complete[-1])


def _unaccounted(totals: Totals, found: Outcome) -> Iterator[str]:
    """Every record is a message, a user event or a dead letter, and every message is counted."""
    kept = sum(totals[name] for name in ("messages", "user_events", "dead_letters"))
    if kept != found.events:
        yield f"{found.title}: {kept:,} of {found.events:,} records are accounted for"
    if totals["counted"] != totals["messages"]:
        yield f"{found.title}: message_stats counts {totals['counted']:,} messages"


def _with_quix(
    chosen: list[Program], options: Options
) -> tuple[list[Program], dict[str, str], dict[str, str]]:
    if QUIX not in chosen:
        return chosen, {}, {}
    others = [program for program in chosen if program is not QUIX]
    try:
        python = quix_python(options.quix)
    except QuixUnavailableError as error:
        print(f"{QUIX.title} is left out: it cannot be installed: {error}", flush=True)
        return others, {QUIX.title: f"it cannot be installed: {error}"}, {}
    return [*others, replace(QUIX, python=python)], {}, {"quixstreams": quix_version(python)}


@contextmanager
def _database(program: Program, folder: Path) -> Iterator[Database]:
    """Where a program stores for one run; gone after it."""
    if not program.postgres:
        yield (file := folder / "chat.duckdb")
        file.unlink(missing_ok=True)
        return
    server = PostgresServer(folder / "postgres", durable=True)
    try:
        yield server.create_database()
    finally:
        server.stop()


def profiler(file: Path, form: str, of: str = "holding") -> list[str]:
    """What to put before a command: samples of its threads.

    Of those `holding` the interpreter's lock, or of all that are `running`, in C too.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    program = str(Path(sys.executable).with_name("py-spy"))
    how = ["--rate", "200", "--format", form, "--output", str(file)]
    return [program, "record", *(["--gil"] if of == "holding" else []), *how, "--"]


def _words(run: Measured, events: int) -> str:
    return (
        f"{events / run.reading_seconds:,.0f} events/s, {run.seconds:.1f} s in all,"
        f" {run.cpu_seconds:.1f} CPU-s, {run.peak_bytes / 2**20:,.0f} MiB"
    )
