"""A replay from beginning to end: which dead letters, how many at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dead_letters.letter import Letter, Place
from dead_letters.selection import Selection
from dead_letters.verdict import Verdict, verdict_of

_MOST = 100
_MOST_BYTES = 4 * 2**20
"""Of one transaction: it has to be over before the brokers abort it."""


@dataclass(frozen=True)
class Order:
    """What is to be replayed."""

    selection: Selection
    tolerance: int
    """As for `decode_all`."""
    force: bool = False
    limit: int | None = None

    def after(self, replayed: int) -> "Order":
        """The same with so many fewer to go."""
        return self if self.limit is None else replace(self, limit=self.limit - replayed)


def judged(
    letters: Iterable[Letter], order: Order, done: set[Place]
) -> Iterator[tuple[Letter, Verdict]]:
    """The selected ones of these dead letters, each with what becomes of it.

    Of several dead letters of one record, which backfills and other flows leave, only the first
    is replayed.
    """
    seen = set(done)
    room = order.limit
    for letter in letters:
        if not order.selection.takes(letter.entry):
            continue
        named = bool(order.selection.places)
        verdict = verdict_of(letter, seen, order.tolerance, force=order.force, named=named)
        if verdict is Verdict.REPLAY and room is not None:
            verdict = Verdict.REPLAY if room > 0 else Verdict.BEYOND
            room -= 1
        if verdict is Verdict.REPLAY:
            seen.add(letter.entry.origin)
        yield letter, verdict


def portions(letters: Iterable[Letter]) -> Iterator[list[Letter]]:
    """As many as one transaction takes, at a time."""
    portion: list[Letter] = []
    size = 0
    for letter in letters:
        more = len(letter.value or b"") + len(letter.key or b"")
        if portion and (len(portion) >= _MOST or size + more > _MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(letter)
        size += more
    if portion:
        yield portion
