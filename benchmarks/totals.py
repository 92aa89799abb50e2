"""What each program found in the topics, and where programs that must agree do not."""

from collections.abc import Mapping

from tests.stored import Database, read

NAMES = ("messages", "user_events", "dead_letters", "counted", "candidates")
"""Stored messages, user events, dead letters; the sum of `message_stats`; push candidates."""
TABLES = NAMES[:3]
"""Those that are the rows of a table of this name."""
Totals = Mapping[str, int]

_QUERIES = {name: f"SELECT count(*) FROM {name}" for name in TABLES} | {
    "counted": "SELECT coalesce(sum(messages), 0)::BIGINT FROM message_stats",
    "candidates": "SELECT count(*) FROM push_decisions",
}


def stored_totals(database: Database) -> Totals:
    """The totals of a database that a program left."""
    return {name: read(database, query)[0][0] for name, query in _QUERIES.items()}


def disagreements(
    program: str, found: Totals, expected: Totals, exact: frozenset[str]
) -> list[str]:
    """A line for each total that has to be as expected and is not."""
    wrong = [name for name in NAMES if name in exact and found.get(name) != expected.get(name)]
    return [
        f"{program}: {name} {found.get(name, 0):,}, expected {expected.get(name, 0):,}"
        for name in wrong
    ]
