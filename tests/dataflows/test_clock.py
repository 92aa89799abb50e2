"""A wall clock that is set while the flow runs."""

import pytest

from dataflows.clock import WallClock


def watched(*readings: float) -> tuple[WallClock, list[bool]]:
    """A clock that shows these, and whether it had gone back when asked at each but the first."""
    times = iter(readings)
    clock = WallClock(lambda: next(times))
    return clock, [clock.went_back() for _ in readings[1:]]


def test_a_step_back_by_an_hour_ends_the_flow_with_how_far_it_was() -> None:
    clock, answers = watched(5000, 5001, 1401, 1402)
    assert answers == [False, True, True]
    assert "went back by 3600 s" in str(clock.refuse())


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param((0, 10, 9, 20, 19, 30, 29, 40, 39, 50, 49, 60, 59), id="small-steps-back"),
        pytest.param((0, 3600, 3601, 3598), id="an-hour-ahead"),
    ],
)
def test_what_an_epoch_can_bear_is_borne(readings: tuple[float, ...]) -> None:
    clock, answers = watched(*readings)
    assert not any(answers)
    assert clock.refuse() is None


def test_a_clock_that_goes_back_after_the_last_look_is_no_failure() -> None:
    times = iter([5000.0, 5001.0, 0.0])
    clock = WallClock(lambda: next(times))
    assert not clock.went_back()
    assert clock.refuse() is None
