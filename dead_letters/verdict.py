"""What becomes of a dead letter that is asked to be replayed: rules on frozen values."""

import enum
from collections.abc import Container
from dataclasses import dataclass

from dead_letters.letter import REPLAYED_FROM, Letter, Place
from schemas.decoding import decode_all
from schemas.events import Header, TopicPartition


class Verdict(enum.StrEnum):
    """What becomes of it."""

    REPLAY = "to replay"
    DONE = "already replayed"
    RETURNED = "came back after a replay"
    """The flow could not decode it once more; replayed again only when it is asked for by name."""
    UNDECODABLE = "still cannot be decoded"
    TOO_LARGE = "not whole in the topic"
    """Its value was too large for the topic with the headers of its provenance."""
    BEYOND = "beyond --limit"


@dataclass(frozen=True)
class _AsRecord:
    """The original, as it stood in its topic."""

    letter: Letter

    def value(self) -> bytes | None:
        return self.letter.value

    def key(self) -> bytes | None:
        return self.letter.key

    def headers(self) -> list[Header]:
        return list(self.letter.headers)

    def offset(self) -> int:
        return self.letter.entry.origin.offset

    def timestamp(self) -> tuple[int, int]:
        return 1, self.letter.entry.recorded_at


def verdict_of(
    letter: Letter,
    done: Container[Place],
    tolerance: int,
    *,
    force: bool = False,
    named: bool = False,
) -> Verdict:
    """Whether to replay it, or why not.

    Args:
        letter: The dead letter.
        done: Origins of what was replayed before.
        tolerance: As for `decode_all`.
        force: Whether to replay also what this release cannot decode.
        named: Whether this very record was asked for, not one among others.
    """
    if letter.entry.origin in done:
        return Verdict.DONE
    if not letter.whole:
        return Verdict.TOO_LARGE
    if not named and any(name == REPLAYED_FROM for name, _ in letter.headers):
        return Verdict.RETURNED
    if not force and refusal_of(letter, tolerance) is not None:
        return Verdict.UNDECODABLE
    return Verdict.REPLAY


def refusal_of(letter: Letter, tolerance: int) -> str | None:
    """Why this release cannot decode it, or None if it can."""
    source = TopicPartition(letter.entry.origin.topic, letter.entry.origin.partition)
    letters = decode_all((_AsRecord(letter),), source, tolerance).letters
    return f"{letters[0].reason}, {letters[0].detail}" if letters else None
