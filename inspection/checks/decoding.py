"""What nobody can read, and event types that nobody knows."""

import re
from collections import Counter
from collections.abc import Iterator

from dataflows.event_types import CLOSING, JOINING, LEAVING, OPENING
from dataflows.timeline import SIGNS_OF_LIFE
from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, problem, warning
from inspection.words import counted, many, share

_CHECK = "decoding"
_MUCH = 0.01
_KNOWN = {"message", "group_message", CLOSING, *OPENING, *JOINING, *LEAVING, *SIGNS_OF_LIFE}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,39}")
"""How servers name event types. A producer may write anything there, also what people wrote."""
_NO_NAME = "texts that are no names"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Dead letters by reason, then unknown types."""
    records = evidence.sample.records
    if not records:
        return
    reasons = Counter(it.reason for it in records if it.event is None)
    dead, whole = reasons.total(), len(records)
    if not dead:
        yield ok(_CHECK, f"all {many(whole, 'record')} can be decoded")
    else:
        yield _dead(
            evidence,
            f"{dead:,} of {many(whole, 'record')} ({share(dead, whole)}) cannot"
            f" be decoded: {counted(reasons)}",
            dead / whole,
        )
    yield from _unknown(evidence)


def _dead(evidence: Evidence, seen: str, ratio: float) -> Finding:
    limit = evidence.settings.dead_letters.max_ratio
    if ratio > limit:
        return problem(
            _CHECK,
            seen,
            f"More than dead_letters.max_ratio ({limit:.0%}): the flow stops, and stores nothing"
            " of what comes with them.",
            "Find out what the producer sends, or whether kafka.topics names the right topics.",
        )
    means = "They become dead letters; everything else goes on."
    do = "`chatflow dlq list` says what they are, once the flow has read them."
    return (warning if ratio > _MUCH else note)(_CHECK, seen, means, do)


def _unknown(evidence: Evidence) -> Iterator[Finding]:
    types = Counter(it.event.event_type for it in evidence.sample.records if it.event is not None)
    unknown: Counter[str] = Counter()
    for name in types.keys() - _KNOWN:
        unknown[f"'{name}'" if _NAME.fullmatch(name) else _NO_NAME] += types[name]
    if unknown:
        yield note(
            _CHECK,
            f"event types that mean nothing to the flow: {counted(unknown)}",
            "They are stored, as messages if they hold one, and cause no push and no presence.",
            "If one of them is a sign of life or a message to push, teach the flow: see"
            " CONTRIBUTING.md.",
        )
