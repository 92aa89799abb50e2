"""Compares dead-letter topics with what the oracle says has to stand in them."""

from collections import Counter
from collections.abc import Iterable

from tests.oracle.decoding import decode
from tests.oracle.values import DeadLetter, RawRecord, Rules

_PROVENANCE = "__connect.errors."
_OWN = tuple(_PROVENANCE + name for name in ("topic", "partition", "offset"))

Copy = tuple[object, ...]
"""Topic, partition, key, value, timestamp, original headers, and where the original stood."""


def expected_copies(records: Iterable[RawRecord], suffix: str, rules: Rules) -> Counter[Copy]:
    """One copy for each record that cannot be decoded."""
    letters = [found for r in records if isinstance(found := decode(r, rules), DeadLetter)]
    return Counter(
        _copy(letter.record, letter.record.topic + suffix, letter.record.coordinates)
        for letter in letters
    )


def found_copies(records: Iterable[RawRecord]) -> Counter[Copy]:
    """The records of dead-letter topics, split into the original and what was added to it."""
    return Counter(_split(record) for record in records)


def _split(record: RawRecord) -> Copy:
    own = dict(record.headers)
    topic, partition, offset = ((own.get(name) or b"").decode() for name in _OWN)
    original = tuple(h for h in record.headers if not h[0].startswith(_PROVENANCE))
    # Original headers come first: what was added stands in one run behind them.
    assert record.headers[: len(original)] == original
    came_from = topic, int(partition), int(offset)
    return _copy(record, record.topic, came_from, original)


def _copy(
    record: RawRecord,
    topic: str,
    came_from: tuple[str, int, int],
    headers: tuple[tuple[str, bytes | None], ...] | None = None,
) -> Copy:
    kept = record.headers if headers is None else headers
    return topic, record.partition, record.key, record.value, record.timestamp_ms, kept, came_from
