"""Columns in memory of the compiled library read like the lists that they stand for."""

import pickle
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.append import append_messages, append_user_events
from native.columns import Batch, MessageColumns, UserEventColumns
from native.library import library
from native.tally import tally
from schemas.events import ChatMessage
from schemas.rows import Rows, Table, Type
from sinks.arrow import arrow_table
from tests.builders import message, online

pytestmark = pytest.mark.skipif(library() is None, reason="no compiled library")

_TYPES = st.lists(st.sampled_from([f"type {number}" for number in range(70)]), max_size=200)


def columns(*messages: ChatMessage) -> MessageColumns:
    batch = Batch()
    append_messages(batch, messages)
    return MessageColumns(batch)


MESSAGES = [message(text="早", offset=3), message(None, None, group="crew", file_size=7, offset=4)]


def test_columns_are_equal_to_their_list() -> None:
    found = columns(*MESSAGES)
    assert found == MESSAGES
    assert (len(found), found[1], found[0:1]) == (2, MESSAGES[1], MESSAGES[:1])


def test_user_events_keep_numbers_that_are_missing() -> None:
    events = [online("ann", worker=0, offset=1), online("bob", connected=5, offset=2)]
    batch = Batch()
    append_user_events(batch, events)
    assert UserEventColumns(batch) == events


def test_columns_that_are_copied_or_sent_are_lists() -> None:
    assert pickle.loads(pickle.dumps(columns(*MESSAGES))) == MESSAGES


def test_a_column_outlives_its_batch() -> None:
    contents = columns(*MESSAGES).texts("content")
    assert list(contents) == ["早", "hi"]
    assert (contents.text(0), contents.size) == ("早", len("早hi".encode()))


def test_arrow_takes_over_texts_and_numbers_with_what_is_missing() -> None:
    found = columns(*MESSAGES)
    table = Table(
        "t", (("group_id", Type.TEXT), ("file_size", Type.BIGINT), ("content", Type.TEXT))
    )
    rows = Rows(table, [found.column(name) for name in table.names])
    assert arrow_table(rows).to_pydict() == {
        "group_id": [None, "crew"],
        "file_size": [None, 7],
        "content": ["早", "hi"],
    }


@given(types=_TYPES)
def test_types_are_counted_like_a_list_of_them(types: list[str]) -> None:
    events = [msgspec.structs.replace(message(), event_type=kind) for kind in types]
    assert tally(columns(*events).texts("event_type")) == Counter(types)
