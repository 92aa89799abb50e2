"""What happens to users in C is what happens to them in Python, as the rules there say."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dataflows import status
from dataflows.compiled_roster import CompiledRoster
from dataflows.groups import Groups
from dataflows.join_states import state_of
from dataflows.roster import Roster
from dataflows.sessions import Ended, Person, Session
from native.library import library
from schemas.columns import Texts
from schemas.directory import Directory
from schemas.packed import packed_rows
from tests.builders import Event, instant, message, user_event
from tests.dataflows.people import TIMES, people, possible
from tests.dataflows.rosters import (
    GRACE,
    TIMEOUT,
    candidates,
    changes,
    everybody,
    left,
    roster,
    see,
)

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

SPANS = TIMEOUT * 1000, GRACE * 1000
MANY = hypothesis_settings(max_examples=300, deadline=None, derandomize=True)


def both(known: list[Person], grace: int = GRACE) -> tuple[Roster, CompiledRoster]:
    """The rosters in Python and in C after a start with these users, named by their numbers."""
    plain = Roster(TIMEOUT * 1000, grace * 1000, Groups(Directory(), everybody), everybody)
    plain.restore((str(number), person, [], 0) for number, person in enumerate(known))
    compiled = roster(grace=grace)
    assert isinstance(compiled, CompiledRoster)
    for keys, states in packed_rows((str(at), state_of(each)) for at, each in enumerate(known)):
        assert isinstance(states, Texts)
        assert not compiled.store(keys, states)
    return plain, compiled


def agree(plain: Roster, compiled: Roster) -> None:
    assert compiled.counts() == plain.counts()
    assert changes(compiled) == changes(plain)
    assert [each.by for each in compiled.changes] == [each.by for each in plain.changes]
    # Those of one activation come in no certain order.
    assert sorted(candidates(compiled)) == sorted(candidates(plain))
    assert left(compiled) == left(plain)


@MANY
@given(known=st.lists(people(TIMES).map(possible), max_size=5), grace=st.sampled_from([0, GRACE]))
def test_what_time_does_to_stored_users_is_what_it_does_in_python(
    known: list[Person], grace: int
) -> None:
    plain, compiled = both(known, grace)
    first = min((status.next_due(each, 0, *SPANS) for each in known), default=0)
    for now in (first - 1, first, first + 1, *(instant(at * TIMEOUT / 3) for at in range(12))):
        for each in (plain, compiled):
            each.advance(now)
        agree(plain, compiled)
    assert compiled.counts() == (0, 0)


NAMED = st.sampled_from(["", "s", "any", "worker-1", "worker--2", "会话", "x" * 40])
TOLD = st.sampled_from([None, None, 1, -2, 2**40])


@st.composite
def turns(draw: st.DrawFn) -> tuple[Person, list[Event]]:
    """A user of few names, and events that mean some of them."""
    made = draw(people(TIMES).map(possible))
    sessions = draw(
        st.lists(
            st.builds(Session, NAMED.filter(bool), TOLD, TOLD, TIMES, TIMES),
            max_size=4,
            unique_by=lambda session: session.name,
        )
    )
    ended = draw(st.lists(st.builds(Ended, NAMED, TIMES), max_size=10))
    person = possible(msgspec.structs.replace(made, sessions=(*sessions,), ended=(*ended,)))
    kinds = st.sampled_from(["user_online", "user_offline", "heartbeat", "user_typing"])
    events = st.builds(
        lambda kind, at, name, worker, connected: user_event(
            kind, "0", at, session=name or None, worker=worker, connected=connected
        ),
        *(kinds, st.integers(0, 40), NAMED, TOLD, TOLD),
    )
    return person, draw(st.lists(events, max_size=12))


@MANY
@given(known=turns(), grace=st.sampled_from([0, GRACE]))
def test_any_events_do_to_a_stored_user_what_they_do_in_python(
    known: tuple[Person, list[Event]], grace: int
) -> None:
    person, events = known
    plain, compiled = both([person], grace)
    for number, event in enumerate(events):
        placed = msgspec.structs.replace(event, kafka_offset=number)
        for each in (plain, compiled):
            see(each, placed)
        assert compiled.person("0") == plain.person("0")
        if number % 3 == 2:
            agree(plain, compiled)
    agree(plain, compiled)


@hypothesis_settings(max_examples=60, deadline=None, derandomize=True)
@given(
    known=st.lists(people(TIMES).map(possible), max_size=5),
    moves=st.lists(st.integers(0, 11), max_size=8),
)
def test_what_happens_to_stored_users_is_what_happens_to_restored_ones(
    known: list[Person], moves: list[int]
) -> None:
    plain, compiled = both(known)
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
        agree(plain, compiled)
    for each in (plain, compiled):
        each.advance(instant(5 * TIMEOUT))
    agree(plain, compiled)
