"""All metrics of the flow: what each is called, which labels it has, and what it means.

`docs/metrics.md` has the same table. A label's values come from the settings or from closed lists
of ours, never from what records hold: a user or a group must not become a time series.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from dataflows.policy import Reason as PushReason
from dataflows.push import SENT, SUPPRESSED
from dataflows.sessions import OFFLINE, ONLINE
from schemas.push import Outcome
from schemas.reasons import Reason
from schemas.tables import TABLES

Kind = Literal["counter", "gauge", "histogram"]

EVENT_TYPES = (
    *("message", "group_message", "user_online", "heartbeat", "user_heartbeat", "user_offline"),
    *("user_typing", "typing", "message_read", "group_join", "group_leave"),
)
OTHER = "other"
"""The event type of all that have a type of their own: what stands there is the sender's."""
ATTEMPTS = ("accepted", "rejected", "unavailable", "failed")
REASONS = tuple(map(str, Reason))
OUTCOMES = tuple(map(str, Outcome))
DECISIONS = tuple(
    (SENT if reason is PushReason.OFFLINE else SUPPRESSED, str(reason)) for reason in PushReason
)
STATUSES = (ONLINE, OFFLINE)
TABLE_NAMES = tuple(table.name for table in TABLES)

COMMIT_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds: from a quiet laptop to a backfill whose disk is nearly full."""
ATTEMPT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, up to the default of `push.webhook.timeout`."""


class Metric(NamedTuple):
    """What one metric is."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


_T, _TP = ("topic",), ("topic", "partition")

RECORDS = Metric("chatflow_records_consumed_total", "counter", _T, "Records read.")
BYTES = Metric("chatflow_consumed_bytes_total", "counter", _T, "Bytes of the values read.")
EVENTS = Metric(
    "chatflow_events_total",
    "counter",
    ("event_type",),
    "Events decoded and not folded, by type; `other` is every type without rules of its own.",
)
DEAD_LETTERS = Metric(
    "chatflow_dead_letters_total", "counter", ("topic", "reason"), "Records that became none."
)
LAG = Metric("chatflow_consumer_lag_records", "gauge", _TP, "Records in Kafka, not stored yet.")
DELAY = Metric(
    "chatflow_watermark_delay_seconds",
    "gauge",
    (),
    "How far event time is behind the wall clock, over all partitions.",
)
PARTITION_DELAY = Metric(
    "chatflow_partition_delay_seconds",
    "gauge",
    _TP,
    "How far a partition's newest event is behind the wall clock; 0 while it is idle.",
)
LATE = Metric(
    "chatflow_late_events_total",
    "counter",
    ("step",),
    "Events later than the step's `allowed_lateness`.",
)
WINDOWS = Metric("chatflow_windows_closed_total", "counter", (), "Windows closed.")
REVISED = Metric(
    "chatflow_window_rows_revised_total",
    "counter",
    (),
    "Rows of closed windows counted anew for late messages.",
)
ONLINE_USERS = Metric("chatflow_users_online", "gauge", (), "Users online.")
KNOWN_USERS = Metric(
    "chatflow_users_known", "gauge", (), "Users in memory: online, or gone not long ago."
)
CHANGES = Metric(
    "chatflow_presence_changes_total", "counter", ("status",), "Changes of a user's status."
)
DECIDED = Metric(
    "chatflow_push_decisions_total", "counter", ("decision", "reason"), "Push decisions."
)
DELIVERIES = Metric(
    "chatflow_push_deliveries_total", "counter", ("outcome",), "Pushes with a final outcome."
)
ATTEMPT_SECONDS = Metric(
    "chatflow_push_attempt_seconds",
    "histogram",
    ("result",),
    "Time that the provider took for one attempt; `unavailable` ones are made again.",
)
PENDING = Metric("chatflow_push_pending", "gauge", (), "Pushes without an outcome.")
SINK_ROWS = Metric("chatflow_sink_rows_total", "counter", ("table",), "Rows written.")
SINK_SECONDS = Metric(
    "chatflow_sink_write_seconds_total", "counter", ("table",), "Time spent writing rows."
)
COMMIT_SECONDS = Metric(
    "chatflow_commit_seconds", "histogram", (), "From the end of an epoch until it is durable."
)
COMMITTING = Metric(
    "chatflow_commit_under_way_seconds",
    "gauge",
    (),
    "For how long the commit under way has lasted; 0 without one.",
)
COMMITTED_AT = Metric(
    "chatflow_last_commit_timestamp_seconds",
    "gauge",
    (),
    "When the last commit ended, in seconds since 1970; 0 before the first.",
)
EPOCH_AGE = Metric(
    "chatflow_epoch_age_seconds", "gauge", (), "Time since the engine last closed an epoch."
)
LOCK_WAIT = Metric(
    "chatflow_store_lock_wait_seconds_total",
    "counter",
    (),
    "Time waited for another program that holds the database.",
)
STORE_SIZE = Metric("chatflow_store_size_bytes", "gauge", (), "Size of the database file.")
STORE_FREE = Metric("chatflow_store_free_bytes", "gauge", (), "Free space on the disk it is on.")
LOOP_IDLE = Metric(
    "chatflow_loop_idle_seconds",
    "gauge",
    (),
    "Time since the flow last looked at a partition or waited for a lock.",
)
READY = Metric("chatflow_ready", "gauge", (), "1 when `/readyz` says so, else 0.")
BUILD = Metric(
    "chatflow_build_info", "gauge", ("version", "python", "bytewax"), "Always 1; what is running."
)


def all_metrics() -> Iterator[Metric]:
    """Every metric of ours, in the order of the documentation."""
    return (found for found in globals().values() if isinstance(found, Metric))
