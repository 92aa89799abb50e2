"""Rows of many batches put together in C are the rows that they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.persist import rows_of
from native import together as module
from native.append import append_messages
from native.columns import Batch, MessageColumns
from native.library import library
from native.together import can_be_together, together
from schemas.columns import Numbers
from schemas.events import ChatMessage, MessageBatch, Progress, TopicPartition
from schemas.rows import Rows
from sinks.arrow import arrow_table
from tests.builders import message

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
_MESSAGES = st.builds(
    message,
    st.none() | st.just("ann"),
    group=st.none() | st.just("crew"),
    text=_TEXTS,
    file_size=st.none() | st.integers(1, 2**40),
    at=st.integers(0, 10**6),
)


def rows(number: int, messages: list[ChatMessage]) -> Rows:
    """As `persist` makes them of what the compiled decoder leaves."""
    batch = Batch()
    append_messages(batch, messages)
    progress = Progress(TopicPartition("chat-messages", number % 3), 0, None)
    (made, _) = rows_of(MessageBatch(progress, MessageColumns(batch)))
    assert isinstance(made, Rows)
    return made


def lists(found: list[Rows]) -> list[tuple[object, ...]]:
    return [row for each in found for row in zip(*each.columns, strict=True)]


_PARTS = st.lists(st.lists(_MESSAGES, min_size=1, max_size=5), min_size=1, max_size=6)


@given(parts=_PARTS)
def test_all_rows_are_there_in_their_order(parts: list[list[ChatMessage]]) -> None:
    found = [rows(number, part) for number, part in enumerate(parts)]
    expected = lists(found)
    (one,) = together(found)
    del found  # what they stand in is freed; the copy does not need it
    assert lists([one]) == expected
    assert arrow_table(one).num_rows == len(expected)
    assert arrow_table(one).column("content").to_pylist() == list(one.columns[9])


def test_what_is_too_large_for_one_column_stays_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [rows(number, [message(text="w" * 100, offset=number)]) for number in range(8)]
    monkeypatch.setattr(module, "_MOST_BYTES", 400)
    apart = together(found)
    assert 1 < len(apart) < len(found)
    assert lists(apart) == lists(found)


def test_numbers_that_may_be_missing_are_left_as_they_are() -> None:
    made = rows(0, [message()])
    flags = Numbers(None, 1, 0, 8, 1)
    assert can_be_together(made)
    assert not can_be_together(Rows(made.table, [*made.columns[:-1], flags]))
