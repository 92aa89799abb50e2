"""A batch that is columns in C arrives as the same columns, and as one that is a list would."""

import pickle
from datetime import timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import PresenceSettings
from dataflows.compiled_join import CompiledJoinLogic
from dataflows.compiled_windows import CompiledWindows
from dataflows.gather import Parcel
from dataflows.timeline import EventBatch
from native.columns import MessageColumns, UserEventColumns
from native.library import library
from schemas.events import ChatMessage, MessageBatch, Progress, UserEvent, UserEventBatch
from tests.builders import CHAT, USERS, message
from tests.dataflows.join_reading import Finding, Reader, columns, in_parts
from tests.dataflows.random_events import PLACES, random_events

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

_NUMBERS = st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
_OPTIONAL = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
_MESSAGES = st.builds(
    ChatMessage,
    *(_NUMBERS, _TEXTS, _NUMBERS, _NUMBERS, _NUMBERS, _TEXTS, _TEXTS),
    *(_OPTIONAL, _OPTIONAL, _OPTIONAL, _TEXTS),
    content_type=st.sampled_from([1, 2, 6, 7]) | st.integers(-(2**31), 2**31 - 1),
    message_type=st.integers(-(2**31), 2**31 - 1),
    file_name=_OPTIONAL,
    file_size=st.none() | st.integers(1, 2**62),
)
_USER_EVENTS = st.builds(
    UserEvent,
    *(_NUMBERS, _TEXTS, _NUMBERS, _NUMBERS, _NUMBERS, _TEXTS, _OPTIONAL),
    *(st.none() | _NUMBERS, st.none() | _NUMBERS, _OPTIONAL, _OPTIONAL),
)
_PROGRESS = Progress(CHAT, 17, 5000, 30, ended=True)


def crossed(batch: EventBatch, *, into_library: bool = True) -> EventBatch:
    """As the engine hands it over in another process, which has a library or has none."""
    parcel = Parcel(2, batch)
    parcel.__reduce__()  # the engine asks how long it is
    data = pickle.dumps(parcel)
    with pytest.MonkeyPatch.context() as patch:
        if not into_library:
            patch.setattr("native.parcel.library", lambda: None)
        found: Parcel = pickle.loads(data)
    assert found.process == 2
    return found.batch


@given(events=st.lists(_MESSAGES, max_size=20))
def test_columns_of_messages_arrive_as_a_list_of_them_does(events: list[ChatMessage]) -> None:
    sent = MessageBatch(_PROGRESS, events)
    expected = crossed(sent)
    found, without = crossed(columns(sent)), crossed(columns(sent), into_library=False)

    assert (type(found.events), type(without.events)) == (MessageColumns, list)
    assert found == without == expected


@given(events=st.lists(_USER_EVENTS, max_size=20))
def test_columns_of_user_events_arrive_as_they_were(events: list[UserEvent]) -> None:
    sent = UserEventBatch(Progress(USERS, 4, None), events)
    found, without = crossed(columns(sent)), crossed(columns(sent), into_library=False)

    assert (type(found.events), type(without.events)) == (UserEventColumns, list)
    assert found == without == sent


def test_columns_cross_without_an_event_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MessageColumns, "_all", None)
    monkeypatch.setattr(UserEventColumns, "_all", None)
    for batch in (MessageBatch(_PROGRESS, [message()]), UserEventBatch(_PROGRESS, [])):
        assert len(crossed(columns(batch)).events) == len(batch.events)


def test_no_word_of_a_message_is_in_the_bytes_but_of_a_call() -> None:
    said = [message(text="a secret"), message(text="rings", content_type=6)]

    data = pickle.dumps(Parcel(1, columns(MessageBatch(_PROGRESS, said))))

    assert b"secret" not in data
    assert b"rings" in data


def test_a_batch_that_arrived_is_one_like_any_other_and_can_be_sent() -> None:
    arrived = crossed(columns(MessageBatch(_PROGRESS, [message(text="早", file_size=7)])))
    assert crossed(arrived) == arrived


@given(seed=st.integers(0, 2**32))
def test_statistics_of_what_arrived_are_those_of_what_was_sent(seed: int) -> None:
    sent, arrived = CompiledWindows(60_000, None), CompiledWindows(60_000, None)
    for events in random_events(Random(seed), 300).values():
        said = [event for event in events if isinstance(event, ChatMessage)]
        batch = columns(MessageBatch(_PROGRESS, said))
        sent.add(batch.events)  # type: ignore[arg-type]  # they are messages
        arrived.add(crossed(batch).events)  # type: ignore[arg-type]

    rows, expected = (
        [list(zip(*rows.columns, strict=True)) for rows in each.changed()]
        for each in (arrived, sent)
    )
    assert rows == expected


@pytest.mark.parametrize("seed", range(10))
def test_the_join_finds_in_what_arrived_what_it_finds_in_what_was_sent(seed: int) -> None:
    random = Random(seed)
    spans = PresenceSettings(offline_grace=timedelta(seconds=2))
    sent, arrived = (Reader(CompiledJoinLogic, spans, in_columns=False) for _ in range(2))
    logs = random_events(random, 1000)
    for turn in in_parts(random, logs, dict.fromkeys(PLACES, 0), ended=True):
        sent.take(turn)
        arrived.take([crossed(columns(batch)) for batch in turn])

    assert len(sent.found) > 10
    assert list(map(without_file, arrived.found)) == list(map(without_file, sent.found))


def without_file(found: Finding) -> Finding:
    """A finding of the join; the message of a candidate without what no push looks at."""
    return tuple(
        msgspec.structs.replace(each, file_name=None, file_size=None)
        if isinstance(each, ChatMessage)
        else each
        for each in found
    )
