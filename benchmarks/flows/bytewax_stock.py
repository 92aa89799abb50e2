"""The same work with what Bytewax brings along, one message at a time, as its guides write it.

    python -m bytewax.run benchmarks.flows.bytewax_stock -r FOLDER -s 2 -b 0

Bytewax's Kafka source reads partitions as they come. So what depends on the order of events in
different partitions, push candidates and which messages are late for their window, is approximate.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import bytewax.operators.windowing as win
from bytewax.connectors.kafka import KafkaError, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import KeyedStream
from bytewax.operators.windowing import EventClock, TumblingWindower

from benchmarks.flows.counting import kind, weight, window_row
from benchmarks.flows.plain import (
    ChatMessage,
    Event,
    Place,
    Sessions,
    UserEvent,
    decision,
    decode,
    fetching,
    follow,
    table_of,
)
from benchmarks.flows.rows_sink import Row, RowsSink
from benchmarks.report import Report
from config.kafka import consumer_properties
from config.load import load_settings
from dataflows.recovery import prepare_recovery

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTH = timedelta(minutes=1)
_WAIT = timedelta(minutes=1)
_ROWS = 10_000
"""Rows written at a time, of each table."""

Bytes = bytes | None
Received = KafkaSourceMessage[Bytes, Bytes] | KafkaError[Bytes, Bytes]
Count = tuple[int, int]
"""Messages and bytes."""


def flow() -> Dataflow:
    """Wire it."""
    report = Report()
    steps = Dataflow("stock")
    events = _events(steps, report)
    messages = op.filter_map("messages", events, _message)
    user_events = op.filter_map("user_events", events, _user_event)

    rows = op.map("rows", events, _row)
    windows = _windows(messages, report)
    decisions = _decisions(messages, user_events)
    keyed = op.key_on("table", op.merge("all", rows, windows, decisions), _table)
    batches = op.collect("batch", keyed, timeout=timedelta(seconds=1), max_size=_ROWS)
    op.output("duckdb", batches, RowsSink())
    return steps


def _events(steps: Dataflow, report: Report) -> Stream[Event]:
    prepare_recovery()
    kafka = load_settings().kafka
    tuning = {name: str(value) for name, value in fetching(consumer_properties(kafka)).items()}
    source = KafkaSource(kafka.brokers, kafka.topics.names, tail=False, add_config=tuning)

    def read(message: Received) -> Event:
        assert isinstance(message, KafkaSourceMessage), "the source raises errors"
        report.first_event()
        place = Place(
            kafka_topic=message.topic or "",
            kafka_partition=message.partition or 0,
            kafka_offset=message.offset or 0,
            recorded_at=message.timestamp[1] if message.timestamp else 0,
        )
        return decode(message.value, place)

    records = op.input("kafka", steps, source)
    return op.map("decode", records, read)


def _windows(messages: Stream[ChatMessage], report: Report) -> Stream[Row]:
    clock = EventClock(
        _created_at,
        wait_for_system_duration=_WAIT,
        # Else it looks at every key all the time while a backlog is read.
        to_system_utc=lambda at: None,
    )
    windower = TumblingWindower(length=_LENGTH, align_to=_EPOCH)
    counted = win.fold_window(
        "stats",
        op.key_on("kind", messages, kind),
        clock,
        windower,
        lambda: (0, 0),
        _count,
        _together,
        ordered=False,
    )

    def late(found: tuple[str, tuple[int, ChatMessage]]) -> None:
        report.totals["late"] = report.totals.get("late", 0) + 1

    dropped: Stream[Row] = op.filter_map("late", counted.late, late)
    return op.merge("windows", op.map("window", counted.down, _window_row), dropped)


def _decisions(messages: Stream[ChatMessage], user_events: Stream[UserEvent]) -> Stream[Row]:
    chats = op.branch("is_group", messages, _is_group)
    groups = op.key_on("group", chats.trues, _group)
    fanned = op.flat_map("members", op.stateful_map("membership", groups, _members), _each)
    direct = op.map("recipient", chats.falses, _recipient)
    seen: KeyedStream[ChatMessage | UserEvent]
    seen = op.merge("people", op.key_on("user", user_events, _user), direct, fanned)
    found = op.stateful_flat_map("presence", seen, _presence)
    return op.map("decide", found, _decide)


def _message(event: Event) -> ChatMessage | None:
    return event if isinstance(event, ChatMessage) else None


def _user_event(event: Event) -> UserEvent | None:
    return event if isinstance(event, UserEvent) else None


def _row(event: Event) -> Row:
    return table_of(event), event.model_dump()


def _table(row: Row) -> str:
    return row[0]


def _created_at(message: ChatMessage) -> datetime:
    return datetime.fromtimestamp(message.created_at / 1000, UTC)


def _count(count: Count, message: ChatMessage) -> Count:
    return count[0] + 1, count[1] + weight(message)


def _together(one: Count, other: Count) -> Count:
    return one[0] + other[0], one[1] + other[1]


def _window_row(found: tuple[str, tuple[int, Count]]) -> Row:
    key, (number, (messages, size)) = found
    start = number * int(_LENGTH.total_seconds()) * 1000
    return "message_stats", window_row(key, start, messages, size)


def _is_group(message: ChatMessage) -> bool:
    return message.group_id is not None


def _group(message: ChatMessage) -> str:
    return message.group_id or ""


def _user(event: UserEvent) -> str:
    return event.user_id


def _members(
    known: frozenset[str] | None, message: ChatMessage
) -> tuple[frozenset[str], tuple[ChatMessage, frozenset[str]]]:
    members = (known or frozenset()) | {message.from_user}
    return members, (message, members)


def _each(
    found: tuple[str, tuple[ChatMessage, frozenset[str]]],
) -> Iterable[tuple[str, ChatMessage]]:
    message, members = found[1]
    return [(user_id, message) for user_id in members]


def _recipient(message: ChatMessage) -> tuple[str, ChatMessage]:
    return message.to_user or "", message


def _presence(
    sessions: Sessions | None, event: ChatMessage | UserEvent
) -> tuple[Sessions | None, Iterable[ChatMessage]]:
    """The user's sessions, and the message when there is none."""
    if isinstance(event, UserEvent):
        return follow(sessions or {}, event) or None, ()
    return sessions, () if sessions else (event,)


def _decide(found: tuple[str, ChatMessage]) -> Row:
    user_id, message = found
    return "push_decisions", decision(message, user_id)
