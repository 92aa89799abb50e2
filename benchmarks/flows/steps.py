"""The chat flow up to one of its steps, without a store: what each step adds to the cost.

python -m bytewax.run "benchmarks.flows.steps:flow('push')"
"""

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from typing_extensions import override

from benchmarks.flows.timed_source import TimedSource
from benchmarks.report import Report
from config.load import load_settings
from config.settings import Settings
from dataflows import lifecycle
from dataflows.allocation import give_memory_back
from dataflows.branch import BranchOut, branch
from dataflows.decode import decode
from dataflows.policy import policy_of
from dataflows.presence import presence
from dataflows.push import push
from dataflows.reader import ReaderRules
from dataflows.source import KafkaSource
from dataflows.stats import stats
from schemas.directory import Directory
from schemas.events import DeadLetterBatch, MessageBatch, UserEventBatch
from schemas.rows import Rows
from schemas.tables import MESSAGE_STATS, PUSH_DECISIONS
from sinks.memory import NoMemory

_COUNTED = MESSAGE_STATS.names.index("messages")
_NAMES = {
    MessageBatch: "messages",
    UserEventBatch: "user_events",
    DeadLetterBatch: "dead_letters",
    Rows: "candidates",
}


class _Tally(NoMemory):
    """Counts what comes out of the steps, and what they leave for a commit."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._windows: dict[object, int] = {}

    @override
    def leave(self, rows: Rows) -> None:
        self.take(rows)

    def take(self, item: object) -> None:
        if isinstance(item, Rows) and item.table is MESSAGE_STATS:
            # Rows of windows are absolute: the last one counts.
            keys = zip(*item.columns[: len(MESSAGE_STATS.key)], strict=True)
            self._windows.update(zip(keys, item.columns[_COUNTED], strict=True))
            self._report.totals["counted"] = sum(self._windows.values())
        elif isinstance(item, Rows) and item.table is PUSH_DECISIONS:
            self._add("candidates", len(item))
        elif isinstance(item, MessageBatch | UserEventBatch | DeadLetterBatch):
            self._add(_NAMES[type(item)], len(item.events))

    def _add(self, name: str, count: int) -> None:
        self._report.totals[name] = self._report.totals.get(name, 0) + count


class _Counting(DynamicSink[object]):
    def __init__(self, tally: _Tally) -> None:
        self._tally = tally

    @override
    def build(
        self, step_id: str, worker_index: int, worker_count: int
    ) -> "StatelessSinkPartition[object]":
        return _CountingPart(self._tally)


class _CountingPart(StatelessSinkPartition[object]):
    def __init__(self, tally: _Tally) -> None:
        self._tally = tally

    @override
    def write_batch(self, items: list[object]) -> None:
        for item in items:
            self._tally.take(item)


def flow(last: str) -> Dataflow:
    """Up to the step `decode`, `stats` or `push` (with presence), each with those before it."""
    settings = load_settings()
    report = Report()
    tally = _Tally(report)
    steps = Dataflow("chat")
    records = op.input("source", steps, TimedSource(_source(settings), report))
    branches = branch("branch", decode("decode", records, memory=tally, settings=settings))
    outputs: list[Stream[object]] = [
        branches.messages,
        branches.user_events,
        branches.dead_letters,
    ]
    if last in ("stats", "push"):
        outputs.append(_stats(branches, tally, settings))
    if last == "push":
        outputs += _pushes(branches, tally, settings)
    op.output("count", op.merge("all", *outputs), _Counting(tally))
    give_memory_back()
    lifecycle.tune_interpreter()
    return steps


def _source(settings: Settings) -> KafkaSource:
    idle = settings.source.idle_timeout.total_seconds()
    rules = ReaderRules(settings.source.batch_size, idle, lifecycle.stopping.is_set)
    return KafkaSource(settings.kafka, settings.source, {}, rules)


def _stats(branches: BranchOut, tally: _Tally, settings: Settings) -> Stream[object]:
    shards = settings.engine.shards
    return stats("stats", branches.messages, memory=tally, shards=shards, settings=settings.stats)


def _pushes(branches: BranchOut, tally: _Tally, settings: Settings) -> list[Stream[object]]:
    present = presence(
        "presence",
        branches.messages,
        branches.user_events,
        memory=tally,
        shards=settings.engine.shards,
        directory=Directory(),
        settings=settings.presence,
    )
    pushes = push("push", present.recipients, policy=policy_of(settings.push, Directory()))
    return [present.changes, pushes.decisions, pushes.requests]
