"""`chatflow simulate`: the traffic of a busy chat server, without one."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Annotated

import typer
from typer import Option

from config.load import load_settings
from traffic.plan import Plan
from traffic.producer import ChatProducer
from traffic.run import Summary, run

_DEFAULT_SECONDS = 60.0
_NOW = "now; with --fast, so long ago that the last event is now"


def simulate(
    rate: Annotated[float, Option(help="Events a second of event time.")] = 100.0,
    users: Annotated[int, Option(min=2, help="How many people there are.")] = 1000,
    groups: Annotated[int, Option(min=1, help="How many groups they have.")] = 100,
    seconds: Annotated[
        float | None, Option(min=0, help="Length in event time.", show_default="60")
    ] = None,
    events: Annotated[int | None, Option(min=0, help="Length in events, not seconds.")] = None,
    seed: Annotated[int, Option(help="The same seed and start: the same traffic.")] = 1,
    poison_ratio: Annotated[float, Option(min=0, max=1, help="Part nobody can decode.")] = 0.001,
    duplicate_ratio: Annotated[float, Option(min=0, max=1, help="Part sent twice.")] = 0.001,
    out_of_order_ratio: Annotated[
        float, Option(min=0, max=1, help="Part that comes up to a second late.")
    ] = 0.01,
    fast: Annotated[
        bool, Option("--fast/--paced", help="As fast as possible, or in real time.")
    ] = False,
    start: Annotated[
        str | None, Option(metavar="ISO", help="Time of the first event.", show_default=_NOW)
    ] = None,
) -> None:
    """Publish simulated traffic to the three topics; Ctrl-C ends it cleanly."""
    length = _length(rate, seconds, events)
    plan = Plan(
        start=_start(start, length if fast else 0.0),
        rate=rate,
        seconds=length,
        users=users,
        groups=groups,
        seed=seed,
        poison_ratio=poison_ratio,
        duplicate_ratio=duplicate_ratio,
        out_of_order_ratio=out_of_order_ratio,
    )
    with _interruptible() as stop, ChatProducer(load_settings().kafka) as producer:
        producer.connect()
        _print(run(plan, producer, pace=not fast, stop=stop), plan, producer)


def _length(rate: float, seconds: float | None, events: int | None) -> float:
    if seconds is not None and events is not None:
        raise typer.BadParameter("give --seconds or --events, not both")
    if events is not None:
        return events / rate if rate > 0 else 0.0  # the plan refuses such a rate in words
    return _DEFAULT_SECONDS if seconds is None else seconds


def _start(text: str | None, seconds_ago: float) -> datetime:
    if text is None:
        return datetime.now(UTC) - timedelta(seconds=seconds_ago)
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a time such as 2026-01-31T12:00:00Z", param_hint="--start"
        ) from error
    return start if start.tzinfo else start.replace(tzinfo=UTC)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first SIGINT or SIGTERM into a question with the answer yes; the second one ends."""
    asked = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, previous in before.items():
            signal.signal(number, previous)

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()
        restore()

    for number in before:
        signal.signal(number, ask)
    try:
        yield asked.is_set
    finally:
        restore()


def _print(summary: Summary, plan: Plan, producer: ChatProducer) -> None:
    for kind, count in summary.records.items():
        typer.echo(f"{getattr(producer.topics, kind):<20} {count:>12,} records")
    how = "stopped early" if summary.stopped else "done"
    typer.echo(
        f"{how}: {summary.total:,} records in {summary.seconds:.1f} s, "
        f"{summary.rate:,.0f} records/s, seed {plan.seed}, "
        f"event time from {plan.start.isoformat(timespec='milliseconds')}"
    )
