"""Whether messages have ids, and what was sent twice."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from dataflows.repeats import FOLD_HORIZON
from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, warning
from inspection.sample import Observed, Sample
from inspection.words import many, share
from schemas.events import SIGNALLING, ChatMessage

_CHECK = "message ids"
_NEXT = 16
"""Records further on within which the same bytes are a producer's retry."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Missing ids, then repeats."""
    if evidence.sample.messages:
        yield _missing(evidence.sample)
        yield from _repeats(evidence.sample)


def has_id(record: Observed, message: ChatMessage) -> bool:
    """Whether the message brought its id; else it is named by its coordinates."""
    source = record.source
    return message.message_id != f"{source.topic}-{source.partition}-{record.offset}"


def _missing(sample: Sample) -> Finding:
    missing = [message for it, message in sample.messages if not has_id(it, message)]
    signals = sum(message.content_type in SIGNALLING for message in missing)
    silent = len(missing) - signals
    seen = (
        f"{len(missing):,} of {many(len(sample.messages), 'message')} have no id"
        f" ({signals:,} of them signalling of calls, which never has one)"
    )
    if not silent:
        return ok(_CHECK, seen if missing else "every message has an id")
    means = (
        "They are named by topic, partition and offset. A message that the producer sends twice is"
        " then stored, counted and pushed twice, because nothing tells that it is one."
    )
    do = "Have the server set messageId, or enable.idempotence in its producer."
    if silent * 100 < len(sample.messages):
        return note(_CHECK, seen, means, do)
    return warning(_CHECK, seen, means, do)


def _repeats(sample: Sample) -> Iterator[Finding]:
    kinds = Counter[str]()
    times: dict[str, list[tuple[Observed, ChatMessage]]] = defaultdict(list)
    for record, message in sample.messages:
        if has_id(record, message):
            times[message.message_id].append((record, message))
    for found in times.values():
        first, message = found[0]
        for again, repeated in found[1:]:
            if again.source != first.source:
                kinds["elsewhere"] += 1
            elif abs(repeated.event_time - message.event_time) > FOLD_HORIZON:
                kinds["later"] += 1
            else:
                kinds["folded"] += 1
    kinds["nameless"] = sum(_nameless(part.records) for part in sample.partitions)
    whole = len(sample.messages)
    if kinds["folded"]:
        yield note(
            _CHECK,
            f"{many(kinds['folded'], 'message')} ({share(kinds['folded'], whole)}) came again in"
            " their partition within ten minutes",
            "A producer without enable.idempotence repeats what was not confirmed. The flow keeps"
            " the first one.",
        )
    if not_folded := kinds["elsewhere"] + kinds["later"] + kinds["nameless"]:
        yield warning(
            _CHECK,
            f"repeats that cannot be folded: {kinds['elsewhere']:,} in another partition,"
            f" {kinds['later']:,} after more than ten minutes, {kinds['nameless']:,} without an id",
            f"{many(not_folded, 'message')} stored, counted and pushed once more.",
            "Enable idempotence in the server's producer, and give a message always the same key.",
        )


def _nameless(records: Sequence[Observed]) -> int:
    """Messages without an id whose bytes stood in the partition just before."""
    recent: dict[int, int] = {}
    repeated = 0
    for place, record in enumerate(records):
        if isinstance(record.event, ChatMessage) and not has_id(record, record.event):
            seen = recent.get(record.digest)
            repeated += seen is not None and place - seen <= _NEXT
            recent[record.digest] = place
    return repeated
