"""When the flow is alive, when it is ready, and where it says that it stands: by plain calls."""

from dataflows.health import Health
from dataflows.standing import FlowStanding
from schemas.events import Progress, TopicPartition
from tests.builders import CHAT, USERS, instant

Ends = dict[TopicPartition, int | None]


class Place:
    """A flow's standing on clocks that a test moves; `seconds` from `START`."""

    def __init__(self, *, stuck_after: float = 120) -> None:
        self.seconds = 0.0
        self.stopping = False
        self.ends: Ends = {CHAT: 5}
        self.standing = FlowStanding(
            lambda: 1000 + self.seconds, lambda: instant(self.seconds) / 1000
        )
        self.health = Health(self.standing, stuck_after, lambda: self.stopping)
        self.health.ends = lambda: self.ends

    @property
    def ready(self) -> list[str]:
        return self.health.troubles_of_work()

    @property
    def alive(self) -> list[str]:
        return self.health.troubles_of_life()


def running(*, stuck_after: float = 120) -> Place:
    place = Place(stuck_after=stuck_after)
    place.standing.beat()
    return place


def test_a_flow_that_starts_lives_and_is_not_ready() -> None:
    place = Place()
    place.seconds = 500
    assert (place.alive, place.ready) == ([], ["starting"])


def test_a_flow_that_reads_is_ready() -> None:
    place = running()
    assert (place.alive, place.ready) == ([], [])


def test_a_flow_that_looks_at_no_partition_any_more_is_stuck() -> None:
    place = running(stuck_after=10)
    place.seconds = 10
    assert place.alive == []
    place.seconds = 11
    assert place.alive == place.ready == ["stuck: no look at a partition for 11 s"]


def test_a_flow_that_waits_for_a_long_commit_is_alive() -> None:
    place = running(stuck_after=10)
    place.standing.commit_began()
    place.seconds = 60
    assert (place.alive, place.ready) == ([], ["database: a commit has lasted for 60 s"])


def test_a_wait_for_the_database_before_anything_is_read_is_still_a_start() -> None:
    place = Place(stuck_after=10)
    place.standing.waits()
    place.seconds = 60
    assert (place.alive, place.ready) == ([], ["starting"])


def test_a_flow_that_drains_is_alive_and_not_ready() -> None:
    place = running(stuck_after=10)
    place.seconds, place.stopping = 60, True
    assert (place.alive, place.ready) == ([], ["draining"])


def test_brokers_that_say_nothing_make_a_flow_unready_and_no_less_alive() -> None:
    place = running()
    place.ends = {CHAT: None, USERS: 3}
    assert place.alive == []
    assert place.ready == ["brokers: nobody says where chat-messages [0] ends"]


def test_many_silent_partitions_are_counted() -> None:
    place = running()
    place.ends = {TopicPartition("chat", number): None for number in range(9)}
    assert place.ready[0].endswith("chat [2] and 6 more ends")


def test_waiting_for_a_locked_database_is_a_sign_of_life() -> None:
    place = running(stuck_after=10)
    for second in range(40):
        place.seconds = second
        place.standing.waits()
    assert place.alive == []
    assert place.ready == ["database: held by another program for 39 s"]
    place.standing.committed()
    assert place.ready == []


def test_a_wait_that_is_over_is_forgotten_also_when_no_commit_follows() -> None:
    place = running()
    place.standing.waits()
    place.seconds = 60
    place.standing.beat()
    place.standing.waits()
    assert (place.standing.waiting_for, place.ready) == (0, [])


def test_a_commit_that_hangs_makes_a_flow_unready() -> None:
    place = running()
    place.standing.commit_began()
    place.seconds = 31
    place.standing.beat()
    assert place.ready == ["database: a commit has lasted for 31 s"]
    place.standing.committed()
    assert (place.ready, place.standing.committed_at) == ([], instant(31) / 1000)


def test_what_came_after_a_commit_began_is_not_durable_with_it() -> None:
    place = running()
    place.standing.progress(Progress(CHAT, 3, None))
    place.standing.progress(Progress(CHAT, 7, instant(0)))
    place.standing.commit_began()
    place.standing.progress(Progress(CHAT, 9, instant(1)))
    assert place.standing.durable == {CHAT: 3}
    place.standing.committed()
    assert place.standing.durable == {CHAT: 7}


def test_a_partition_is_as_late_as_its_newest_event_and_never_while_it_is_idle() -> None:
    place = running()
    place.seconds = 60
    place.standing.progress(Progress(CHAT, 1, instant(50)))
    place.standing.progress(Progress(USERS, 1, instant(20)))
    assert place.standing.partition_delays() == {CHAT: 10, USERS: 40}
    assert place.standing.watermark_delay == 40
    place.standing.progress(Progress(USERS, 1, instant(20), idle_for=2000))
    assert place.standing.partition_delays() == {CHAT: 10, USERS: 0}
    assert place.standing.watermark_delay == 10


def test_a_quiet_chat_stays_behind_by_what_an_outage_lasted_though_no_partition_is() -> None:
    place = running()
    place.seconds = 7200
    place.standing.progress(Progress(CHAT, 1, instant(0), idle_for=0))
    place.seconds = 7260
    place.standing.progress(Progress(CHAT, 1, instant(0), idle_for=60_000))
    assert place.standing.watermark_delay == 7200
    assert place.standing.partition_delays() == {CHAT: 0}


def test_an_event_from_the_future_is_no_delay_below_zero() -> None:
    place = running()
    place.standing.progress(Progress(CHAT, 1, instant(30)))
    assert place.standing.watermark_delay == 0
