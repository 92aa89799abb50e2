"""What a flow counts is what it stored, and a label's value is never what a record holds."""

from collections import Counter
from typing import Any

import duckdb
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dataflows import instruments
from dataflows.instruments import Metric, all_metrics
from schemas.tables import FLOW_STATE, KAFKA_OFFSETS, MESSAGE_STATS, PRESENCE, TABLES
from tests.documents import ROOT
from tests.expectation import TOPICS
from tests.faults.canaries import leaks
from tests.monitoring.conftest import LATE_KIND, Watched

MERGED = {FLOW_STATE.name, KAFKA_OFFSETS.name, MESSAGE_STATS.name, PRESENCE.name}
"""Tables whose rows are written more than once."""
LABELS = {
    "topic": set(TOPICS),
    "partition": {"0", "1", "2"},
    "event_type": {*instruments.EVENT_TYPES, instruments.OTHER},
    "reason": {*instruments.REASONS, *(reason for _, reason in instruments.DECISIONS)},
    "decision": {"sent", "suppressed"},
    "outcome": set(instruments.OUTCOMES),
    "result": set(instruments.ATTEMPTS),
    "status": {"online", "offline"},
    "step": {"stats", "presence"},
    "table": set(instruments.TABLE_NAMES),
}


def query(watched: Watched, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(watched.flow.store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_watched_flow_drains_as_any_other(watched: Watched) -> None:
    assert watched.status == 0


def test_records_and_bytes_are_what_was_sent(watched: Watched) -> None:
    records = Counter(record.topic for record in watched.sent)
    sizes: Counter[str] = Counter()
    for record in watched.sent:
        sizes[record.topic] += len(record.value or b"")
    assert watched.scrape.by(instruments.RECORDS.name, "topic") == records
    assert watched.scrape.by(instruments.BYTES.name, "topic") == sizes


def test_events_are_counted_by_type_and_those_of_nobody_together(watched: Watched) -> None:
    sql = "SELECT event_type, count(*) FROM {} GROUP BY ALL"
    stored: Counter[str] = Counter()
    for table in ("messages", "user_events"):
        for event_type, count in query(watched, sql.format(table)):
            known = event_type in instruments.EVENT_TYPES
            stored[event_type if known else instruments.OTHER] += count
    found = watched.scrape.by(instruments.EVENTS.name, "event_type")
    assert {name: count for name, count in found.items() if count} == stored
    assert stored[instruments.OTHER] > 0


@pytest.mark.parametrize(
    ("metric", "label", "sql"),
    [
        (instruments.DEAD_LETTERS, "reason", "SELECT reason, count(*) FROM dead_letters"),
        (instruments.DECIDED, "reason", "SELECT reason, count(*) FROM push_decisions"),
        (instruments.DELIVERIES, "outcome", "SELECT outcome, count(*) FROM push_deliveries"),
        (instruments.CHANGES, "status", "SELECT status, count(*) FROM presence_changes"),
    ],
    ids=["dead letters", "decisions", "deliveries", "changes"],
)
def test_what_is_counted_by_a_closed_list_is_what_is_stored(
    watched: Watched, metric: Metric, label: str, sql: str
) -> None:
    found = watched.scrape.by(metric.name, label)
    stored = dict(query(watched, f"{sql} GROUP BY ALL"))
    assert stored
    assert {name: count for name, count in found.items() if count} == stored


def test_rows_are_counted_as_they_are_written(watched: Watched) -> None:
    written = watched.scrape.by(instruments.SINK_ROWS.name, "table")
    for table in (table.name for table in TABLES if table.name not in MERGED):
        [(rows,)] = query(watched, f"SELECT count(*) FROM {table}")
        assert written[table] == rows, table
    assert all(written[table] > 0 for table in MERGED)


def test_online_users_are_those_whom_the_database_calls_so(watched: Watched) -> None:
    [(online,)] = query(watched, "SELECT count(*) FROM presence WHERE status = 'online'")
    assert watched.scrape.total(instruments.ONLINE_USERS.name) == online > 0


def test_closed_windows_are_counted_once(watched: Watched) -> None:
    told, stored = watched.closed
    assert told == stored > 0


def test_what_comes_too_late_is_counted_and_so_are_the_rows_that_it_revises(
    watched: Watched,
) -> None:
    sql = f"SELECT messages, revision FROM message_stats WHERE content_type = {LATE_KIND}"
    assert query(watched, sql) == [(2, 1)]  # made by the first, revised by the second
    assert watched.scrape.total(instruments.REVISED.name) == 2
    assert watched.scrape.by(instruments.LATE.name, "step") == {"stats": 2, "presence": 2}


def test_attempts_are_told_by_what_the_provider_said(watched: Watched) -> None:
    attempts = watched.scrape.by(f"{instruments.ATTEMPT_SECONDS.name}_count", "result")
    assert attempts["unavailable"] == attempts["rejected"] == 1
    assert attempts["accepted"] > 1
    assert attempts["failed"] == 0


def test_a_flow_exposes_the_metrics_of_the_list_with_their_labels(watched: Watched) -> None:
    found = {
        name: {key for labels in samples for key, _ in labels}
        for name, samples in watched.scrape.samples.items()
        if name.startswith("chatflow_") and not name.endswith(("_bucket", "_sum"))
    }
    expected = {
        metric.name + ("_count" if metric.kind == "histogram" else ""): set(metric.labels)
        for metric in all_metrics()
    }
    assert found == expected


def test_metrics_are_openmetrics_for_whoever_asks_for_it(watched: Watched) -> None:
    content_type, text = watched.openmetrics
    parsed = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    names = {sample.name for family in parsed for sample in family.samples}
    assert content_type.startswith("application/openmetrics-text")
    assert {metric.name for metric in all_metrics() if metric.kind != "histogram"} <= names


def test_no_label_has_a_value_of_what_records_hold(watched: Watched) -> None:
    values: dict[str, set[str]] = {}
    for name, samples in watched.scrape.samples.items():
        if name.startswith("chatflow_") and name != instruments.BUILD.name:
            for key, value in (pair for labels in samples for pair in labels):
                values.setdefault(key, set()).add(value)
    del values["le"]
    assert values.keys() == LABELS.keys()
    for label, found in values.items():
        assert found <= LABELS[label], label
    assert leaks(*watched.openmetrics) == []


def test_the_documentation_lists_every_metric_as_it_is() -> None:
    document = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = [line for line in document.splitlines() if line.startswith("| `chatflow_")]
    assert rows == [
        f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels)} | {metric.meaning} |"
        for metric in all_metrics()
    ]
