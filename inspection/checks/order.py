"""How far out of order events come, against what the flow waits for."""

import heapq
from collections.abc import Iterator, Sequence
from operator import attrgetter

from inspection.evidence import Evidence, milliseconds
from inspection.finding import Finding, ok, warning
from inspection.sample import Observed, PartitionSample
from inspection.words import lasting, many, share, span_of
from schemas.events import ChatMessage, TopicPartition

_CHECK = "order"
_STEP = 1000
"""Milliseconds: time is handed out a whole second at a time."""
_FEW = 0.001
"""A share of late events that costs less than waiting longer."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Disorder within partitions, then between them, as a flow that reads live meets it."""
    if not any(it.event for it in evidence.sample.records):
        return
    yield _within(evidence.sample.partitions)
    settings = evidence.settings
    late = lateness(evidence.sample.partitions, milliseconds(settings.source.idle_timeout))
    allowed = milliseconds(settings.presence.allowed_lateness)
    yield from _against(
        "presence.allowed_lateness",
        span_of(settings.presence.allowed_lateness),
        [by for _, by in late],
        allowed + _STEP,
        "Presence takes them as they come, after what they should have come before: a recipient's"
        " state can be the one of a moment later.",
    )
    window = milliseconds(settings.stats.allowed_lateness)
    yield from _against(
        "stats.allowed_lateness",
        span_of(settings.stats.allowed_lateness),
        [by for event, by in late if isinstance(event, ChatMessage)],
        window,
        "Their windows may be closed already: nothing is lost, but rows that were final change"
        " once more.",
    )


def _within(partitions: Sequence[PartitionSample]) -> Finding:
    events = older = furthest = 0
    for partition in partitions:
        newest = 0
        for event in (it.event for it in partition.records if it.event is not None):
            events += 1
            older += event.event_time < newest
            furthest = max(furthest, newest - event.event_time)
            newest = max(newest, event.event_time)
    if not older:
        return ok(_CHECK, "within each partition, events stand in the order of their time")
    return ok(
        _CHECK,
        f"within partitions, {many(older, 'event')} of {events:,} ({share(older, events)}) stand"
        f" behind a newer one, by up to {lasting(furthest)}",
    )


def lateness(partitions: Sequence[PartitionSample], idle_timeout: int) -> list[tuple[object, int]]:
    """Each event, and by how many milliseconds it is older than the slowest active partition.

    As a live reader meets them: in the order of record timestamps. Until every partition has
    yielded something, and for one that has been silent for `idle_timeout`, the flow's rules hold:
    nobody waits for it.
    """
    newest: dict[TopicPartition, tuple[int, int]] = {}
    found: list[tuple[object, int]] = []
    watermark = 0
    for record in _as_recorded(partitions):
        if record.event is None:
            continue
        time = record.event.event_time
        found.append((record.event, max(0, watermark - time)))
        before, _ = newest.get(record.source, (0, 0))
        newest[record.source] = max(before, time), record.recorded_at
        active = [
            event_time
            for event_time, seen in newest.values()
            if record.recorded_at - seen <= idle_timeout
        ]
        watermark = max(watermark, min(active))
    return found


def _as_recorded(partitions: Sequence[PartitionSample]) -> Iterator[Observed]:
    return heapq.merge(*(it.records for it in partitions), key=attrgetter("recorded_at"))


def _against(
    key: str, allowed: str, late: Sequence[int], limit: int, means: str
) -> Iterator[Finding]:
    beyond = sum(by > limit for by in late)
    if not late:
        return
    seen = f"{many(beyond, 'event')} of {len(late):,} ({share(beyond, len(late))}) come later than"
    furthest = lasting(max(late))
    if beyond <= _FEW * len(late):
        yield ok(_CHECK, f"{seen} {key} ({allowed}) waits for; the latest by {furthest}")
        return
    enough = sorted(late)[int((1 - _FEW) * (len(late) - 1))]
    yield warning(
        _CHECK,
        f"{seen} {key} ({allowed}) waits for; the latest by {furthest}",
        means,
        f"Set {key} to {-(-enough // _STEP)} s, if that wait is worth it, or find out what delays"
        " the producers.",
    )
