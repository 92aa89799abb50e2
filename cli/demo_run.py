"""Runs a demo: embedded broker, simulated traffic, the flow, and a view of the three."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from cli.demo_folder import DemoFolder, claim
from cli.figures import FiguresReader, read_figures
from cli.flow_process import FlowProcess
from cli.interrupt import interruptible
from cli.live_traffic import LiveTraffic
from cli.live_view import View, view_of
from cli.partition_ends import PartitionEnds
from cli.summary import closing_words
from cli.tables import Stage
from cli.watch import Frame, Watch
from config.kafka import KafkaSettings
from config.settings import DeadLettersSettings
from schemas.events import TopicPartition
from sinks.topics import topic_names
from traffic.embedded import EmbeddedBroker
from traffic.plan import Plan
from traffic.run import Summary

_PARTITIONS = 3
_FOR_EVER = 365 * 86_400.0
_NAP = 0.05
"""Seconds after which a waiting demo looks again whether it is to finish."""
_SETTLING = 15.0
"""Seconds the flow has, once traffic has ended, to decide what the last events mean."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is simulated, for how long, and where the results go."""

    seconds: float | None
    """None is until the demo is interrupted."""
    rate: float
    users: int
    groups: int
    seed: int
    folder: Path


def run_demo(scenario: Scenario) -> None:
    """Run until the time is over or the first Ctrl-C, and say what came of it.

    No process outlives the call, whichever way it ends.

    Raises:
        ChatflowError: The folder cannot be used, or the flow ended by itself.
        KeyboardInterrupt: At the second Ctrl-C.
    """
    topics = topic_names(KafkaSettings(), DeadLettersSettings().topic_suffix)
    with (
        interruptible() as asked,
        claim(scenario.folder) as folder,
        EmbeddedBroker(topics, partitions=_PARTITIONS) as broker,
    ):
        kafka = folder.write_settings(broker.bootstrap_servers).kafka
        with (
            PartitionEnds(kafka, _partitions(kafka)) as ends,
            FlowProcess(folder) as flow,
            LiveTraffic(kafka, _plan(scenario)) as traffic,
        ):
            folder.name_flow(flow.process_id)
            watch = Watch(ends.read, FiguresReader(folder.database).read, time.monotonic())
            view, opened = view_of(_stage(scenario, broker, folder))
            with opened:
                _watch(watch, view, flow, lambda: asked() or traffic.done)
                sent = traffic.finish()
                _settle(watch, view, flow)
            flow.drain()
            typer.echo(_last_words(sent, ends, folder))


def _watch(watch: Watch, view: View, flow: FlowProcess, done: Callable[[], bool]) -> None:
    while not done():
        flow.check()
        view.show(watch.look(time.monotonic()))
        _nap(view.interval, done)


def _settle(watch: Watch, view: View, flow: FlowProcess) -> None:
    """Show how the flow comes to the end of what is there; what it cannot decide yet, it keeps."""
    deadline = time.monotonic() + _SETTLING
    while (frame := watch.look(time.monotonic(), finishing=True)).unsettled:
        flow.check()
        view.show(frame)
        if time.monotonic() > deadline:
            return
        _nap(view.interval, lambda: False)


def _nap(seconds: float, done: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not done():
        time.sleep(_NAP)


def _plan(scenario: Scenario) -> Plan:
    return Plan(
        start=datetime.now(UTC),
        rate=scenario.rate,
        seconds=_FOR_EVER if scenario.seconds is None else scenario.seconds,
        users=scenario.users,
        groups=scenario.groups,
        seed=scenario.seed,
        poison_ratio=0.005,
        duplicate_ratio=0.005,
        out_of_order_ratio=0.01,
    )


def _stage(scenario: Scenario, broker: EmbeddedBroker, folder: DemoFolder) -> Stage:
    return Stage(scenario.users, scenario.seconds, broker.bootstrap_servers, str(folder.database))


def _partitions(kafka: KafkaSettings) -> list[TopicPartition]:
    topics = kafka.topics
    names = (topics.chat_messages, topics.user_events, topics.group_messages)
    return [TopicPartition(name, number) for name in names for number in range(_PARTITIONS)]


def _last_words(sent: Summary, ends: PartitionEnds, folder: DemoFolder) -> str:
    figures = read_figures(folder.database)
    last: Frame = Watch(ends.read, lambda: figures, 0.0).look(sent.seconds)
    return closing_words(sent, last, folder)
