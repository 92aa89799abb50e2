"""Traffic read by a join that starts again now and then, and what it found."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from config.settings import PresenceSettings
from dataflows.candidates import hold, one_by_one
from dataflows.join import JoinLogic, Part
from dataflows.timeline import EventBatch
from native.append import append_messages, append_user_events
from native.columns import Batch, MessageColumns, UserEventColumns
from schemas.directory import Directory
from schemas.events import (
    ChatMessage,
    MessageBatch,
    Progress,
    TopicPartition,
    UserEvent,
    UserEventBatch,
)
from sinks.epoch import mark_rows
from sinks.memory import STORE
from tests.builders import Event
from tests.places import ListPlace

DIRECTORY = Directory(
    groups={"listed": frozenset({"ann", "bob", "early", ""}), "empty": frozenset()}
)
Finding = tuple[Any, ...]
Logs = Mapping[TopicPartition, Sequence[Event]]


class Reader:
    """Reads random events with one kind of join, and starts it again now and then."""

    def __init__(self, kind: type[JoinLogic], spans: PresenceSettings, *, in_columns: bool) -> None:
        self.place = ListPlace()
        self.kind, self.spans, self.in_columns = kind, spans, in_columns
        self.found: list[Finding] = []
        self.start()

    def start(self) -> None:
        """As a new process does: with what is durable, and nothing else."""
        self.memory, sink = self.place.open()
        self.part = sink.build_part("store", STORE, None)
        self.logic = self.kind(self.memory, 1, DIRECTORY, self.spans, {})

    def take(self, batches: Sequence[EventBatch]) -> None:
        parts = [Part(0, columns(batch) if self.in_columns else batch) for batch in batches]
        for each in self.logic.on_batch(parts)[0]:
            self.found += map(msgspec.structs.astuple, each.changes)
            recipients = [
                (
                    each.source,
                    hold(each.source, each.message).message,
                    sorted(each.users),
                    each.returned,
                )
                for each in one_by_one(each.recipients)
            ]
            self.found += sorted(
                recipients, key=lambda each: (each[0], each[1].kafka_offset, *each[2:])
            )
        self.found.append(("late", self.logic._timeline.late))  # type: ignore[union-attr]

    def commit(self, marks: Sequence[tuple[TopicPartition, int]]) -> None:
        self.logic.snapshot()
        self.memory.leave(mark_rows(STORE, marks))
        self.part.snapshot()
        self.part.snapshot()

    @property
    def durable(self) -> dict[str, Any]:
        return {name: dict(rows) for name, rows in self.place.durable.items()}


def columns(batch: EventBatch) -> EventBatch:
    """The batch as a compiled decoder makes it."""
    rows = Batch()
    if isinstance(batch, MessageBatch):
        append_messages(rows, batch.events)
        return MessageBatch(batch.progress, MessageColumns(rows))
    append_user_events(rows, batch.events)
    return UserEventBatch(batch.progress, UserEventColumns(rows))


def in_parts(
    random: Random, logs: Logs, starts: Mapping[TopicPartition, int], *, ended: bool
) -> Iterator[list[EventBatch]]:
    """Batches of all partitions in a random interleaving, one or a few at a time."""
    at = dict(starts)
    newest: dict[TopicPartition, int | None] = dict.fromkeys(logs)
    yield [each for source in logs for each in batches_of(Progress(source, at[source], None), [])]
    while open_logs := [source for source, log in logs.items() if at[source] < len(log)]:
        turn: list[EventBatch] = []
        for source in random.choices(open_logs, k=random.randrange(1, 4)):
            events = logs[source][at[source] : at[source] + random.randrange(1, 9)]
            at[source] += len(events)
            times = [event.event_time for event in events]
            newest[source] = max([*times, newest[source] or 0]) if times else newest[source]
            idle = random.choice((None, None, None, 0, 700))
            turn += batches_of(Progress(source, at[source], newest[source], idle), events)
        yield turn
    if ended:
        ends = [Progress(source, at[source], newest[source], None, True) for source in logs]
        yield [each for progress in ends for each in batches_of(progress, [])]


def batches_of(progress: Progress, events: Sequence[Event]) -> list[EventBatch]:
    said = [event for event in events if isinstance(event, ChatMessage)]
    done = [event for event in events if isinstance(event, UserEvent)]
    return [MessageBatch(progress, said), UserEventBatch(progress, done)]
