"""What operators do to a store: look at it, let old rows go, cut it into partitions."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.rows import Rows
from schemas.tables import DEAD_LETTERS, MESSAGE_STATS
from sinks.duckdb_upkeep import DuckDBUpkeep
from sinks.epoch import Revisions, StoreItem, WindowKey
from sinks.lease import StoreError, StoreLockedError
from sinks.memory import STORE
from sinks.migrate import migrations
from sinks.postgres_upkeep import PostgresUpkeep
from sinks.upkeep import Rules, Upkeep
from tests.builders import CHAT, instant, message
from tests.places import DuckDBPlace, Place, PostgresPlace
from tests.sinks.stores import execution, rows_of_messages, run, sent

DAY = 86_400.0
"""Seconds."""
RULES = Rules("day", timedelta(days=2))
WINDOW = WindowKey(instant(0), instant(60), "message", 1, "")
STORED = "SELECT kafka_offset FROM messages ORDER BY 1"


@pytest.fixture
def upkeep(database: DuckDBPlace | PostgresPlace) -> Upkeep:
    if isinstance(database, DuckDBPlace):
        return DuckDBUpkeep(database.path, 5.0)
    return PostgresUpkeep(database.url, 5.0)


def at_day(day: float) -> datetime:
    """So many days after the first instant of the tests' chats."""
    return datetime.fromtimestamp(instant(day * DAY) / 1000, UTC)


def spoken(*days: float) -> list[StoreItem]:
    """A message on each of these days, at offsets from 0 on."""
    return rows_of_messages(message(at=day * DAY, offset=offset) for offset, day in enumerate(days))


def closed(day: float) -> Rows:
    row = (instant(day * DAY), instant(day * DAY + 60), "message", 1, "", 3, 1, 6, True, 0)
    return Rows.of(MESSAGE_STATS, [row])


def letter(day: float) -> Rows:
    row = (*CHAT, int(day), "invalid_json", "", None, b"x", "[]", instant(day * DAY))
    return Rows.of(DEAD_LETTERS, [row])


def test_status_says_what_there_is(database: Place, upkeep: Upkeep) -> None:
    run(database, sent(0, 1), sent(2))
    upkeep.maintain(Rules("month", None), at_day(0))
    found = upkeep.status()
    version = len(migrations(database.name))
    assert (found.version, found.commits, found.marks) == (version, 2, {(STORE, CHAT): 3})
    assert found.committed_at is not None
    assert {table.name: table.rows for table in found.tables}["messages"] == 3
    assert found.bytes > 0


def test_a_database_without_tables_is_told_apart(database: Place, upkeep: Upkeep) -> None:
    if isinstance(database, DuckDBPlace):
        with pytest.raises(StoreError, match="cannot open"):
            upkeep.status()
    else:
        with pytest.raises(StoreError, match="has none of the flow's tables"):
            upkeep.status()
    assert upkeep.migrate() == len(migrations(database.name))
    assert upkeep.status().commits == 0


def test_nothing_goes_without_a_retention(database: Place, upkeep: Upkeep) -> None:
    run(database, [*spoken(0, 9), closed(10)])
    upkeep.maintain(Rules("day", None), at_day(20))
    assert database.query(STORED) == [(0,), (1,)]


def test_whole_days_before_the_retention_go_from_every_table(
    database: Place, upkeep: Upkeep
) -> None:
    run(database, [*spoken(0, 6.9, 7, 9), letter(1), letter(8), closed(10)])
    done = upkeep.maintain(RULES, at_day(9.6))
    assert database.query(STORED) == [(2,), (3,)]
    assert database.query("SELECT kafka_offset FROM dead_letters") == [(8,)]
    assert database.query("SELECT messages FROM message_stats") == [(3,)]
    assert f"everything since {at_day(7):%Y-%m-%d} is kept" in done


def test_messages_of_windows_that_are_open_stay_however_old(
    database: Place, upkeep: Upkeep
) -> None:
    run(database, [*spoken(0, 3, 4), closed(3)])
    upkeep.maintain(RULES, at_day(100))
    assert database.query(STORED) == [(1,), (2,)]


def test_nothing_goes_before_a_window_is_closed(database: Place, upkeep: Upkeep) -> None:
    run(database, spoken(0))
    assert "kept everything: no window is closed yet" in upkeep.maintain(RULES, at_day(100))
    assert database.query(STORED) == [(0,)]


def test_a_late_message_leaves_the_counts_of_what_is_gone_as_they_are(
    database: Place, upkeep: Upkeep
) -> None:
    run(database, [*spoken(0, 9), closed(0), closed(10)])
    upkeep.maintain(RULES, at_day(20))
    late = [message("bob", at=30, offset=7)]
    run(database, [*rows_of_messages(late), Revisions((WINDOW,))])
    counted = "SELECT messages, revision FROM message_stats ORDER BY window_start"
    assert database.query(counted)[0] == (3, 0)


def test_a_longer_retention_does_not_forget_what_is_gone_already(
    database: Place, upkeep: Upkeep
) -> None:
    run(database, [*spoken(0, 9), closed(0), closed(10)])
    upkeep.maintain(RULES, at_day(10))
    done = upkeep.maintain(Rules("day", timedelta(days=365)), at_day(10))
    assert f"everything since {at_day(8):%Y-%m-%d} is kept" in done
    run(database, [*rows_of_messages([message("bob", at=30, offset=7)]), Revisions((WINDOW,))])
    counted = "SELECT messages, revision FROM message_stats ORDER BY window_start"
    assert database.query(counted)[0] == (3, 0)


def test_upkeep_beside_a_flow_disturbs_no_epoch(database: Place, upkeep: Upkeep) -> None:
    with execution(database) as process:
        process.epoch(*spoken(0, 5), closed(9))
        process.write(*rows_of_messages([message(at=9 * DAY, offset=2)]))
        upkeep.maintain(RULES, at_day(9))
        process.epoch()
        assert upkeep.status().commits == 2
    assert database.query(STORED) == [(2,)]


def test_repeated_upkeep_finds_nothing_left_to_do(database: Place, upkeep: Upkeep) -> None:
    run(database, [*spoken(0, 9), closed(10)])
    upkeep.maintain(RULES, at_day(10))
    again = upkeep.maintain(RULES, at_day(10))
    assert not [line for line in again if line.startswith(("made", "dropped", "deleted"))]


def test_a_schema_that_a_flow_writes_is_not_migrated_under_it(postgres_url: str) -> None:
    impatient = PostgresUpkeep(postgres_url, 0.3)
    with (
        execution(PostgresPlace(postgres_url)),
        pytest.raises(StoreLockedError, match="is being written by chatflow"),
    ):
        impatient.migrate()
