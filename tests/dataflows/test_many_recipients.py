"""Recipients of many messages are decided as they would be message by message."""

import gc
import weakref
from collections.abc import Sequence

import pytest

from dataflows.candidates import AnyRecipients, one_by_one
from dataflows.compiled_candidates import RecipientColumns
from dataflows.compiled_join import CompiledJoinLogic
from dataflows.join import Part
from dataflows.policy import Policy
from dataflows.push import Decided, decide
from native.library import library
from schemas.directory import Directory, UserEntry
from schemas.events import TopicPartition
from sinks.memory import NoMemory
from tests.builders import CHAT, GROUPS, USERS, Event, batch, instant, message, offline, online
from tests.flow_runs import settings

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

MAX_AGE = 600_000
MUTED = Directory(users={"bob": UserEntry(mute_all=True)})


def recipients() -> list[AnyRecipients]:
    """Of messages and calls, to people away, leaving and among themselves."""
    logic = CompiledJoinLogic(NoMemory(), 1, Directory(), settings().presence, {})
    crew = [message("ann", group="crew", at=at, offset=at) for at in range(5)]
    told = [
        message("eve", group="crew", at=6, offset=6),
        message("dan", group="crew", at=7, offset=7),
    ]
    direct = [message("ann", "bob", at=at, text="早", offset=at) for at in range(6)]
    calls = [message("ann", "bob", at=8, content_type=7, text="offer", offset=8)]
    people = [online("ann", 0, session="a"), offline("ann", 7, session="a", offset=1)]
    parts: list[tuple[TopicPartition, Sequence[Event]]] = [
        (GROUPS, [*crew, *told]),
        (CHAT, [*direct, *calls]),
        (USERS, people),
    ]
    parts += [(source, [message("x", "y", at=99, offset=99)]) for source in (GROUPS, CHAT)]
    parts += [(USERS, [online("z", 99, offset=99)])]
    found = logic.on_batch([Part(0, batch(source, events)) for source, events in parts])[0]
    return [each for every in found for each in every.recipients]


def decisions(found: Sequence[AnyRecipients], directory: Directory, now: int) -> Decided:
    return decide(found, Policy(directory, MAX_AGE, 60_000, "log"), now)


def rows(decided: Decided) -> list[tuple[object, ...]]:
    return sorted(row for found in decided.decisions for row in zip(*found.columns, strict=True))


@pytest.mark.parametrize("directory", [Directory(), MUTED], ids=["no directory", "a directory"])
@pytest.mark.parametrize("age", [0, MAX_AGE, MAX_AGE + 3_000, 10 * MAX_AGE])
def test_many_are_decided_as_one_by_one(directory: Directory, age: int) -> None:
    found, now = recipients(), instant(0) + age
    assert any(isinstance(each, RecipientColumns) for each in found)
    together = decisions(found, directory, now)
    apart = decisions(list(one_by_one(found)), directory, now)
    assert rows(together) == rows(apart)
    assert set(together.requests) == set(apart.requests)
    assert len(rows(together)) >= 10


def test_what_was_found_is_let_go_at_once() -> None:
    found = [each for each in recipients() if isinstance(each, RecipientColumns)]
    gone = weakref.ref(found[0].messages.batch)
    gc.disable()  # it runs so seldom that whole epochs would pile up
    try:
        del found
        assert gone() is None
    finally:
        gc.enable()
