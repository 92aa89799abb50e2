"""Users as the store has them: what happens to them in C is what happens to them in Python."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.settings import PresenceSettings
from dataflows.compiled_join import KINDS, CompiledJoinLogic
from dataflows.holding import Held
from dataflows.join import JoinLogic
from dataflows.join_states import user_of
from dataflows.sessions import Person
from native.join import Join
from native.library import library
from schemas.columns import Texts
from schemas.packed import packed_rows
from tests.builders import CHAT, message
from tests.dataflows.join_reading import Reader, in_parts
from tests.dataflows.people import people
from tests.dataflows.random_events import PLACES, random_events
from tests.dataflows.rosters import GRACE, TIMEOUT, roster
from tests.places import DuckDBPlace

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

SPANS = TIMEOUT * 1000, GRACE * 1000
MANY = hypothesis_settings(max_examples=300, deadline=None, derandomize=True)


def stored(*states: bytes) -> tuple[Join, list[int]]:
    """A join with these states of users named by their numbers; and which it cannot read."""
    join = Join(KINDS, *SPANS)
    rows = ((str(number), state) for number, state in enumerate(states))
    unread: list[int] = []
    for keys, column in packed_rows(rows):
        assert isinstance(column, Texts)
        unread += join.store_users(keys, column)
    return join, unread


def integers_in(value: Any) -> list[int]:
    if isinstance(value, list | tuple):
        return [each for part in value for each in integers_in(part)]
    return [value] if isinstance(value, int) else []


def is_read_as_in_python(state: bytes) -> bool:
    """Whether C reads the state; then it is kept as it is, and counts, as Python says."""
    join, unread = stored(state)
    if unread:
        assert (unread, join.counts.known) == ([0], 0)
        return False
    person, held = user_of(state)
    assert not held
    assert join.counts.known == 1
    assert join.counts.present == bool(person.sessions or person.left_at is not None)
    assert join.state("0") == state
    return True


@MANY
@given(
    person=people(st.integers(-(2**63), 2**64 - 1) | st.integers(-(2**40), 2**42)),
    fields=st.integers(0, 8),
)
def test_c_reads_states_as_python_does(person: Person, fields: int) -> None:
    told = msgspec.to_builtins(person)[:fields]
    state = msgspec.msgpack.encode((told, ()))
    assert is_read_as_in_python(state) == all(number < 2**63 for number in integers_in(told))


@MANY
@given(person=people(st.integers(-(2**40), 2**42)), data=st.data())
def test_damaged_states_are_left_to_python_which_refuses_them(
    person: Person, data: st.DataObject
) -> None:
    whole = msgspec.msgpack.encode((person, ()))
    state = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 3))):
        if state:
            state[data.draw(st.integers(0, len(state) - 1))] = data.draw(st.integers(0, 255))
    state += data.draw(st.binary(max_size=3))
    is_read_as_in_python(bytes(state))


@MANY
@given(state=st.binary(max_size=60) | st.binary(max_size=60).map(b"\x92\x98\x91\x95".__add__))
def test_any_bytes_are_left_to_python(state: bytes) -> None:
    is_read_as_in_python(state)


def test_states_with_messages_held_in_them_are_left_to_python() -> None:
    held = [Held(CHAT, message("bob", "ann"))]
    join, unread = stored(msgspec.msgpack.encode((Person(left_at=5), held)))
    assert (unread, join.counts.known) == ([0], 0)


def test_numbers_that_no_release_writes_are_refused() -> None:
    person = Person(last_seen=2**63)
    with pytest.raises(OverflowError):
        roster().restore([("ann", person, [], 0)])


@pytest.mark.parametrize("seed", range(4))
def test_restarts_among_many_users_who_come_and_go_change_nothing(
    seed: int, tmp_path: Path
) -> None:
    random = Random(seed)
    logs = random_events(random, 3_000, crowded=True)
    spans = PresenceSettings(
        session_timeout=timedelta(seconds=30), offline_grace=timedelta(seconds=5)
    )
    readers = [Reader(kind, spans, in_columns=True) for kind in (JoinLogic, CompiledJoinLogic)]
    if seed % 2:
        readers[1].place = DuckDBPlace(tmp_path / "chat.duckdb")  # type: ignore[assignment]
        readers[1].start()
    for number, turn in enumerate(in_parts(random, logs, dict.fromkeys(PLACES, 0), ended=True)):
        for reader in readers:
            reader.take(turn)
        assert readers[1].found == readers[0].found
        counts = [reader.logic._roster.counts() for reader in readers]
        assert counts[1] == counts[0]
        if number % 15 == 14:
            for reader in readers:
                reader.commit(
                    [(batch.progress.source, batch.progress.next_offset) for batch in turn]
                )
                reader.start()
    assert counts[1][1] > 10
