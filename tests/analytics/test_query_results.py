"""Every query on both databases against the same computed from the same rows in plain Python."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.analytics import (
    expected_conversations,
    expected_messages,
    expected_operations,
    expected_presence,
)
from tests.analytics.databases import QUERIES, Database, OpenDatabase
from tests.analytics.expected_messages import Result
from tests.analytics.scenarios import SCENARIOS, scenario

_MODULES = (expected_conversations, expected_messages, expected_operations, expected_presence)


@cache
def expected(query: str, name: str) -> Result:
    found = scenario(name)
    compute = next(vars(module)[query] for module in _MODULES if query in vars(module))
    result: Result = compute(found.tables, found.span)
    return result


@pytest.fixture(scope="module")
def filled(open_database: OpenDatabase) -> Callable[[str], Database]:
    """The database of a scenario, filled once."""

    @cache
    def fill(name: str) -> Database:
        database = open_database()
        database.hold(scenario(name).tables)
        return database

    return fill


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_what_plain_python_finds(
    filled: Callable[[str], Database], query: str, name: str
) -> None:
    found = filled(name).ask(query, scenario(name).span)
    wanted = expected(query, name)
    assert len(found.rows) == len(wanted)
    for row, right in zip(found.rows, wanted, strict=True):
        assert row == tuple(
            pytest.approx(value, rel=1e-9, abs=1e-6) if isinstance(value, float) else value
            for value in right
        )
