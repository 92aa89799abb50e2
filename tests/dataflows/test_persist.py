"""Batches in, rows of the tables out."""

import pytest

from dataflows.persist import headers_as_json, rows_of
from schemas.events import DeadLetter, DeadLetterBatch, Header, Progress
from schemas.rows import Rows
from schemas.tables import DEAD_LETTERS, MESSAGES, USER_EVENTS
from tests.builders import CHAT, USERS, batch, instant, message, online


def test_rows_come_before_the_progress_that_covers_them() -> None:
    rows, progress = rows_of(batch(CHAT, [message(offset=4), message(offset=5)]))
    assert isinstance(rows, Rows)
    assert (rows.table, len(rows), rows.progress) == (MESSAGES, 2, progress)
    assert isinstance(progress, Progress)
    assert progress.next_offset == 6


def test_an_empty_batch_is_only_progress() -> None:
    assert [type(item) for item in rows_of(batch(CHAT, [], 9))] == [Progress]


def test_progress_is_told_once_for_all_classes_of_a_batch() -> None:
    (rows,) = rows_of(batch(USERS, [online("ann", offset=3)]))
    assert isinstance(rows, Rows)
    assert rows.table is USER_EVENTS
    assert not list(rows_of(DeadLetterBatch(Progress(CHAT, 1, None), [])))


def test_every_column_of_a_row_has_its_value() -> None:
    rows, _ = rows_of(batch(CHAT, [message("ann", "bob", 2.5, offset=4, text="hi")]))
    assert isinstance(rows, Rows)
    found = dict(zip(rows.table.names, (column[0] for column in rows.columns), strict=True))
    assert (found["kafka_topic"], found["kafka_offset"]) == ("chat-messages", 4)
    assert (found["from_user"], found["to_user"], found["content"]) == ("ann", "bob", "hi")
    assert (found["created_at"], found["recorded_at"]) == (instant(2), instant(2.5))


def test_a_dead_letter_keeps_its_bytes() -> None:
    letter = DeadLetter(4, instant(1), "invalid_json", "no JSON", None, b"\xff", (("a", b"1"),))
    (rows,) = rows_of(DeadLetterBatch(Progress(CHAT, 5, None), [letter]))
    assert isinstance(rows, Rows)
    values = [column[0] for column in rows.columns]
    words = ("invalid_json", "no JSON")
    assert rows.table is DEAD_LETTERS
    assert values == [*CHAT, 4, *words, None, b"\xff", '[["a", "1"]]', instant(1)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), "[]"),
        ((("a", b"1"), ("a", None), ("b", "x")), '[["a", "1"], ["a", null], ["b", "x"]]'),
        ((("a", b"\xff\x00"),), '[["a", "0xff00"]]'),
        ((("a", "早".encode()),), '[["a", "\\u65e9"]]'),
    ],
    ids=["none", "in-order", "binary", "unicode"],
)
def test_headers_are_a_list_of_pairs(headers: tuple[Header, ...], expected: str) -> None:
    assert headers_as_json(headers) == expected
