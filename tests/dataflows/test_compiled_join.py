"""The join in C finds out, and leaves with the store, what the one in Python does."""

from datetime import timedelta
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.settings import PresenceSettings
from dataflows.compiled_join import CompiledJoinLogic
from dataflows.join import JoinLogic
from native.library import library
from schemas.events import Progress, TopicPartition
from sinks.memory import STORE
from tests.builders import instant, message, online
from tests.dataflows.join_reading import Reader, batches_of, in_parts
from tests.dataflows.random_events import PLACES, random_events

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")


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
            counts = [reader.logic._roster.counts() for reader in readers]
            assert counts[1] == counts[0]
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
            reader.take(batches_of(progress, events))
    assert len(readers[0].found) > 150
    assert readers[1].found == readers[0].found


@pytest.mark.parametrize("grace", [0, 10])
def test_more_changes_than_are_fetched_at_once_are_all_found(grace: int) -> None:
    names = [f"{number:02}{'n' * 1_000_000}" for number in range(80)]
    came = [online(name, offset=offset) for offset, name in enumerate(names)]
    last = Progress(PLACES[2], 80, instant(2_000), None, True)
    spans = PresenceSettings(offline_grace=timedelta(seconds=grace))
    readers = [Reader(kind, spans, in_columns=False) for kind in (JoinLogic, CompiledJoinLogic)]
    for reader in readers:
        for progress, events in ((Progress(PLACES[2], 80, instant(0)), came), (last, [])):
            reader.take(batches_of(progress, events))
        reader.commit([(PLACES[2], 80)])
    assert len(readers[0].found) > 160
    assert readers[1].found == readers[0].found
    assert readers[1].durable == readers[0].durable
