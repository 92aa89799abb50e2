from collections.abc import Callable, Iterable

import pytest
from typing_extensions import override

from dataflows.compiled_windows import CompiledWindows
from dataflows.windows import WindowRow, Windows, weight
from native.append import append_messages
from native.columns import Batch, MessageColumns
from native.library import library
from schemas.events import ChatMessage
from schemas.rows import Rows
from sinks.epoch import WindowKey
from sinks.memory import WindowState
from tests.builders import instant, message

MINUTE = 60_000

needs_library = pytest.mark.skipif(library() is None, reason="the library is not built")


class InColumns(CompiledWindows):
    """Gets its messages in columns of the library."""

    @override
    def add(self, messages: Iterable[ChatMessage], mark: int = 0) -> set[WindowKey]:
        batch = Batch()
        append_messages(batch, list(messages))
        return super().add(MessageColumns(batch), mark)


Open = Callable[[int, int | None], Windows | CompiledWindows]
COMPILED = [
    pytest.param(kind, id=name, marks=needs_library)
    for kind, name in [(CompiledWindows, "compiled"), (InColumns, "in columns")]
]


@pytest.fixture(params=[pytest.param(Windows, id="python"), *COMPILED])
def begin(request: pytest.FixtureRequest) -> Open:
    """Makes windows: every way of counting keeps the same rules."""
    found: Open = request.param
    return found


def opened(begin: Open, *found: ChatMessage) -> Windows | CompiledWindows:
    windows = begin(MINUTE, None)
    assert not windows.add(found)
    return windows


def all_rows(found: Iterable[Rows]) -> list[WindowRow]:
    return [WindowRow(*row) for rows in found for row in zip(*rows.columns, strict=True)]


def row(start: float, messages: int, senders: int, size: int, *, closed: bool = True) -> WindowRow:
    kind = ("message", 1, "")
    return WindowRow(instant(start), instant(start + 60), *kind, messages, senders, size, closed, 0)


def starts(found: Iterable[Rows]) -> list[int]:
    return [row.window_start for row in all_rows(found)]


def test_a_window_holds_its_beginning_and_not_its_end(begin: Open) -> None:
    windows = opened(begin, message("ann", at=0), message("ann", at=59), message("ann", at=60))
    assert all_rows(windows.close(instant(60))) == [row(0, 2, 1, 4)]


def test_a_window_closes_when_its_end_is_reached(begin: Open) -> None:
    windows = opened(begin, message(at=0))
    assert windows.close(instant(60) - 1) == []
    assert all_rows(windows.close(instant(60))) == [row(0, 1, 1, 2)]
    assert windows.close(instant(600)) == []


def test_windows_close_oldest_first(begin: Open) -> None:
    windows = opened(begin, message(at=120), message(at=0), message(at=60))
    assert starts(windows.close(instant(180))) == [instant(0), instant(60), instant(120)]


def test_senders_are_counted_once_and_unknown_ones_not(begin: Open) -> None:
    windows = opened(begin, message("ann"), message("bob"), message("ann"), message(None))
    (found,) = all_rows(windows.close(instant(60)))
    assert (found.messages, found.senders) == (4, 2)


def test_each_kind_has_a_row_of_its_own(begin: Open) -> None:
    found = [message(), message(content_type=2), message(group="team"), message(group="crew")]
    rows = all_rows(opened(begin, *found).close(instant(60)))
    assert sorted(found[2:5] for found in rows) == [
        ("group_message", 1, "crew"),
        ("group_message", 1, "team"),
        ("message", 1, ""),
        ("message", 2, ""),
    ]


def test_a_message_for_a_closed_window_is_late_and_not_counted_here(begin: Open) -> None:
    windows = opened(begin, message(at=0))
    windows.close(instant(60))
    assert windows.add([message(at=3)]) == {WindowKey(instant(0), instant(60), "message", 1, "")}
    assert windows.close(instant(600)) == []


def test_windows_closed_by_an_earlier_execution_stay_closed(begin: Open) -> None:
    windows = begin(MINUTE, instant(60))
    assert windows.add([message(at=59)])
    assert not windows.add([message(at=60)])


def test_only_what_changed_is_written_again(begin: Open) -> None:
    windows = opened(begin, message(at=0), message(at=60))
    assert starts(windows.changed()) == [instant(0), instant(60)]
    windows.add([message(at=61)])
    assert all_rows(windows.changed()) == [row(60, 2, 1, 4, closed=False)]
    assert windows.changed() == []


def test_a_restored_window_goes_on_where_it_was(begin: Open) -> None:
    windows = begin(MINUTE, None)
    windows.restore(WindowState(instant(0), "message", 1, "", 3, 10, ("ann", "cid")))
    windows.add([message("ann", at=5), message("bob", at=6)])
    assert all_rows(windows.close(instant(60))) == [row(0, 5, 3, 14)]


def test_bytes_are_those_of_the_text_in_utf_8_and_of_the_file() -> None:
    assert weight(message(text="abc")) == 3
    assert weight(message(text="早上")) == 6
    assert weight(message(text="\U0001f600", file_size=100)) == 104


def test_bytes_of_messages_and_their_files_add_up(begin: Open) -> None:
    windows = opened(
        begin, message(text="早上"), message(text="", file_size=100), message(text="a")
    )
    assert all_rows(windows.changed()) == [row(0, 3, 1, 107, closed=False)]


def test_messages_below_the_mark_are_not_counted_again(begin: Open) -> None:
    windows = begin(MINUTE, None)
    windows.add([message(offset=3), message(offset=4), message(offset=5)], 4)
    assert all_rows(windows.changed()) == [row(0, 2, 1, 4, closed=False)]


def test_windows_are_aligned_to_1970(begin: Open) -> None:
    windows = opened(begin, message(at=-instant(0) / 1000 + 1))
    (found,) = all_rows(windows.close(instant(0)))
    assert (found.window_start, found.window_end) == (0, MINUTE)
