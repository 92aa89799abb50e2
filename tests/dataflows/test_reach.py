"""What is known of partitions, by when brokers answered."""

import time
from collections.abc import Sequence

import pytest

from dataflows.broker import NO_ANSWER, NO_TOPIC, Seen, TopicFacts
from dataflows.identity import GONE_AFTER, Identity, TopicError
from dataflows.reach import Reach, Standing
from schemas.events import TopicPartition
from tests.builders import CHAT, USERS

FACTS = {"chat-messages": TopicFacts("an id", 3)}


class Script:
    """Brokers that say what a test wants, at the time it wants."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reach = Reach(self, Identity(FACTS), lambda: self.now)
        self._seen = NO_ANSWER

    def look(self, sources: Sequence[TopicPartition], patience: float) -> Seen:
        return self._seen

    def ask(self, at: float, ends: dict[TopicPartition, int]) -> Standing:
        """Ask at this time, be told these ends, and see what is known of one partition."""
        self.now, self._seen = at, Seen(ends, {})
        self.reach.ask([CHAT, USERS])
        return self.reach.standing(CHAT)


def test_only_time_between_two_answers_counts() -> None:
    script = Script()
    assert script.ask(5, {CHAT: 7}) == Standing(7, 0, 0)
    assert script.ask(6, {CHAT: 7}) == Standing(7, 1, 0)
    assert script.ask(7, {}) == Standing(None, 1, 1)
    assert script.ask(8, {CHAT: 7}) == Standing(7, 1, 1)
    assert script.ask(9, {CHAT: 8}) == Standing(8, 2, 1)


def test_a_partition_without_a_leader_is_silent_while_others_answer() -> None:
    script = Script()
    script.ask(5, {CHAT: 7, USERS: 1})
    assert script.ask(6, {USERS: 1}).end is None
    assert script.reach.standing(USERS) == Standing(1, 1, 0)


def test_time_in_which_nobody_asked_does_not_count() -> None:
    script = Script()
    script.ask(5, {CHAT: 7})
    assert script.ask(3600, {CHAT: 7}) == Standing(7, 0, 0)


def test_silence_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    script = Script()
    script.ask(5, {CHAT: 7, USERS: 1})
    for at in (6, 7, 8):
        script.ask(at, {})
    assert len(caplog.records) == 1


def test_a_topic_that_is_denied_for_a_moment_is_not_gone() -> None:
    identity = Identity(FACTS)
    for now in (0, GONE_AFTER - 1):
        identity.check({"chat-messages": NO_TOPIC}, now)
    identity.check(FACTS, GONE_AFTER)
    identity.check({"chat-messages": NO_TOPIC}, GONE_AFTER + 1)


def test_a_topic_that_stays_denied_was_deleted() -> None:
    identity = Identity(FACTS)
    identity.check({"chat-messages": NO_TOPIC}, 0)
    with pytest.raises(TopicError, match="chat-messages was deleted while it was read"):
        identity.check({"chat-messages": NO_TOPIC}, GONE_AFTER)


def test_a_topic_with_another_id_is_another_topic() -> None:
    with pytest.raises(TopicError, match="deleted and created again"):
        Identity(FACTS).check({"chat-messages": TopicFacts("another id", 3)}, 0)


def test_new_partitions_are_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    identity = Identity(FACTS)
    for now in range(3):
        identity.check({"chat-messages": TopicFacts("an id", 5)}, now)
    assert len(caplog.records) == 1


def test_a_topic_denied_before_and_after_a_silence_is_not_gone() -> None:
    identity = Identity(FACTS)
    identity.check({"chat-messages": NO_TOPIC}, 0.0)
    identity.check({}, 5.0)
    identity.check({"chat-messages": NO_TOPIC}, 2 * GONE_AFTER)


def test_a_partition_is_asked_about_until_all_who_watch_it_have_forgotten_it() -> None:
    reach = Reach(Script(), Identity(FACTS))
    reach.watch(CHAT)
    reach.watch(CHAT, USERS)
    reach.forget(CHAT, USERS)
    assert reach.ends().keys() == {CHAT}
    reach.forget(CHAT)
    assert reach.ends() == {}


def test_what_nobody_expected_ends_the_asking_and_is_kept() -> None:
    class Broken:
        def look(self, sources: Sequence[TopicPartition], patience: float) -> Seen:
            raise RuntimeError("a client that is broken")

    reach = Reach(Broken(), Identity(FACTS))
    reach.watch(CHAT)
    deadline = time.monotonic() + 30
    while reach.failure is None and time.monotonic() < deadline:
        time.sleep(0.01)
    reach.forget(CHAT)
    assert isinstance(reach.failure, RuntimeError)
