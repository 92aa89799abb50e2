"""Users of whom nothing is made after a start until something happens to them."""

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
from dataflows import status
from dataflows.compiled_join import KINDS, CompiledJoinLogic
from dataflows.compiled_roster import CompiledRoster
from dataflows.groups import Groups
from dataflows.holding import Held
from dataflows.join import JoinLogic
from dataflows.join_states import user_of
from dataflows.roster import Roster
from dataflows.sessions import Coordinates, Ended, Person, Session
from native.join import Join
from native.library import library
from schemas.columns import Texts
from schemas.directory import Directory
from schemas.packed import packed_rows
from tests.builders import CHAT, Event, instant, message, user_event
from tests.dataflows.join_reading import Reader, in_parts
from tests.dataflows.random_events import PLACES, random_events
from tests.dataflows.rosters import GRACE, TIMEOUT, candidates, changes, everybody, roster, see
from tests.places import DuckDBPlace

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

SPANS = TIMEOUT * 1000, GRACE * 1000
TIMES = st.integers(-100, 2 * TIMEOUT).map(instant)
MANY = hypothesis_settings(max_examples=300, deadline=None, derandomize=True)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def people(times: st.SearchStrategy[int]) -> st.SearchStrategy[Person]:
    maybe = st.none() | times
    sessions = st.lists(
        st.builds(Session, NAMES, maybe, maybe, times, times),
        max_size=3,
        unique_by=lambda session: session.name,
    )
    by = st.builds(Coordinates, st.none() | NAMES, maybe, maybe)
    ended = st.lists(st.builds(Ended, NAMES, times), max_size=3).map(tuple)
    words = st.sampled_from(["online", "offline"])
    return st.builds(Person, sessions.map(tuple), times, words, times, maybe, NAMES, by, ended)


def stored(*states: bytes) -> tuple[Join, list[int]]:
    """A join with these states of users named by their numbers; and which it cannot read."""
    join = Join(KINDS)
    rows = ((str(number), state) for number, state in enumerate(states))
    unread: list[int] = []
    for keys, column in packed_rows(rows):
        assert isinstance(column, Texts)
        unread += join.store_users(keys, column, *SPANS)
    return join, unread


def integers_in(value: Any) -> list[int]:
    if isinstance(value, list | tuple):
        return [each for part in value for each in integers_in(part)]
    return [value] if isinstance(value, int) else []


def is_read_as_in_python(state: bytes) -> bool:
    """Whether C reads the state; then it is due, and counts, as Python says."""
    join, unread = stored(state)
    if unread:
        assert (unread, join.stored.left) == ([0], 0)
        return False
    person, held = user_of(state)
    assert not held
    due = status.next_due(person, 0, *SPANS)
    assert join.stored.present == bool(person.sessions or person.left_at is not None)
    assert not join.take_due(max(due - 1, -(2**63))) or due == -(2**63)
    assert join.take_due(due)
    assert join.stored.user() == ("0", state)
    assert (join.stored.left, join.stored.present) == (0, 0)
    return True


@MANY
@given(
    person=people(st.integers(-(2**63), 2**64 - 1) | st.integers(-(2**40), 2**42)),
    fields=st.integers(0, 8),
)
def test_c_reads_states_as_python_does(person: Person, fields: int) -> None:
    told = msgspec.to_builtins(person)[:fields]
    state = msgspec.msgpack.encode((told, ()))
    due = status.next_due(user_of(state)[0], 0, *SPANS)
    fits = all(number < 2**63 for number in [*integers_in(told), due])
    assert is_read_as_in_python(state) == fits


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
    assert (unread, join.stored.left) == ([0], 0)


def possible(person: Person) -> Person:
    """The same as the rules leave it: a grace runs, or a user is gone, only without a session."""
    if person.sessions:
        return msgspec.structs.replace(person, left_at=None)
    return person if person.left_at is not None else status.published(person, "offline", 0)


@hypothesis_settings(max_examples=60, deadline=None, derandomize=True)
@given(
    known=st.lists(people(TIMES).map(possible), max_size=5),
    moves=st.lists(st.integers(0, 11), max_size=8),
)
def test_what_happens_to_stored_users_is_what_happens_to_restored_ones(
    known: list[Person], moves: list[int]
) -> None:
    plain = Roster(*SPANS, Groups(Directory(), everybody), everybody)
    plain.restore((str(number), person, [], 0) for number, person in enumerate(known))
    compiled = roster()
    assert isinstance(compiled, CompiledRoster)
    states = [msgspec.msgpack.encode((person, ())) for person in known]
    for keys, column in packed_rows((str(at), state) for at, state in enumerate(states)):
        assert isinstance(column, Texts)
        assert not compiled.store(keys, column)
    for number, move in enumerate(moves):
        at, user_id = number * TIMEOUT / 4, str(move % 6)
        sessions = [each for person in known[move % 6 :][:1] for each in person.sessions]
        names = filter(None, [session.name for session in sessions])
        signs = [user_event("user_typing", user_id, at + 1, session=name) for name in names]
        said = [message(user_id, "5", at), message("5", user_id, at, offset=number)]
        events: list[Event] = [*said, *signs]
        for each in (plain, compiled):
            for event in events[move % 2 :]:
                see(each, event)
            each.look_back()
        assert compiled.counts() == plain.counts()
        assert {name: compiled.person(name) for name in compiled.touched} == {
            name: plain.person(name) for name in plain.touched
        }
    until = 5 * TIMEOUT
    assert changes(compiled, until) == changes(plain, until)
    assert candidates(compiled) == candidates(plain)
    assert compiled.people == plain.people


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
    waiting = 0
    for number, turn in enumerate(in_parts(random, logs, dict.fromkeys(PLACES, 0), ended=True)):
        for reader in readers:
            reader.take(turn)
        assert readers[1].found == readers[0].found
        counts = [reader.logic._roster.counts() for reader in readers]
        assert counts[1] == counts[0]
        waiting = max(waiting, counts[1][1] - len(readers[1].logic._roster.people))
        if number % 15 == 14:
            for reader in readers:
                reader.commit(
                    [(batch.progress.source, batch.progress.next_offset) for batch in turn]
                )
                reader.start()
    assert waiting > 10
