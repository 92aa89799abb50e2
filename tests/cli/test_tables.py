import io

import pytest
from rich.console import Console

from cli.figures import COUNTED, ClosedWindow, Figures
from cli.live_view import line
from cli.tables import Stage, picture
from cli.watch import Frame

REASONS = ("sender", "signalling", "online", "muted", "no_device", "stale")
BUSY = Figures(
    rows=dict.fromkeys(COUNTED, 1_234_567),
    online=155,
    decisions=[("sent", "offline", 412), *(("suppressed", reason, 16) for reason in REASONS)],
    dead_letters=[(f"invalid_{number}", 1_000_000) for number in range(7)],
    window=ClosedWindow(0, 10_000, 30, [(f"group-{n}".ljust(36, "x"), 9 - n) for n in range(3)]),
)
FRAME = Frame(
    elapsed=3_725.0,
    finishing=False,
    records=9_999_999,
    record_rate=200.4,
    row_rate=310.6,
    lag=212,
    unsettled=600,
    figures=BUSY,
)
STAGE = Stage(users=500, seconds=7_200.0, broker="127.0.0.1:65535", database="var/demo/chat.duckdb")


def drawn(frame: Frame, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, legacy_windows=False)
    with console.capture() as capture:
        console.print(picture(frame, STAGE, width))
    return capture.get().splitlines()


def test_ordinary_terminal_holds_everything_at_its_fullest() -> None:
    lines = drawn(FRAME, 80)
    assert len(lines) <= 24
    assert "…" not in "\n".join(lines)


@pytest.mark.parametrize("width", [30, 46, 71, 72, 200])
def test_picture_is_as_wide_as_the_terminal(width: int) -> None:
    assert max(len(line) for line in drawn(FRAME, width)) == width


def test_figures_stand_beside_their_names() -> None:
    text = "\n".join(drawn(FRAME, 80))
    for words in ("1:02:05 of 2:00:00", "155 of 500", "not stored yet              212"):
        assert words in text
    assert "sent: offline" in text


def test_start_has_no_figures_and_no_window_yet() -> None:
    text = "\n".join(drawn(Frame(0.0, False, 0, 0.0, 0.0, 0, 0, Figures()), 80))
    assert text.count("none so far") == 2
    assert "the first window has not closed yet" in text


def test_line_has_the_same_figures() -> None:
    assert line(FRAME) == (
        "1:02:05  9,999,999 events in (200/s)  1,234,567 messages stored  155 online"
        "  412 pushes sent, 96 suppressed  1,234,567 dead letters  lag 212"
    )
