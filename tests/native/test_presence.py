"""Rows of users that C has found are taken by every store as the lists that they read like."""

import pickle

import pytest

from dataflows.compiled_roster import ChangeColumns, CompiledRoster
from native.library import library
from schemas.rows import Rows
from sinks.arrow import arrow_table
from sinks.postgres_copy import encode
from tests.builders import instant, message, offline, online
from tests.dataflows.rosters import GRACE, TIMEOUT, roster

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")


def found() -> list[Rows]:
    """Of users who came, went, expired, were forgotten, and were active."""
    users = roster(
        *(online("ann", session="会话"), online("bob", worker=1), message("bob", "ann", 5)),
        *(
            offline("ann", 6),
            online("安娜", TIMEOUT, offset=2**40),
            message("安娜", "ann", TIMEOUT),
        ),
    )
    assert isinstance(users, CompiledRoster)
    users.advance(instant(TIMEOUT + GRACE + 5))
    changes = users.take_changes()
    assert isinstance(changes, ChangeColumns)
    return [*users.left(), changes.rows]


def as_lists(rows: Rows) -> Rows:
    return Rows(rows.table, [list(column) for column in rows.columns])


def test_all_that_may_be_missing_is_there_and_is_not() -> None:
    states, present, changes = found()
    assert [None in column for column in states.columns] == [False, False, True]
    assert [None in column for column in present.columns] == [*[False] * 5, True]
    assert [None in column for column in changes.columns] == [*[True] * 3, *[False] * 4]
    assert all(len(set(rows.columns[-1])) > 1 for rows in (states, present, changes))


def test_arrow_takes_them_over() -> None:
    for rows in found():
        assert arrow_table(rows) == arrow_table(as_lists(rows))


def test_they_are_copied_to_postgres_as_lists_are() -> None:
    for rows in found():
        assert encode(rows) == encode(as_lists(rows))


def test_they_are_lists_in_another_process() -> None:
    for rows in found():
        sent = pickle.loads(pickle.dumps(rows))
        assert as_lists(sent) == as_lists(rows)
