"""Every table that the flow is to fill from given records, row by row.

Left out is what no rule fixes: the wording of a dead letter's `detail`, when a push was decided on
the clock and by what it is delivered, and how often an open window was written.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from tests.oracle.decoding import decode
from tests.oracle.messages import MessageRow, kept_messages
from tests.oracle.person import Decided, Person
from tests.oracle.sessions import session_of
from tests.oracle.stats import stats_rows
from tests.oracle.timeline import Timeline
from tests.oracle.values import DeadLetter, Directory, Event, RawRecord, Rules

Row = tuple[Any, ...]  # Any: columns are of several types
Tables = dict[str, Counter[Row]]
"""By table: its rows, in the columns of `COLUMNS`; instants are milliseconds since 1970."""

_RECORD = "kafka_topic kafka_partition kafka_offset "
COLUMNS = {
    "messages": _RECORD + "message_id event_type conversation_id from_user to_user group_id "
    "content content_type message_type file_name file_size created_at recorded_at",
    "user_events": _RECORD + "event_type user_id session_id client_ip created_at recorded_at",
    "message_stats": "window_start window_end event_type content_type group_id messages senders "
    "bytes closed",
    "presence": "user_id status sessions since last_seen",
    "presence_changes": _RECORD + "user_id status reason at",
    "push_decisions": _RECORD + "message_id user_id decision reason",
    "dead_letters": _RECORD + "reason key payload headers at",
}


def expected_tables(
    records: Iterable[RawRecord],
    rules: Rules | None = None,
    directory: Directory | None = None,
) -> Tables:
    """What the tables hold after a bounded read of these records, in whatever order they come."""
    rules = rules or Rules()
    decoded = [decode(record, rules) for record in records]
    events = [item for item in decoded if isinstance(item, Event)]
    user_events = [event for event in events if event.payload is None]
    messages = list(kept_messages(events))
    newest_ms = max((event.event_ms for event in events), default=0)
    timeline = Timeline(rules, directory or Directory())
    timeline.play(user_events, messages, newest_ms)
    people = timeline.people.values()
    reason = timeline.reason
    return {
        "messages": Counter(map(_message, messages)),
        "user_events": Counter(map(_user_event, user_events)),
        "message_stats": Counter(stats_rows(messages, newest_ms, rules)),
        "presence": Counter(_presence(person) for person in people if person.changes),
        "presence_changes": Counter(row for person in people for row in _changes(person)),
        "push_decisions": Counter(
            _push(decided, reason) for person in people for decided in person.decided
        ),
        "dead_letters": Counter(_dead_letter(x) for x in decoded if isinstance(x, DeadLetter)),
    }


def _message(row: MessageRow) -> Row:
    event = row.event
    return (
        *event.record.coordinates,
        row.message_id,
        event.event_type,
        row.conversation_id,
        row.from_user,
        row.to_user,
        row.group_id,
        row.content,
        row.content_type,
        row.message_type,
        row.file_name,
        row.file_size,
        event.created_ms,
        event.record.timestamp_ms,
    )


def _user_event(event: Event) -> Row:
    session = session_of(event)
    return (
        *event.record.coordinates,
        event.event_type,
        event.user_id,
        session.name,
        session.host,
        event.created_ms,
        event.record.timestamp_ms,
    )


def _presence(person: Person) -> Row:
    since_ms = person.changes[-1].at_ms
    return person.user_id, person.status, person.sessions, since_ms, person.last_seen_ms


def _changes(person: Person) -> Iterable[Row]:
    for change in person.changes:
        yield *change.coordinates, change.user_id, change.status, change.reason, change.at_ms


def _push(decided: Decided, reason_of: Callable[[Decided], str]) -> Row:
    reason = reason_of(decided)
    decision = "sent" if reason == "offline" else "suppressed"
    message = decided.message
    coordinates = message.event.record.coordinates
    return *coordinates, message.message_id, decided.user_id, decision, reason


def _dead_letter(letter: DeadLetter) -> Row:
    record = letter.record
    headers = json.dumps(
        [[name, None if value is None else value.decode()] for name, value in record.headers]
    )
    return (
        *record.coordinates,
        letter.reason,
        record.key,
        record.value,
        headers,
        record.timestamp_ms,
    )
