"""Two or three processes and what they tell each other; no engine."""

import math
from collections.abc import Sequence

import pytest

from dataflows.alignment import Alignment
from dataflows.pace import Pace
from dataflows.peers import MAX_AHEAD, Peers, Word
from dataflows.pulse import PulseSource, Rest
from dataflows.roll_call import Present
from dataflows.workers import Workers
from schemas.events import Record
from tests.builders import CHAT, USERS, message
from tests.wire import records

_SKEW = 10_000
_ADDRESSES = ("a:1", "b:2", "c:3")


class Process:
    """One of them: what it has read, and what it was told."""

    def __init__(self, number: int, processes: int = 2) -> None:
        self.finished = False
        self.stopping = False
        self.alignment = Alignment(_SKEW, now=lambda: 2e9)
        self.workers = Workers(number, _ADDRESSES[:processes])
        self.peers = Peers(
            self.workers,
            self.alignment,
            Pace(lambda seconds: None),
            has_finished=lambda: self.finished,
            stops=lambda: self.stopping,
            stop=self.stop,
        )

    def stop(self) -> None:
        self.stopping = True

    def tell(self, *others: "Process") -> None:
        for word in self.peers.words():
            for other in others:
                if other.workers.process == word.to:
                    other.peers.hear([word])


def log(*times: float) -> Sequence[Record]:
    return records([message("ann", "bob", at) for at in times])


def test_nothing_is_read_before_the_others_have_said_where_they_are() -> None:
    one, two = Process(0), Process(1)
    one.alignment.expect(CHAT)

    assert one.alignment.admit(CHAT, log(1)) == 0
    two.tell(one)
    assert one.alignment.admit(CHAT, log(1)) == 1


def test_no_partition_runs_ahead_of_one_that_another_process_reads() -> None:
    one, two = Process(0), Process(1)
    two.alignment.expect(USERS)
    two.tell(one)
    assert one.alignment.admit(CHAT, log(5, 24, 40)) == 0

    assert two.alignment.admit(USERS, log(4)) == 0
    one.tell(two)
    assert two.alignment.admit(USERS, log(4)) == 1
    two.tell(one)
    assert one.alignment.admit(CHAT, log(5, 14, 30)) == 2

    two.alignment.release(USERS)
    two.tell(one)
    assert one.alignment.admit(CHAT, log(30)) == 1


def test_it_is_told_only_of_steps_that_are_worth_it() -> None:
    one, two = Process(0), Process(1)
    two.tell(one)
    one.alignment.admit(CHAT, log(1))
    first = one.peers.words()

    one.alignment.admit(CHAT, log(5))
    assert one.peers.words() == first
    one.alignment.admit(CHAT, log(7))
    assert one.peers.words() != first


def test_who_sends_faster_than_the_first_process_takes_waits_for_it() -> None:
    first, other = Process(0), Process(1)
    first.tell(other)

    other.peers.sent(MAX_AHEAD + 1)
    assert other.alignment.admit(CHAT, log(1)) == 0

    first.peers.took(1, MAX_AHEAD // 2)
    first.tell(other)
    assert other.alignment.admit(CHAT, log(1)) == 1


def test_the_first_process_waits_for_nobody_to_take_what_it_reads() -> None:
    first, other = Process(0), Process(1)
    other.tell(first)

    first.peers.sent(MAX_AHEAD + 1)

    assert first.alignment.admit(CHAT, log(1)) == 1


def test_when_one_is_told_to_stop_all_stop() -> None:
    one, two, three = (Process(number, 3) for number in range(3))

    three.stop()
    three.tell(one, two)

    assert (one.stopping, two.stopping) == (True, True)
    for each in (one, two, three):
        each.peers.words()
        assert each.peers.have_ended


def test_they_end_when_all_have_read_everything() -> None:
    one, two, three = (Process(number, 3) for number in range(3))
    one.finished = two.finished = True
    one.tell(two, three)
    two.tell(one, three)
    assert [each.peers.have_ended for each in (one, two, three)] == [False] * 3

    three.finished = True
    three.tell(one, two)
    one.tell()
    two.tell()

    assert [each.peers.have_ended for each in (one, two, three)] == [True] * 3


def test_a_pulse_says_who_is_there_first_and_its_last_word_before_it_ends() -> None:
    one = Process(0)
    pulse = PulseSource(one.workers, one.peers, "start").build_part("pulse", "000000", None)

    assert pulse.next_batch() == [Present(0, "start")]
    assert pulse.next_batch() == [Word(0, 1, math.inf, 0, has_finished=False, stops=False)]
    assert pulse.next_batch() == ()
    one.stop()
    assert pulse.next_batch() == [Word(0, 1, math.inf, 0, has_finished=False, stops=True)]
    with pytest.raises(StopIteration):
        pulse.next_batch()


def test_a_process_sleeps_where_the_engine_asks_for_nothing_to_read() -> None:
    slept: list[float] = []
    one = Process(0)
    rest = Rest(one.peers, slept.append)

    one.peers.looks += 1
    rest.on_notify()
    assert not slept
    rest.on_notify()
    assert len(slept) == 1
    one.peers.looks += 1
    rest.on_notify()
    assert len(slept) == 1
