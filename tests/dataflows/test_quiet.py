"""How long a partition has been quiet, by what brokers said of it."""

from dataflows.quiet import Quiet
from dataflows.reach import Standing


def quiet_after(*, patience: float = 2.0, read_at: float = 0.0) -> Quiet:
    quiet = Quiet(patience)
    quiet.end(Standing(5, read_at))
    return quiet


def test_a_partition_read_to_its_end_is_idle_after_its_patience() -> None:
    quiet = quiet_after(read_at=10)
    assert quiet.idle_for(Standing(5, 11.5), 5, at_end=True) is None
    assert quiet.idle_for(Standing(5, 15.5), 5, at_end=True) == 3500


def test_a_partition_of_which_nobody_says_where_it_ends_is_not_idle() -> None:
    assert quiet_after().idle_for(Standing(None, 100), 5, at_end=True) is None


def test_a_partition_with_more_than_its_reader_knows_is_not_idle() -> None:
    quiet = quiet_after()
    assert quiet.idle_for(Standing(5, 1000), 5, at_end=True) is not None
    assert quiet.idle_for(Standing(6, 1001), 5, at_end=True) is None


def test_a_partition_that_yields_nothing_of_what_it_has_is_idle_after_a_minute() -> None:
    quiet = quiet_after()
    assert quiet.idle_for(Standing(6, 59), 5, at_end=False) is None
    assert quiet.idle_for(Standing(6, 61), 5, at_end=False) == 1000


def test_after_an_outage_patience_begins_anew_and_quiet_time_goes_on() -> None:
    quiet = quiet_after()
    assert quiet.idle_for(Standing(5, 31, since=30), 5, at_end=True) is None
    assert quiet.idle_for(Standing(5, 32, since=30), 5, at_end=True) == 30_000
