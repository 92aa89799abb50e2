import pytest

from dataflows.watermark import Watermark
from schemas.events import Progress, TopicPartition
from tests.builders import CHAT, GROUPS, USERS


def progress(
    source: TopicPartition,
    event_time: int | None,
    idle_for: int | None = None,
    *,
    ended: bool = False,
) -> Progress:
    return Progress(source, 0, event_time, idle_for, ended)


def after(*found: Progress) -> int | None:
    watermark = Watermark()
    for each in found:
        watermark.update(each)
    return watermark.value


def test_it_is_unknown_before_anything_came() -> None:
    assert Watermark().value is None


def test_it_is_that_of_the_slowest_partition() -> None:
    assert after(progress(CHAT, 50), progress(USERS, 30), progress(GROUPS, 40)) == 30


def test_an_announced_partition_without_events_holds_it_back() -> None:
    assert after(progress(CHAT, 50), progress(USERS, None)) is None


@pytest.mark.parametrize(
    "quiet",
    [progress(USERS, 30, 0), progress(USERS, None, 7), progress(USERS, 30, ended=True)],
    ids=["idle", "idle-without-events", "ended"],
)
def test_a_partition_with_nothing_to_read_does_not_hold_it_back(quiet: Progress) -> None:
    assert after(progress(CHAT, 50), quiet) == 50


def test_an_idle_partition_that_reads_again_holds_it_back_again() -> None:
    assert after(progress(CHAT, 50), progress(USERS, 30, 9), progress(USERS, 55)) == 50


def test_it_never_goes_back() -> None:
    watermark = Watermark()
    watermark.update(progress(CHAT, 50))
    assert watermark.value == 50
    watermark.update(progress(USERS, 30))
    assert watermark.value == 50
    watermark.update(progress(USERS, None))
    assert watermark.value == 50


def test_while_all_are_idle_it_goes_on_with_the_time_that_passes() -> None:
    found = [progress(CHAT, 50, 1000), progress(USERS, 30, 700)]
    assert after(*found) == 750


def test_it_does_not_go_on_before_the_first_event() -> None:
    assert after(progress(CHAT, None, 1000), progress(USERS, None, 1000)) is None


def test_after_a_bounded_read_it_is_the_newest_event_time() -> None:
    found = [progress(CHAT, 50, ended=True), progress(USERS, 30, ended=True)]
    assert after(*found) == 50


def test_a_read_is_complete_when_every_partition_has_ended() -> None:
    watermark = Watermark()
    assert not watermark.complete
    watermark.update(progress(CHAT, 50, ended=True))
    watermark.update(progress(USERS, 30))
    assert not watermark.complete
    watermark.update(progress(USERS, 30, ended=True))
    assert watermark.complete


def test_a_partition_of_another_process_holds_it_back_before_it_announces_itself() -> None:
    watermark = Watermark([CHAT, USERS])
    watermark.update(progress(CHAT, 50))
    assert watermark.value is None
    watermark.update(progress(CHAT, 50, ended=True))
    assert not watermark.complete

    watermark.update(progress(USERS, 30))
    assert watermark.value == 30
