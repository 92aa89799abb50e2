"""The chat flow as a user runs it; besides, it times its start and its commits.

python -m bytewax.run benchmarks.flows.chat -r FOLDER -s 2 -b 0
"""

import time
from collections import deque
from collections.abc import Mapping

from bytewax.dataflow import Dataflow

from benchmarks.flows.timed_source import TimedSource
from benchmarks.report import Report
from config.load import load_settings
from dataflows import lifecycle
from dataflows.chat import build
from dataflows.launch import launch
from schemas.events import TopicPartition
from sinks.store import Store


def flow() -> Dataflow:
    """The same as `dataflows.chat.flow`."""
    lifecycle.speak_in_words()
    opened = launch(load_settings())
    report = Report()
    store = opened.sinks.memory
    assert isinstance(store, Store), "the suite gives it no other"
    _time_commits(store, report)
    source = TimedSource(opened.source, report)
    return build(source, opened.sinks, opened.settings, opened.directory)


def _time_commits(store: Store, report: Report) -> None:
    """From the end of an epoch until it is durable; the next one is read meanwhile."""
    begun: deque[float] = deque()
    before_commit, on_commit = store.before_commit, store.on_commit

    def before() -> None:
        before_commit()
        writer = store.writer
        if not (store.epoch.is_empty and (writer is None or writer.is_empty)):
            begun.append(time.perf_counter())

    def durable(marks: Mapping[TopicPartition, int]) -> None:
        report.commits.append(time.perf_counter() - begun.popleft())
        on_commit(marks)

    store.before_commit, store.on_commit = before, durable
