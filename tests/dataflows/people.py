"""Users as a store can have them, and as the rules leave them."""

import msgspec
from hypothesis import strategies as st

from dataflows import status
from dataflows.sessions import Coordinates, Ended, Person, Session
from tests.builders import instant
from tests.dataflows.rosters import TIMEOUT

TIMES = st.integers(-100, 2 * TIMEOUT).map(instant)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def people(times: st.SearchStrategy[int]) -> st.SearchStrategy[Person]:
    maybe = st.none() | times
    sessions = st.lists(
        st.builds(Session, NAMES, maybe, maybe, times, times),
        max_size=3,
        unique_by=lambda session: session.name,
    )
    partitions = st.none() | st.integers(0, 2**31 - 1)
    by = st.builds(Coordinates, st.none() | NAMES.filter(bool), partitions, maybe)
    ended = st.lists(st.builds(Ended, NAMES, times), max_size=3).map(tuple)
    words = st.sampled_from(["online", "offline"])
    return st.builds(Person, sessions.map(tuple), times, words, times, maybe, NAMES, by, ended)


def possible(person: Person) -> Person:
    """The same as the rules leave it: a grace runs, or a user is gone, only without a session."""
    if person.sessions:
        return msgspec.structs.replace(person, left_at=None)
    return person if person.left_at is not None else status.published(person, "offline", 0)
