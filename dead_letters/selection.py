"""Which dead letters somebody means, and what there is of each kind."""

from collections.abc import Collection, Iterable

import msgspec

from dead_letters.letter import Entry, Place


class Selection(msgspec.Struct, frozen=True):
    """All that is asked of a dead letter; what is empty or None is not asked."""

    reasons: Collection[str] = ()
    since: int | None = None
    until: int | None = None
    """By the original's record timestamp, milliseconds since 1970 UTC; `until` is not in it."""
    places: Collection[Place] = ()
    """Of the original or of the dead letter."""

    def takes(self, entry: Entry) -> bool:
        """Whether the dead letter is meant."""
        return (
            (not self.reasons or entry.reason in self.reasons)
            and (self.since is None or entry.recorded_at >= self.since)
            and (self.until is None or entry.recorded_at < self.until)
            and (not self.places or entry.origin in self.places or entry.place in self.places)
        )


class Kind(msgspec.Struct):
    """Dead letters of one topic with one reason."""

    topic: str
    reason: str
    count: int = 0
    replayed: int = 0
    first: int = 0
    last: int = 0
    """Record timestamps of the oldest and the newest, milliseconds since 1970 UTC."""
    newest: str = ""
    """Where the newest stands: `topic/partition/offset` of the original."""
    details: dict[str, int] = {}


def kinds_of(entries: Iterable[Entry], replayed: Collection[Place] = ()) -> list[Kind]:
    """Count by topic and reason, the most frequent first."""
    found: dict[tuple[str, str], Kind] = {}
    for entry in entries:
        name = entry.origin.topic, entry.reason
        kind = found.get(name)
        if kind is None:
            kind = found[name] = Kind(*name, first=entry.recorded_at)
        kind.count += 1
        kind.replayed += entry.origin in replayed
        kind.first = min(kind.first, entry.recorded_at)
        kind.details[entry.detail] = kind.details.get(entry.detail, 0) + 1
        if entry.recorded_at >= kind.last:
            kind.last, kind.newest = entry.recorded_at, str(entry.origin)
    return sorted(found.values(), key=lambda kind: (-kind.count, kind.topic, kind.reason))
