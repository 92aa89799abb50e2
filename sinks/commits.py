"""How many epochs a store has committed: by this number it is known again."""

from collections.abc import Iterable

from schemas.rows import Rows
from schemas.tables import FLOW_STATE

STEP = "store"
"""Under this name the number is kept."""
COMMITS = "commits"
"""Its key."""


def commits_in(states: Iterable[tuple[str, bytes]]) -> int:
    """The number that the last commit left among the states of `STEP`; 0 before the first."""
    found = dict(states).get(COMMITS)
    return int(found) if found else 0


def commit_row(number: int) -> Rows:
    """What the commit of this number leaves behind."""
    return Rows.of(FLOW_STATE, [(STEP, COMMITS, str(number).encode())])
