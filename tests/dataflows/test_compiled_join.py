"""The join in C finds out, and leaves with the store, what the one in Python does."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.settings import PresenceSettings
from dataflows.candidates import hold, one_by_one
from dataflows.compiled_join import CompiledJoinLogic
from dataflows.join import JoinLogic, Part
from dataflows.timeline import EventBatch
from native.library import library
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
from tests.builders import Event, instant, message
from tests.dataflows.random_events import PLACES, columns, random_events
from tests.places import ListPlace

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

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


def in_parts(
    random: Random, logs: Logs, starts: Mapping[TopicPartition, int], *, ended: bool
) -> Iterator[list[EventBatch]]:
    """Batches of all partitions in a random interleaving, one or a few at a time."""
    at = dict(starts)
    newest: dict[TopicPartition, int | None] = dict.fromkeys(logs)
    yield [each for source in logs for each in _batches(Progress(source, at[source], None), [])]
    while open_logs := [source for source, log in logs.items() if at[source] < len(log)]:
        turn: list[EventBatch] = []
        for source in random.choices(open_logs, k=random.randrange(1, 4)):
            events = logs[source][at[source] : at[source] + random.randrange(1, 9)]
            at[source] += len(events)
            times = [event.event_time for event in events]
            newest[source] = max([*times, newest[source] or 0]) if times else newest[source]
            idle = random.choice((None, None, None, 0, 700))
            turn += _batches(Progress(source, at[source], newest[source], idle), events)
        yield turn
    if ended:
        ends = [Progress(source, at[source], newest[source], None, True) for source in logs]
        yield [each for progress in ends for each in _batches(progress, [])]


def _batches(progress: Progress, events: Sequence[Event]) -> list[EventBatch]:
    said = [event for event in events if isinstance(event, ChatMessage)]
    done = [event for event in events if isinstance(event, UserEvent)]
    return [MessageBatch(progress, said), UserEventBatch(progress, done)]


@hypothesis_settings(max_examples=150, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    grace=st.sampled_from([0, 2, 10]),
    timeout=st.sampled_from([5, 30, 600]),
    lateness=st.sampled_from([0, 2, 5]),
    in_columns=st.booleans(),
)
def test_on_any_traffic_both_joins_find_and_leave_the_same(
    seed: int, grace: int, timeout: int, lateness: int, in_columns: bool
) -> None:
    spans = PresenceSettings(
        session_timeout=timedelta(seconds=timeout),
        offline_grace=timedelta(seconds=grace),
        allowed_lateness=timedelta(seconds=lateness),
    )
    random = Random(seed)
    logs = random_events(random, 300)
    readers = [
        Reader(JoinLogic, spans, in_columns=False),
        Reader(CompiledJoinLogic, spans, in_columns=in_columns),
    ]
    starts = dict.fromkeys(PLACES, 0)
    for life in range(3):
        reached = dict(starts)
        length = random.randrange(10, 120) if life < 2 else 10_000
        for number, turn in enumerate(in_parts(random, logs, starts, ended=random.random() < 0.5)):
            for reader in readers:
                reader.take(turn)
            reached |= {batch.progress.source: batch.progress.next_offset for batch in turn}
            if random.random() < 0.2:
                for reader in readers:
                    reader.commit(list(reached.items()))
                assert readers[1].durable == readers[0].durable
            assert readers[1].found == readers[0].found
            if number == length:
                break
        for reader in readers:
            reader.start()
        starts = _starts(readers[0])
    assert len(readers[0].found) > 10


def _starts(reader: Reader) -> dict[TopicPartition, int]:
    """Where a new process reads on: from the lowest mark of each partition."""
    marks = (reader.memory.marks(STORE), reader.memory.marks("presence"))
    return {source: min(each.get(source, 0) for each in marks) for source in PLACES}


def test_when_many_come_and_go_both_joins_find_and_leave_the_same() -> None:
    random = Random(1)
    logs = random_events(random, 30_000, crowded=True)
    spans = PresenceSettings(offline_grace=timedelta(0))
    readers = [Reader(kind, spans, in_columns=True) for kind in (JoinLogic, CompiledJoinLogic)]
    starts = dict.fromkeys(PLACES, 0)
    for number, turn in enumerate(in_parts(random, logs, starts, ended=True)):
        marks = [(batch.progress.source, batch.progress.next_offset) for batch in turn]
        for reader in readers:
            reader.take(turn)
            if number % 50 == 0:
                reader.commit(marks)
    assert readers[1].found == readers[0].found
    assert readers[1].durable == readers[0].durable


def test_more_words_than_are_fetched_at_once_are_all_found() -> None:
    call = partial(message, "ann", "bob", content_type=6, text="w" * 1_000_000)
    said = [call(offset=offset) for offset in range(150)]
    kinds = (JoinLogic, CompiledJoinLogic)
    readers = [Reader(kind, PresenceSettings(), in_columns=False) for kind in kinds]
    for reader in readers:
        for progress, events in (
            (Progress(PLACES[0], 0, None), []),
            (Progress(PLACES[0], 150, instant(0)), said),
            (Progress(PLACES[0], 150, instant(0), None, True), []),
        ):
            reader.take(_batches(progress, events))
    assert len(readers[0].found) > 150
    assert readers[1].found == readers[0].found
