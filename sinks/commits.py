"""What a store says of itself: how many epochs it has committed, when, and what it has let go."""

from collections.abc import Iterable, Mapping

from schemas.rows import Rows
from schemas.tables import FLOW_STATE

STEP = "store"
"""Under this name it is kept among the states of the steps."""
COMMITS = "commits"
"""Key of the number of epochs: by it a store is known again."""
_COMMITTED_AT = "committed_at"
_KEPT_FROM = "kept_from"

KEPT_FROM = f"step = '{STEP}' AND key = '{_KEPT_FROM}'"
"""Finds, in SQL, the state that `kept_row` leaves."""


def commits_in(states: Iterable[tuple[str, bytes]]) -> int:
    """The number that the last commit left among the states of `STEP`; 0 before the first."""
    return _number(dict(states), COMMITS) or 0


def committed_at_in(states: Iterable[tuple[str, bytes]]) -> int | None:
    """When the last commit was made, in milliseconds; None before the first."""
    return _number(dict(states), _COMMITTED_AT)


def kept_from_in(states: Iterable[tuple[str, bytes]]) -> int:
    """Since when everything is there, in milliseconds; 0 while nothing was let go."""
    return _number(dict(states), _KEPT_FROM) or 0


def commit_row(number: int, at: int) -> Rows:
    """What the commit of this number leaves behind; `at` is in milliseconds."""
    return _rows({COMMITS: number, _COMMITTED_AT: at})


def kept_row(milliseconds: int) -> Rows:
    """What retention leaves behind: everything since that instant is there."""
    return _rows({_KEPT_FROM: milliseconds})


def _number(states: Mapping[str, bytes], key: str) -> int | None:
    return int(states[key]) if key in states else None


def _rows(numbers: Mapping[str, int]) -> Rows:
    rows = [(STEP, key, str(number).encode()) for key, number in numbers.items()]
    return Rows.of(FLOW_STATE, rows)
