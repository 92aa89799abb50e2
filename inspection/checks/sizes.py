"""How large records are, against what each hop takes."""

from collections.abc import Iterator

from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, warning
from inspection.words import many, octets

_CHECK = "sizes"
_LARGE = 2**20
_TIGHT = 0.8
"""Of a limit, from which on the next record may be too large."""
_LIMIT = "max.message.bytes"


def check(evidence: Evidence) -> Iterator[Finding]:
    """The largest record of each topic, and the limits of it and of its dead-letter topic."""
    for topic in evidence.sample.topics.names:
        sizes = [it.size for part in evidence.sample.of(topic) for it in part.records]
        if not sizes:
            continue
        limit = _limit(evidence, topic)
        large = sum(size > _LARGE for size in sizes)
        seen = (
            f"{topic}: the largest of {many(len(sizes), 'record')} has {octets(max(sizes))},"
            f" {large:,} are larger than 1 MiB; the topic takes"
            f" {'an unknown size' if limit is None else octets(limit)}"
        )
        if limit is not None and max(sizes) > _TIGHT * limit:
            yield warning(
                _CHECK,
                seen,
                "The brokers refuse the next larger one, and the server loses that message.",
                f"Raise {_LIMIT} of {topic}; the flow reads records up to 16 MiB.",
            )
        else:
            yield ok(_CHECK, seen)
    yield from _dead_letters(evidence)


def _dead_letters(evidence: Evidence) -> Iterator[Finding]:
    suffix = evidence.settings.dead_letters.topic_suffix
    for topic in evidence.sample.topics.names:
        limit, dead = _limit(evidence, topic), _limit(evidence, topic + suffix)
        if limit is not None and dead is not None and dead < limit:
            yield warning(
                _CHECK,
                f"{topic}{suffix} takes {octets(dead)}, {topic} {octets(limit)}",
                "A dead letter of a size between the two is refused, and the flow stops.",
                f"Set {_LIMIT} of {topic}{suffix} to {limit}.",
            )
    if evidence.cluster.configs is None:
        yield note(_CHECK, f"limits of the topics are not known: {evidence.cluster.silence}")


def _limit(evidence: Evidence, topic: str) -> int | None:
    found = (evidence.cluster.configs or {}).get(topic, {}).get(_LIMIT)
    return int(found) if found is not None and found.isdigit() else None
