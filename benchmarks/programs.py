"""The programs that are compared, in the order in which they are shown."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.totals import NAMES, TABLES

_EPOCH = "2"
"""Seconds between two commits, for every program that commits."""


@dataclass(frozen=True)
class Program:
    """One program: how it is run, and what of it is compared."""

    name: str
    title: str
    command: Callable[[Path], list[str]]
    """Its command line, by the folder it may use."""
    exact: frozenset[str]
    """The totals that must be those of the full flow; others are approximate or not there."""
    stores: bool = False
    """Whether its totals are read from the database it leaves."""
    repeats: bool = False
    """Whether it is run `--repeat` times."""
    postgres: bool = False
    """Whether its database is one of a Postgres server on this machine, not a file."""
    is_peer: bool = False
    """Whether it reads the smaller topics: it is slow."""
    python: str = sys.executable
    note: str = ""


def _bytewax(flow: str, *, recovery: bool) -> Callable[[Path], list[str]]:
    def command(folder: Path) -> list[str]:
        more = ["-r", str(folder / "recovery"), "-b", "0"] if recovery else []
        return ["-m", "bytewax.run", flow, "-s", _EPOCH, *more]

    return command


def _module(name: str) -> Callable[[Path], list[str]]:
    return lambda folder: ["-m", name]


def _step(last: str) -> Callable[[Path], list[str]]:
    return _bytewax(f"benchmarks.flows.steps:flow('{last}')", recovery=False)


_CHAT = "benchmarks.flows.chat"
_ALL = frozenset(NAMES)

RAW = Program(
    "raw",
    "librdkafka, nothing else",
    _module("benchmarks.flows.raw"),
    frozenset(),
    repeats=True,
    note="the limit: `consume(10000)` and `value()`",
)
FLOW = Program(
    "flow",
    "chatflow",
    _bytewax(_CHAT, recovery=True),
    _ALL,
    stores=True,
    repeats=True,
    note="everything, with `-r`, exactly once into DuckDB",
)
POSTGRES = Program(
    "postgres",
    "chatflow, into Postgres",
    _bytewax(_CHAT, recovery=True),
    _ALL,
    stores=True,
    repeats=True,
    postgres=True,
    note="everything, with `-r`, exactly once; CPU and memory without the server's, which runs"
    " beside it on the same machine",
)
OURS = (
    RAW,
    Program("decode", "chatflow: decode", _step("decode"), frozenset(TABLES)),
    Program("stats", "chatflow: + stats", _step("stats"), _ALL - {"candidates"}),
    Program("push", "chatflow: + presence, push", _step("push"), _ALL),
    Program(
        "persist",
        "chatflow: + persistence",
        _bytewax(_CHAT, recovery=False),
        _ALL,
        stores=True,
        note="everything but the engine's recovery folder",
    ),
    FLOW,
    POSTGRES,
)
STOCK = Program(
    "bytewax",
    "Bytewax, stock",
    _bytewax("benchmarks.flows.bytewax_stock", recovery=True),
    frozenset(TABLES),
    stores=True,
    is_peer=True,
    note="its windows call messages late that a slower partition holds; candidates depend on the"
    " order in which partitions are read; at least once",
)
QUIX = Program(
    "quix",
    "Quix Streams",
    _module("benchmarks.flows.quix"),
    frozenset(TABLES),
    stores=True,
    is_peer=True,
    note="topics merged by time for each partition number, so candidates and windows are"
    " approximate; no distinct senders; at least once",
)
PROGRAMS = (*OURS, STOCK, QUIX)
NAMES_OF_PROGRAMS = tuple(program.name for program in PROGRAMS)
