from collections.abc import Sequence

from dataflows.windows import WindowRow, Windows, weight
from schemas.events import ChatMessage
from sinks.epoch import WindowKey
from sinks.memory import WindowState
from tests.builders import instant, message

MINUTE = 60_000


def opened(*found: ChatMessage, closed_until: int | None = None) -> Windows:
    windows = Windows(MINUTE, closed_until)
    assert not windows.add(found)
    return windows


def row(start: float, messages: int, senders: int, size: int, *, closed: bool = True) -> WindowRow:
    kind = ("message", 1, "")
    return WindowRow(instant(start), instant(start + 60), *kind, messages, senders, size, closed, 0)


def starts(rows: Sequence[WindowRow]) -> list[int]:
    return [found.window_start for found in rows]


def test_a_window_holds_its_beginning_and_not_its_end() -> None:
    windows = opened(message("ann", at=0), message("ann", at=59), message("ann", at=60))
    assert windows.close(instant(60)) == [row(0, 2, 1, 4)]


def test_a_window_closes_when_its_end_is_reached() -> None:
    windows = opened(message(at=0))
    assert windows.close(instant(60) - 1) == []
    assert windows.close(instant(60)) == [row(0, 1, 1, 2)]
    assert windows.close(instant(600)) == []


def test_windows_close_oldest_first() -> None:
    windows = opened(message(at=120), message(at=0), message(at=60))
    assert starts(windows.close(instant(180))) == [instant(0), instant(60), instant(120)]


def test_senders_are_counted_once_and_unknown_ones_not() -> None:
    windows = opened(message("ann"), message("bob"), message("ann"), message(None))
    (found,) = windows.close(instant(60))
    assert (found.messages, found.senders) == (4, 2)


def test_each_kind_has_a_row_of_its_own() -> None:
    found = [message(), message(content_type=2), message(group="team"), message(group="crew")]
    rows = opened(*found).close(instant(60))
    assert sorted(found[2:5] for found in rows) == [
        ("group_message", 1, "crew"),
        ("group_message", 1, "team"),
        ("message", 1, ""),
        ("message", 2, ""),
    ]


def test_a_message_for_a_closed_window_is_late_and_not_counted_here() -> None:
    windows = opened(message(at=0))
    windows.close(instant(60))
    assert windows.add([message(at=3)]) == {WindowKey(instant(0), instant(60), "message", 1, "")}
    assert windows.close(instant(600)) == []


def test_windows_closed_by_an_earlier_execution_stay_closed() -> None:
    windows = Windows(MINUTE, instant(60))
    assert windows.add([message(at=59)])
    assert not windows.add([message(at=60)])


def test_only_what_changed_is_written_again() -> None:
    windows = opened(message(at=0), message(at=60))
    assert starts(list(windows.changed())) == [instant(0), instant(60)]
    windows.add([message(at=61)])
    assert list(windows.changed()) == [row(60, 2, 1, 4, closed=False)]
    assert list(windows.changed()) == []


def test_a_restored_window_goes_on_where_it_was() -> None:
    windows = Windows(MINUTE, None)
    windows.restore(WindowState(instant(0), "message", 1, "", 3, 10, ("ann", "cid")))
    windows.add([message("ann", at=5), message("bob", at=6)])
    assert windows.close(instant(60)) == [row(0, 5, 3, 14)]


def test_bytes_are_those_of_the_text_in_utf_8_and_of_the_file() -> None:
    assert weight(message(text="abc")) == 3
    assert weight(message(text="早上")) == 6
    assert weight(message(text="\U0001f600", file_size=100)) == 104


def test_windows_are_aligned_to_1970() -> None:
    (found,) = opened(message(at=-instant(0) / 1000 + 1)).close(instant(0))
    assert (found.window_start, found.window_end) == (0, MINUTE)
