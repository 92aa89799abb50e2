"""When readers rest."""

from dataflows.pace import Pace


def test_readers_rest_only_after_a_round_in_which_all_looked_in_vain() -> None:
    rests: list[float] = []
    pace = Pace(rests.append)
    for _ in range(3):
        pace.join()
    for look in (pace.nothing, pace.nothing, pace.found, pace.nothing, pace.nothing):
        look()
    assert not rests
    pace.nothing()
    assert len(rests) == 1


def test_a_reader_that_has_finished_is_not_waited_for() -> None:
    rests: list[float] = []
    pace = Pace(rests.append)
    pace.join()
    pace.join()
    pace.leave()
    pace.nothing()
    assert len(rests) == 1
