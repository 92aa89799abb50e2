"""What a producer's retry sent twice is told alike by both readings, whatever came before."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.repeats import FOLD_HORIZON, PlainDecoder
from native import decoding
from native.decoding import PartitionDecoder
from native.library import library
from schemas.packed import PackedRows, packed_rows
from sinks.duckdb_answers import packed
from tests.builders import CHAT, START, message
from tests.places import TOLERANCE
from tests.wire import records

pytestmark = pytest.mark.skipif(library() is None, reason="the library was not built")

_IDS = st.sampled_from([*(f"id-{number}" for number in range(5)), "早"])
_STEPS = st.sampled_from([0, 0, 1, 5, 299, 300, 301, 599, 600, 601, 1201, -3, -700])
"""Seconds from one message to the next; repeats are looked for among those of ten minutes."""
_TRAFFIC = st.lists(st.lists(st.tuples(_IDS, _STEPS), max_size=8), min_size=1, max_size=6)
_STORED = st.lists(st.tuples(_IDS, st.integers(0, 900)), max_size=5, unique_by=lambda each: each[0])


def answered(ids: list[tuple[str, int]]) -> PackedRows:
    """As a database answers: columns that begin somewhere in their memory, in parts."""
    names, times = zip(("before", 0), *ids, strict=True)
    table = pa.table({"id": pa.array(names), "at": pa.array(times, pa.int64())}).slice(1)
    return packed(pa.concat_tables([table.slice(0, 2), table.slice(2)]))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(traffic=_TRAFFIC, stored=_STORED)
def test_both_readings_leave_the_same_messages_out(
    traffic: list[list[tuple[str, int]]], stored: list[tuple[str, int]]
) -> None:
    ids = [(name, START + 1000 * at) for name, at in stored]
    decoders = (
        PlainDecoder(CHAT, TOLERANCE, FOLD_HORIZON, packed_rows(ids)),
        PartitionDecoder(CHAT, TOLERANCE, FOLD_HORIZON, answered(ids)),
    )
    at, first = 900, 0
    for batch in traffic:
        said = []
        for name, step in batch:
            at = max(at + step, 0)
            said.append(message(message_id=name, at=at))
        log = records(said, first)
        first += len(log)
        plain, compiled = (decoder.decode(log) for decoder in decoders)
        assert list(compiled.messages) == list(plain.messages)
        assert compiled.newest == plain.newest


@pytest.mark.parametrize(("at", "kept"), [(1500, 0), (1501, 1)])
def test_a_stored_message_that_came_late_was_seen_when_it_came(at: int, kept: int) -> None:
    ids = [("newer", START + 900_000), ("late", START)]
    for decoder in (
        PlainDecoder(CHAT, TOLERANCE, FOLD_HORIZON, packed_rows(ids)),
        PartitionDecoder(CHAT, TOLERANCE, FOLD_HORIZON, answered(ids)),
    ):
        found = decoder.decode(records([message(message_id="late", at=at)], 0))
        assert len(found.messages) == kept


def test_records_too_large_for_one_column_are_decoded_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = records([message(message_id=f"id-{at % 5}", at=at) for at in range(9)])
    whole, parts = (PartitionDecoder(CHAT, TOLERANCE, FOLD_HORIZON, ()) for _ in range(2))
    expected = whole.decode(log)
    monkeypatch.setattr(decoding, "MOST_BYTES", 2_000)
    found = parts.decode(log)
    assert isinstance(found.messages, list)
    assert (found.messages, found.newest) == (list(expected.messages), expected.newest)
