"""Whether the clocks of server, broker and this machine agree."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import median

from inspection.evidence import Evidence, milliseconds
from inspection.finding import Finding, note, ok, warning
from inspection.words import counted, lasting, many, share, span_of

_CHECK = "clocks"
_STEP = 1000
"""Milliseconds: the wire's clock counts seconds, so a right stamp is up to one early."""
_SKEW = 5000
"""Milliseconds by which a worker's clock may be wrong before it is worth a word."""
_ENOUGH = 10


def check(evidence: Evidence) -> Iterator[Finding]:
    """Stamps against record timestamps, workers against each other, records against now."""
    pairs = [
        (it.form.worker_id, it.event.created_at - it.recorded_at)
        for it in evidence.sample.records
        if it.event is not None
    ]
    if not pairs:
        return
    yield _typical(evidence, [skew for _, skew in pairs])
    yield from _workers(pairs)
    yield from _future(evidence, [skew for _, skew in pairs])
    yield from _now(evidence)


def _typical(evidence: Evidence, skews: list[int]) -> Finding:
    by_broker = sum(it.stamped_by_broker for it in evidence.sample.records)
    whose = "the broker's" if by_broker else "the producer's"
    middle = median(skews)
    seen = (
        f"events are stamped {_apart(middle)} their record timestamp ({whose}) in the median;"
        f" the furthest: {lasting(min(skews))} before, {lasting(max(0, *skews))} after"
    )
    if -_SKEW - _STEP <= middle <= _SKEW:
        return ok(_CHECK, seen)
    return warning(
        _CHECK,
        seen,
        "Windows, presence and the age of pushes follow the event's stamp, so they are off by as"
        " much.",
        "Set the clocks of the servers (NTP); behind a queue, look for what delays records.",
    )


def _apart(skew: float) -> str:
    return f"{lasting(round(skew))} {'before' if skew < 0 else 'after'}"


def _workers(pairs: list[tuple[int | None, int]]) -> Iterator[Finding]:
    by_worker: dict[int, list[int]] = defaultdict(list)
    for worker, skew in pairs:
        if worker is not None:
            by_worker[worker].append(skew)
    wrong = {
        worker: median(skews)
        for worker, skews in by_worker.items()
        if len(skews) >= _ENOUGH and not -_SKEW - _STEP <= median(skews) <= _SKEW
    }
    if wrong and len(wrong) < len(by_worker):
        named = ", ".join(f"worker {worker} {_apart(skew)}" for worker, skew in wrong.items())
        yield warning(
            _CHECK,
            f"{len(wrong)} of {many(len(by_worker), 'worker')} have another time: {named}",
            "Their users come online and go offline at wrong times, against those of others.",
            "Set the clocks of the machines that run these workers.",
        )


def _future(evidence: Evidence, skews: list[int]) -> Iterator[Finding]:
    tolerance = evidence.settings.source.future_tolerance
    beyond = sum(skew > milliseconds(tolerance) for skew in skews)
    if beyond:
        yield warning(
            _CHECK,
            f"{many(beyond, 'event')} ({share(beyond, len(skews))}) are stamped more than"
            f" source.future_tolerance ({span_of(tolerance)}) after their record",
            "They are stored as stamped, but ordered as if stamped at that limit.",
            "Find out which client or server sets such times.",
        )


def _now(evidence: Evidence) -> Iterator[Finding]:
    ahead = Counter(
        it.source.topic for it in evidence.sample.records if it.recorded_at > evidence.now + _SKEW
    )
    if ahead:
        yield note(
            _CHECK,
            f"records of the future, by this machine's clock: {counted(ahead)}",
            "Either this machine's clock is behind, and pushes live too long, or a producer's is"
            " ahead.",
            "Compare `date` on this machine and on the servers.",
        )
