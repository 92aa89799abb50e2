"""How Postgres cuts the history of a chat."""

from datetime import UTC, datetime

from sinks.periods import Span, span_of, spans_ahead
from sinks.postgres_upkeep import PostgresUpkeep
from sinks.upkeep import Rules
from tests.builders import START, message
from tests.places import PostgresPlace
from tests.sinks.stores import rows_of_messages, run

PARTITIONS = """
SELECT tableoid::regclass::text, count(*) FROM messages GROUP BY 1 ORDER BY 1
"""
NAMES = """
SELECT relid::regclass::text FROM pg_partition_tree('messages') WHERE isleaf ORDER BY 1
"""
BY_MONTH = Rules("month", None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def said(postgres_place: PostgresPlace, *times: str) -> None:
    """Store a message of each of these instants, in a process of its own."""
    seconds = [at(time).timestamp() - START / 1000 for time in times]
    found = [message(at=moment, offset=offset) for offset, moment in enumerate(seconds)]
    run(postgres_place, rows_of_messages(found))


def test_periods_are_days_and_months_of_utc() -> None:
    assert span_of(at("2026-12-31 23:59"), "month") == Span(at("2026-12-01"), at("2027-01-01"))
    assert span_of(at("2024-02-29 12:00"), "day") == Span(at("2024-02-29"), at("2024-03-01"))
    assert [span.start.month for span in spans_ahead(at("2026-11-23"), "month")] == [11, 12, 1]
    assert len(list(spans_ahead(at("2026-11-23"), "day"))) == 8


def test_a_start_makes_the_partitions_of_the_time_to_come(postgres_place: PostgresPlace) -> None:
    postgres_place.open()
    names = [f"messages_{s.start:%Y%m}" for s in spans_ahead(datetime.now(UTC), "month")]
    assert [name for (name,) in postgres_place.query(NAMES)] == [*names, "messages_default"]


def test_rows_of_the_rest_move_into_partitions_of_their_own(postgres_place: PostgresPlace) -> None:
    said(postgres_place, "2024-01-31 23:59:59", "2024-02-01", "2024-02-09", "2999-01-01")
    assert postgres_place.query(PARTITIONS) == [("messages_default", 4)]
    PostgresUpkeep(postgres_place.url, 5.0).maintain(BY_MONTH, at("2024-03-03"))
    assert postgres_place.query(PARTITIONS) == [
        ("messages_202401", 1),
        ("messages_202402", 2),
        ("messages_default", 1),
    ]


def test_another_period_begins_where_the_old_partitions_end(postgres_place: PostgresPlace) -> None:
    said(postgres_place, "2024-02-01", "2024-04-02")
    upkeep = PostgresUpkeep(postgres_place.url, 5.0)
    upkeep.maintain(BY_MONTH, at("2024-01-30"))
    done = upkeep.maintain(Rules("day", None), at("2024-03-30"))
    assert [line for line in done if "messages_" in line] == [
        f"made the partition messages_2024040{day}" for day in range(1, 7)
    ]
