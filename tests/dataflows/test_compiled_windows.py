"""Windows in C and in Python, side by side."""

import gc
import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.compiled_windows import CompiledWindows
from dataflows.windows import Windows
from native.append import append_messages
from native.columns import Batch, MessageColumns
from native.library import library
from schemas.events import ChatMessage
from schemas.rows import Rows
from sinks.memory import WindowState
from tests.builders import message

pytestmark = pytest.mark.skipif(library() is None, reason="the library is not built")

MINUTE = 60_000
# Long enough for every path through a hash, some of them only beginnings of others.
NAMES = ["a", "ab", "早", "a" * 8, "a" * 9, "group", "x" * 300, "\U0001f600" * 3]

Kind = tuple[str, int, str]
Step = tuple[str, Any]

seeds = st.integers(0, 2**32)
names = st.sampled_from(NAMES)
kinds = st.tuples(st.sampled_from(["message", "group_message"]), st.integers(-1, 3), names)
instants = st.one_of(st.integers(0, 5 * MINUTE), st.integers(0, 2**60), st.just(0))
adds = st.tuples(st.sampled_from(["list", "columns"]), st.tuples(seeds, st.integers(0, 60)))
steps = st.lists(
    st.one_of(
        adds,
        adds,
        st.tuples(st.just("close"), st.one_of(st.integers(-MINUTE, 6 * MINUTE), instants)),
        st.tuples(st.just("changed"), st.none()),
    ),
    max_size=12,
)
states = st.dictionaries(
    st.tuples(st.integers(0, 4), kinds),
    st.tuples(st.integers(1, 9), st.integers(0, 99), st.sets(names)),
    max_size=5,
)


def random_messages(seed: int, count: int) -> list[ChatMessage]:
    """In few windows, of few people and groups, or of many of all of them."""
    rng = random.Random(seed)
    spread, people = rng.choice([2, 300]) * MINUTE, rng.choice([3, 200])
    instant = rng.randrange(spread)
    return [
        ChatMessage(
            kafka_offset=offset,
            event_type=rng.choice(["message", "group_message"]),
            created_at=(instant := rng.choice([instant, instant + 1, rng.randrange(spread)])),
            recorded_at=0,
            event_time=0,
            message_id="",
            conversation_id="",
            from_user=rng.choice([None, *NAMES, f"p{rng.randrange(people)}"]),
            to_user=None,
            group_id=rng.choice([None, *NAMES, f"g{rng.randrange(people)}"]),
            content="早" * rng.randrange(4),
            content_type=rng.randrange(-1, 4),
            message_type=1,
            file_name=None,
            file_size=rng.choice([None, 0, 2**40]),
        )
        for offset in range(count)
    ]


def in_columns(found: Sequence[ChatMessage]) -> MessageColumns:
    batch = Batch()
    append_messages(batch, found)
    return MessageColumns(batch)


def values(found: list[Rows]) -> list[tuple[Any, ...]]:
    return [row for rows in found for row in zip(*rows.columns, strict=True)]


def done(windows: Windows | CompiledWindows, name: str, argument: Any) -> object:
    """What a step leads to."""
    if name == "close":
        return values(windows.close(argument))
    if name == "changed":
        return values(windows.changed())
    found = random_messages(*argument)
    return windows.add(in_columns(found) if name == "columns" else found, len(found) // 5)


@given(st.one_of(st.none(), st.integers(-MINUTE, 3 * MINUTE)), states, steps)
def test_windows_in_c_are_those_in_python(
    closed_until: int | None,
    restored: dict[tuple[int, Kind], tuple[int, int, set[str]]],
    taken: list[Step],
) -> None:
    both = Windows(MINUTE, closed_until), CompiledWindows(MINUTE, closed_until)
    for (number, kind), (messages, size, senders) in restored.items():
        for windows in both:
            state = WindowState(number * MINUTE, *kind, messages, size, tuple(senders))
            windows.restore(state)
    for step in [*taken, ("changed", None), ("close", 2**61), ("changed", None)]:
        expected, found = (done(windows, *step) for windows in both)
        assert found == expected
        assert both[0].late == both[1].late


def test_an_instant_before_1970_has_the_window_that_python_gives_it() -> None:
    found = [msgspec.structs.replace(message(), created_at=-1)]
    both = Windows(MINUTE, None), CompiledWindows(MINUTE, None)
    for windows in both:
        windows.add(found)
    assert values(both[1].close(0)) == values(both[0].close(0))


@pytest.mark.parametrize("instant", [-(2**63), 2**63 - 1])
def test_no_instant_is_too_far_away_for_a_window(instant: int) -> None:
    windows = CompiledWindows(MINUTE, None)
    windows.add([msgspec.structs.replace(message(), created_at=instant)])
    ((start, end, *_),) = values(windows.changed())
    assert start <= instant <= end


def test_rows_are_there_for_longer_than_their_windows() -> None:
    windows = CompiledWindows(MINUTE, None)
    windows.add([message(group=f"g{number}") for number in range(500)])
    found = windows.changed()
    windows.close(2**61)
    del windows
    gc.collect()
    assert [row[4] for row in values(found)] == [f"g{number}" for number in range(500)]
